/**
 * A million uploads under the published quotas: the product on the local cloud by a clock that stands, and beside it the
 * obvious design. Prints the table of docs/capacity.md. `node bench/uploads.ts [FILES] [HOURS]`; @default 1000000 1
 */
import { heading } from "./support/figures.ts";
import { type Figures, uploadToObviousDesign, uploadToProduct } from "./support/simulation/uploads.ts";

const [files = 1_000_000, hours = 1] = process.argv.slice(2).map(Number);
const uploads = { files, overMs: hours * 3_600_000 };

// What is refused is told in every run of the scaler, and every end of an instance: a million uploads make many of them.
console.warn = console.info = () => {};
const whole = (number: number): string => Math.round(number).toLocaleString("en");
const total = ({ calls }: Figures, of: "calls" | "throttled") =>
  [...calls.values()].reduce((sum, one) => sum + one[of], 0);

heading(`uploads: ${whole(files)} files over ${hours} h`);
const columns: [string, Figures][] = [
  ["Pipewright", await timed("Pipewright", () => uploadToProduct(uploads))],
  ["obvious, three tries", await timed("obvious, three tries", () => uploadToObviousDesign(uploads, "sdk"))],
  ["obvious, tries for ever", await timed("obvious, tries for ever", () => uploadToObviousDesign(uploads, "patient"))],
];
row("", ([name]) => name);
row("---", () => "--:");
row("files without a result", ([, { done }]) => whole(files - done));
row("first upload to last result", ([, { drainedMs }]) => `${(drainedMs / 3_600_000).toFixed(2)} h`);
row("instances launched", ([, { launched }]) => whole(launched));
row("instance-hours", ([, { instanceHours }]) => whole(instanceHours));
row("functions invoked", ([, { invocations }]) => whole(invocations));
row("AWS calls", ([, figures]) => whole(total(figures, "calls")));
row("of them throttled", ([, figures]) => whole(total(figures, "throttled")));
row("calls a file with a result", ([, figures]) => (total(figures, "calls") / figures.done).toFixed(1));
const names = [...new Set(columns.flatMap(([, { calls }]) => [...calls.keys()]))].sort();
for (const name of names) {
  row(`\`${name}\``, ([, { calls }]) => {
    const { calls: made, throttled } = calls.get(name) ?? { calls: 0, throttled: 0 };
    return throttled > 0 ? `${whole(made)} (${whole(throttled)} throttled)` : whole(made);
  });
}

function row(what: string, cell: (column: [string, Figures]) => string): void {
  console.log(`| ${[what, ...columns.map(cell)].join(" | ")} |`);
}

async function timed<F extends Figures>(what: string, run: () => Promise<F>): Promise<F> {
  const fromMs = performance.now();
  const figures = await run();
  console.log(`  ${what}: simulated in ${whole((performance.now() - fromMs) / 1_000)} s`);
  return figures;
}
