/** `pipewright local`: a cloud for others, in an environment that says other things of AWS. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import { CreateQueueCommand, ListQueuesCommand } from "@aws-sdk/client-sqs";
import { createSdk } from "../support/sdk.ts";
import { localOnly } from "./world.ts";

const MAIN = join(import.meta.dirname, "../../src/main.ts");
const ELSEWHERE = {
  AWS_ENDPOINT_URL_EC2: "http://127.0.0.1:9",
  AWS_PROFILE: "production",
  AWS_CONFIG_FILE: "/nowhere/config",
  AWS_REGION: "xx-nowhere-9",
  http_proxy: "http://127.0.0.1:9",
};

test(
  "local says how to use it, keeps its data across restarts, and ends on a signal",
  { skip: localOnly },
  async (t) => {
    const folder = await mkdtemp(join(tmpdir(), "pipewright-local-test-"));
    t.after(() => rm(folder, { recursive: true, force: true }));
    const args = ["--port", "0", "--data", join(folder, "data"), "--pipelines", join(folder, "none")];

    const first = await start(t, args);
    assert.deepEqual(Object.keys(first.exports).sort(), [
      ...["AWS_ACCESS_KEY_ID", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "AWS_REGION", "AWS_SECRET_ACCESS_KEY"],
    ]);
    await first.sdk.sqs.send(new CreateQueueCommand({ QueueName: "kept" }));
    const taken = await start(t, ["--port", new URL(first.exports.AWS_ENDPOINT_URL!).port]).catch(
      (error) => error.message,
    );
    assert.match(taken, /port \d+ is taken; choose another with --port/);
    assert.deepEqual(await first.stop("SIGINT"), 0);

    const second = await start(t, args);
    const { QueueUrls } = await second.sdk.sqs.send(new ListQueuesCommand({}));
    assert.deepEqual(QueueUrls, [`${second.exports.AWS_ENDPOINT_URL}/123456789012/kept`]);
    assert.deepEqual(await second.stop("SIGTERM"), 0);
  },
);

/** @throws Error with what it said where it did not start */
async function start(t: TestContext, args: readonly string[]) {
  const child: ChildProcess = spawn(process.execPath, [MAIN, "local", ...args], {
    env: { ...process.env, ...ELSEWHERE },
    stdio: ["ignore", "pipe", "pipe"],
  });
  t.after(() => child.kill("SIGKILL"));
  const said = text(child.stderr!);
  const exports: Record<string, string> = {};
  for await (const line of createInterface({ input: child.stdout! })) {
    if (line.startsWith("export ")) {
      for (const word of line.split(" ").slice(1)) exports[word.split("=")[0]!] = word.split("=")[1]!;
    }
    if (line.startsWith("Ctrl-C")) break;
  }
  if (exports.AWS_ENDPOINT_URL === undefined) throw new Error(await said);
  const credentials = { accessKeyId: exports.AWS_ACCESS_KEY_ID!, secretAccessKey: exports.AWS_SECRET_ACCESS_KEY! };
  const sdk = createSdk({ endpoint: exports.AWS_ENDPOINT_URL, region: exports.AWS_REGION!, credentials });
  return {
    exports,
    sdk,
    async stop(signal: NodeJS.Signals) {
      for (const client of Object.values(sdk)) client.destroy();
      child.kill(signal);
      return (await once(child, "exit"))[0];
    },
  };
}
