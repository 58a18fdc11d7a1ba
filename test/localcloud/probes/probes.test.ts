import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { startLocalCloud } from "../../../localcloud/server.ts";
import { productOperations } from "../../support/product-operations.ts";
import { createSdk } from "../../support/sdk.ts";
import { computeProbes } from "./compute.ts";
import { answerOf, type Probe } from "./probe.ts";
import { storageProbes } from "./storage.ts";

const probes: readonly Probe[] = [...storageProbes, ...computeProbes];

describe("what AWS documents, the local cloud answers", async () => {
  const cloud = await startLocalCloud();
  const sdk = createSdk({
    endpoint: cloud.endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  after(async () => {
    for (const client of Object.values(sdk)) client.destroy();
    await cloud.stop();
  });

  for (const probe of probes) {
    it(`${probe.operation}: ${probe.question}`, async () => assert.equal(await answerOf(probe, sdk), probe.aws));
  }

  it("is about operations that the product calls, and stands in the document", () => {
    const called = productOperations();
    const document = readFileSync(join(import.meta.dirname, "../../../docs/localcloud.md"), "utf8");
    for (const { operation, question, aws } of probes) {
      assert.ok(called.includes(operation), operation);
      assert.ok(document.includes(`| ${operation} | ${question} | ${aws} |`), `${operation}: ${question}`);
    }
  });
});
