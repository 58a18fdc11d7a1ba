// The mean of each gauge and day: daily-means.mjs INPUT OUTPUT
// Input: CSV with the columns time,gauge,level_cm, of any length. Output: day,gauge,mean_cm. Exit code 65: the file is no
// such table.
import { createReadStream, writeFileSync } from "node:fs";

const HEADER = "time,gauge,level_cm";
const NOT_A_TABLE = 65;

const [input, output] = process.argv.slice(2);
const days = new Map();
let readings = 0;
for await (const rows of rowsOf(input)) {
  readings += rows.length;
  for (const row of rows) add(row);
}
const means = [...days].sort().map(([day, { sum, count }]) => `${day},${(sum / count).toFixed(1)}`);
writeFileSync(output, `${["day,gauge,mean_cm", ...means].join("\n")}\n`);
console.log(`${readings} readings made ${means.length} means`);

function add(row) {
  const [time, gauge, level] = row.split(",");
  const name = `${time.slice(0, 10)},${gauge}`;
  const day = days.get(name) ?? { sum: 0, count: 0 };
  day.sum += Number(level);
  day.count += 1;
  days.set(name, day);
}

/** Below the header, many at a time. */
async function* rowsOf(path) {
  const lines = linesOf(path);
  const { value: [header = "", ...rows] = [] } = await lines.next();
  if (header !== HEADER) {
    console.error(`the columns are not ${HEADER}`);
    process.exit(NOT_A_TABLE);
  }
  yield rows;
  yield* lines;
}

/** Those that are not empty. A table may be larger than memory: only a piece of it is held. */
async function* linesOf(path) {
  let rest = "";
  for await (const text of createReadStream(path, { encoding: "utf8", highWaterMark: 2 ** 18 })) {
    const lines = (rest + text).split(/\r?\n/);
    rest = lines.pop();
    if (lines.length > 0) yield lines.filter((line) => line !== "");
  }
  yield rest === "" ? [] : [rest];
}
