/**
 * Asks other local clouds what `probes.test.ts` asks ours, and prints the table of docs/localcloud.md:
 * `node test/localcloud/probes/peers.ts NAME=ENDPOINT…`, each of them already running, and empty.
 */
import { assertLoopback } from "../../support/loopback.ts";
import { createSdk } from "../../support/sdk.ts";
import { computeProbes } from "./compute.ts";
import { answerOf } from "./probe.ts";
import { storageProbes } from "./storage.ts";

const peers = process.argv.slice(2).map((word) => {
  const [name = "", endpoint] = word.split("=");
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  return { name, sdk: createSdk({ endpoint: assertLoopback(endpoint), region: "us-east-1", credentials }) };
});

console.log(`| operation | question | AWS, and ours | source |${peers.map(({ name }) => ` ${name} |`).join("")}`);
console.log(`|---|---|---|---|${"---|".repeat(peers.length)}`);
for (const probe of [...storageProbes, ...computeProbes]) {
  const answers = await Promise.all(peers.map(({ sdk }) => answerOf(probe, sdk)));
  const cells = answers.map((answer) => (answer === probe.aws ? " the same |" : ` **${answer}** |`));
  console.log(`| ${probe.operation} | ${probe.question} | ${probe.aws} | ${probe.source} |${cells.join("")}`);
}
for (const { sdk } of peers) for (const client of Object.values(sdk)) client.destroy();
