/**
 * Asks other local clouds what `probes.long.test.ts` asks ours, and writes docs/emulators-compared.md and the paragraph of
 * docs/localcloud.md: `node test/localcloud/probes/peers.ts NAME=ENDPOINT…`, each of them already running, and empty.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { assertLoopback } from "../../support/loopback.ts";
import { createSdk } from "../../support/sdk.ts";
import { probes } from "./all.ts";
import { type Peer, page, summary } from "./page.ts";
import { answerOf } from "./probe.ts";

const docs = join(import.meta.dirname, "../../../docs");
const peers = await Promise.all(process.argv.slice(2).map(ask));
writeFileSync(join(docs, "emulators-compared.md"), page(probes, peers));
const about = join(docs, "localcloud.md");
const paragraph = `${summary(probes, peers)} [All of them](emulators-compared.md).`;
writeFileSync(about, readFileSync(about, "utf8").replace(/(?<=\n## What others get wrong\n\n).+/, paragraph));

/** One question after the other, as of one person. */
async function ask(word: string): Promise<Peer> {
  const [name = "", endpoint] = word.split("=");
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const sdk = createSdk({ endpoint: assertLoopback(endpoint), region: "us-east-1", credentials, maxAttempts: 1 });
  const answers: string[] = [];
  for (const probe of probes) answers.push(await answerOf(probe, sdk));
  for (const client of Object.values(sdk)) client.destroy();
  return { name, answers };
}
