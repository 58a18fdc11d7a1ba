// Keeps the readings that can be true: drop-bad-readings.mjs INPUT OUTPUT
// Input and output: CSV with the columns time,gauge,level_cm, of any length. Exit code 65: the file is no such table.
import { createReadStream, createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";

const HEADER = "time,gauge,level_cm";
const NOT_A_TABLE = 65;

const [input, output] = process.argv.slice(2);
const highest = Number(process.env.HIGHEST_CM);
let [kept, all] = [0, 0];
await pipeline(goodRows, createWriteStream(output));
console.log(`${all - kept} of ${all} readings dropped`);

async function* goodRows() {
  yield `${HEADER}\n`;
  for await (const rows of rowsOf(input)) {
    const good = rows.filter(isGood);
    all += rows.length;
    kept += good.length;
    yield good.map((row) => `${row}\n`).join("");
  }
}

function isGood(row) {
  const [time, gauge, level = ""] = row.split(",");
  const cm = Number(level);
  return !Number.isNaN(Date.parse(time)) && gauge !== "" && level.trim() !== "" && cm >= 0 && cm <= highest;
}

/** Below the header, many at a time. */
async function* rowsOf(path) {
  const lines = linesOf(path);
  const { value: [header = "", ...rows] = [] } = await lines.next();
  if (header !== HEADER) {
    console.error(`the first line is ${JSON.stringify(header.slice(0, 80))}, and should be ${HEADER}`);
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
