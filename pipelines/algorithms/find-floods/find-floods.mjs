// The days on which a gauge stood at flood level: find-floods.mjs INPUT OUTPUT
// Input and output: CSV with the columns day,gauge,mean_cm. Exit code 65: the file is no such table.
import { readFileSync, writeFileSync } from "node:fs";

const HEADER = "day,gauge,mean_cm";
const NOT_A_TABLE = 65;

const [input, output] = process.argv.slice(2);
const flood = Number(process.env.FLOOD_CM);
const [header, ...rows] = readFileSync(input, "utf8").trimEnd().split(/\r?\n/);
if (header !== HEADER) {
  console.error(`the columns are not ${HEADER}`);
  process.exit(NOT_A_TABLE);
}

const floods = rows.filter((row) => Number(row.split(",")[2]) >= flood);
writeFileSync(output, `${[HEADER, ...floods].join("\n")}\n`);
console.log(`${floods.length} of ${rows.length} days were floods`);
