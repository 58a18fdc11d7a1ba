// The mean of each gauge and day: daily-means.mjs INPUT OUTPUT
// Input: CSV with the columns time,gauge,level_cm. Output: day,gauge,mean_cm. Exit code 65: the file is no such table.
import { readFileSync, writeFileSync } from "node:fs";

const NOT_A_TABLE = 65;

const [input, output] = process.argv.slice(2);
const [header, ...rows] = readFileSync(input, "utf8").trimEnd().split(/\r?\n/);
if (header !== "time,gauge,level_cm") {
  console.error("the columns are not time,gauge,level_cm");
  process.exit(NOT_A_TABLE);
}

const levels = new Map();
for (const row of rows) {
  const [time, gauge, level] = row.split(",");
  const day = `${time.slice(0, 10)},${gauge}`;
  levels.set(day, [...(levels.get(day) ?? []), Number(level)]);
}
const means = [...levels].sort().map(([day, all]) => `${day},${mean(all).toFixed(1)}`);
writeFileSync(output, `${["day,gauge,mean_cm", ...means].join("\n")}\n`);
console.log(`${rows.length} readings made ${means.length} means`);

function mean(numbers) {
  return numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
}
