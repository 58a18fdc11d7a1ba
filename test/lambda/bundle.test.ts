/** The functions as they ship. */
import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { promisify } from "node:util";
import { ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { unzipSync } from "fflate";
// @ts-expect-error: a script without types
import { functionZip } from "../../scripts/function-zip.mjs";
import { readBundles } from "../../src/bundles.ts";
import { BUCKET, CLUSTER, clusterCloud } from "./cluster-cloud.ts";
import { description } from "./samples.ts";

const root = dirname(dirname(import.meta.dirname));
/** Built once for all tests but the one that compares. */
const zips = new Map<string, Promise<Uint8Array>>();
const build = (name: string): Promise<Uint8Array> => functionZip(root, name);

function zipOf(name: string): Promise<Uint8Array> {
  const zip = zips.get(name) ?? build(name);
  zips.set(name, zip);
  return zip;
}

const MOST_BYTES = { enqueue: 150_000, scale: 400_000 };

/** The handler's module, unpacked where no package can be found. */
async function unpacked(t: TestContext, zip: Uint8Array): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "pipewright-function-"));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const [name, bytes] of Object.entries(unzipSync(zip))) writeFileSync(join(folder, name), bytes);
  return join(folder, "index.mjs");
}

for (const [name, mostBytes] of Object.entries(MOST_BYTES)) {
  describe(`the zip of ${name}`, () => {
    it("is the same, byte for byte, from build to build", async () => {
      const [one, other] = await Promise.all([zipOf(name), build(name)]);
      assert.ok(Buffer.from(one).equals(Buffer.from(other)));
    });

    it("is small, and says nothing of where it was built", async () => {
      const zip = await zipOf(name);
      assert.ok(zip.length <= mostBytes, `${zip.length} bytes`);
      assert.deepEqual(Object.keys(unzipSync(zip)), ["index.mjs"]);
      assert.ok(!Buffer.from(unzipSync(zip)["index.mjs"]!).includes(root));
    });

    it("loads by itself, and has a handler", async (t) => {
      const path = await unpacked(t, await zipOf(name));
      const script = `const { handler } = await import(${JSON.stringify(path)}); console.log(typeof handler);`;
      const run = spawnSync(process.execPath, ["--input-type=module", "--eval", script], { encoding: "utf8", env: {} });
      assert.deepEqual([run.stdout.trim(), run.stderr], ["function", ""]);
    });
  });
}

describe("the functions as Lambda runs them", () => {
  /** Calls the handler in a process of its own that has nothing but what Lambda gives a function. */
  async function call(t: TestContext, zip: Uint8Array, endpoint: string, event: object) {
    const context = { invokedFunctionArn: "arn:aws:lambda:us-east-1:123456789012:function:pw-any" };
    const script = `const { handler } = await import(${JSON.stringify(await unpacked(t, zip))});
      await handler(${JSON.stringify(event)}, ${JSON.stringify(context)});`;
    const env = {
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
      AWS_SESSION_TOKEN: "test",
    };
    await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script], { env });
  }

  it("a file's event ends up in the queue, and the scaler launches for it", async (t) => {
    const made = await clusterCloud();
    t.after(() => made.cloud.stop());
    const { queue } = description();
    const object = { key: "a+b.png", eTag: "abc", size: 3 };
    const event = { Records: [{ s3: { bucket: { name: "plants-in" }, object } }] };
    const { functions, zips } = readBundles(join(root, "src"));
    const enqueuer = zips.get(functions.enqueue({ queueUrl: queue.url, scaler: "pw-scaler-pipewright" }))!;
    await call(t, enqueuer, made.cloud.endpoint, event);
    const scaler = zips.get(functions.scale({ cluster: CLUSTER, controlBucket: BUCKET, owner: "default" }))!;
    await call(t, scaler, made.cloud.endpoint, {});
    assert.equal((await made.instances()).length, 1);
    const { Messages = [] } = await made.sdk.sqs.send(new ReceiveMessageCommand({ QueueUrl: queue.url }));
    assert.equal(JSON.parse(Messages[0]!.Body!).key, "a b.png");
  });
});
