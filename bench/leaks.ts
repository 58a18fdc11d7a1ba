/**
 * What goes wrong with instances, each for a simulated day: what it costs and what is said of it. Prints the table of
 * docs/capacity.md. `node bench/leaks.ts`
 */
import { heading } from "./support/figures.ts";
import { dayOf, MISFORTUNES } from "./support/simulation/leaks.ts";

// What is refused is told in every run of the scaler.
console.warn = console.info = () => {};

heading("leaks: a day of each");
console.log("| what goes wrong | instance-hours | instances launched | files with a result | left | `Stalled` |");
console.log("| --- | --: | --: | --: | --- | --- |");
for (const misfortune of MISFORTUNES) {
  const { instanceHours, launched, done, left, stalled = "–" } = await dayOf(misfortune);
  const rest = left.instances + left.alarms === 0 ? "nothing" : `${left.instances} instances, ${left.alarms} alarms`;
  const cells = [instanceHours.toFixed(2), launched, `${done} of ${misfortune.files}`, rest, stalled.slice(0, 160)];
  console.log(`| ${[misfortune.name, ...cells].join(" | ")} |`);
}
