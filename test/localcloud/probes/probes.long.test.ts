import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { startLocalCloud } from "../../../localcloud/server.ts";
import { createSdk } from "../../support/sdk.ts";
import { probes } from "./all.ts";
import { answerOf } from "./probe.ts";

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
});
