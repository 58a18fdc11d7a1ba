/**
 * 1,000 small files and one of 2 GiB through the three-step example, then the same with all that may go wrong:
 * `node bench/endurance.ts [--files N] [--mib N] [--seed N] [--only calm|mishaps]`.
 */
import { parseArgs } from "node:util";
import { type Endured, endure } from "./endurance/endure.ts";
import { heading, line, round, sum } from "./support/figures.ts";

const { values } = parseArgs({
  options: {
    files: { type: "string", default: "1000" },
    mib: { type: "string", default: "2048" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    only: { type: "string" },
  },
});
const [files, mib, seed] = [Number(values.files), Number(values.mib), Number(values.seed)];
const STEPS = 3;

for (const mishaps of [false, true]) {
  if (values.only !== undefined && (values.only === "mishaps") !== mishaps) continue;
  const what = `${files} small files and one of ${mib} MiB in three steps`;
  heading(`endurance: ${what}${mishaps ? `, with mishaps of seed ${seed}` : ""}`);
  const began = performance.now();
  const say = (text: string) => process.stderr.write(`${text}\n`);
  report(await endure({ files, bigBytes: mib * 1024 ** 2, seed, mishaps, say }));
  line("in all, dead letters brought back included", `${round((performance.now() - began) / 1_000, 0)} s`);
}

function report({ smallSeconds, bigSeconds, peaks, calls, struck }: Endured): void {
  line("from the first upload to the last small result", `${round(smallSeconds, 0)} s`);
  line("small files through one step, each second", round((files * STEPS) / smallSeconds));
  line("from the upload of the large file to its result", `${round(bigSeconds, 0)} s`);
  for (const [kind, mebibytes] of Object.entries(peaks))
    line(`the most memory of a ${kind}`, `${round(mebibytes, 0)} MiB`);
  line("AWS calls for each file and step", round(sum(Object.values(calls)) / (files * STEPS)));
  for (const [kind, count] of Object.entries(struck)) line(`  ${kind}`, String(count));
}
