// Keeps the readings that can be true: drop-bad-readings.mjs INPUT OUTPUT
// Input and output: CSV with the columns time,gauge,level_cm. Exit code 65: the file is no such table.
import { readFileSync, writeFileSync } from "node:fs";

const HEADER = "time,gauge,level_cm";
const NOT_A_TABLE = 65;

const [input, output] = process.argv.slice(2);
const highest = Number(process.env.HIGHEST_CM);
const [header = "", ...rows] = readFileSync(input, "utf8").trimEnd().split(/\r?\n/);
if (header !== HEADER) {
  console.error(`the first line is ${JSON.stringify(header.slice(0, 80))}, and should be ${HEADER}`);
  process.exit(NOT_A_TABLE);
}

const good = rows.filter(isGood);
writeFileSync(output, `${[HEADER, ...good].join("\n")}\n`);
console.log(`${rows.length - good.length} of ${rows.length} readings dropped`);

function isGood(row) {
  const [time, gauge, level = ""] = row.split(",");
  const cm = Number(level);
  return !Number.isNaN(Date.parse(time)) && gauge !== "" && level.trim() !== "" && cm >= 0 && cm <= highest;
}
