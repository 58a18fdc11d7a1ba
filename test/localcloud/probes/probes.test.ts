import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { startLocalCloud } from "../../../localcloud/server.ts";
import { productOperations } from "../../support/product-operations.ts";
import { createSdk } from "../../support/sdk.ts";
import { probes } from "./all.ts";
import { rowOf } from "./page.ts";
import { answerOf } from "./probe.ts";

/** Services not all of whose operations have probes yet. Whoever probes one takes it out; with the last, this list goes. */
const UNFINISHED = ["lambda"];

describe("what AWS documents, the local cloud answers", async () => {
  const cloud = await startLocalCloud({ run: true });
  const sdk = createSdk({
    endpoint: cloud.endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 1,
  });
  after(async () => {
    for (const client of Object.values(sdk)) client.destroy();
    await cloud.stop();
  });

  for (const probe of probes) {
    it(`${probe.operation}: ${probe.question}`, async () => assert.equal(await answerOf(probe, sdk), probe.aws));
  }

  it("is about every operation that the product calls, and no other", () => {
    const called = productOperations();
    const probed = new Set(probes.map(({ operation }) => operation));
    assert.deepEqual(
      [...probed].filter((operation) => !called.includes(operation)),
      [],
    );
    const finished = called.filter((operation) => !UNFINISHED.includes(operation.split(":")[0]!));
    assert.deepEqual(
      finished.filter((operation) => !probed.has(operation)),
      [],
    );
  });

  it("stands in the document, and nothing else does", () => {
    const document = readFileSync(join(import.meta.dirname, "../../../docs/emulators-compared.md"), "utf8");
    const rows = document.split("\n").filter((line) => /^\| [A-Z]/.test(line));
    for (const probe of probes) assert.ok(document.includes(`\n${rowOf(probe)}`), rowOf(probe));
    assert.equal(rows.length, probes.length);
  });
});
