import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, it, type TestContext } from "node:test";
import { CreateBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { LEASE_MS, type LeaseDeps, takeLease, WRITE_WITHIN_MS } from "../../lambda/lease.ts";
import { startLocalCloud } from "../../localcloud/server.ts";
import { createSdk } from "../support/sdk.ts";

async function bucket(t: TestContext) {
  const cloud = await startLocalCloud();
  t.after(() => cloud.stop());
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const { s3 } = createSdk({ endpoint: cloud.endpoint, region: "us-east-1", credentials });
  await s3.send(new CreateBucketCommand({ Bucket: "control" }));
  const time = { ms: 1_000_000 };
  const deps: LeaseDeps = {
    s3,
    bucket: "control",
    key: "scaler/pw/lease.json",
    now: () => time.ms,
    monotonic: () => time.ms,
  };
  return { cloud, s3, time, deps, take: () => takeLease(randomUUID(), deps) };
}

describe("the scaler's lease", () => {
  it("is held by one until it is given back", async (t) => {
    const { take } = await bucket(t);
    const first = await take();
    assert.ok(first);
    assert.equal(await take(), undefined);
    await first.release();
    assert.ok(await take());
  });

  it("of several that ask at once goes to one, the first time and later", async (t) => {
    const { take } = await bucket(t);
    for (let round = 0; round < 3; round++) {
      const held = (await Promise.all([take(), take(), take(), take()])).filter((lease) => lease !== undefined);
      assert.equal(held.length, 1);
      await held[0]!.release();
    }
  });

  it("of a holder that died ends by itself, after that one may not write any more", async (t) => {
    const { take, time } = await bucket(t);
    const dead = await take();
    time.ms += WRITE_WITHIN_MS - 1;
    assert.equal(dead!.mayWrite(), true);
    time.ms += 1;
    assert.equal(dead!.mayWrite(), false);
    assert.equal(await take(), undefined);
    time.ms += LEASE_MS - WRITE_WITHIN_MS;
    const next = await take();
    assert.ok(next);
    // It comes back to life: what it gives back is not its own any more.
    await dead!.release();
    assert.equal(await take(), undefined);
  });

  it("is held by who wrote it where the answer was lost and the SDK wrote again", async (t) => {
    const { take, cloud } = await bucket(t);
    for (let round = 0; round < 2; round++) {
      cloud.faults.add({ kind: "drop", service: "s3", operation: "PutObject", count: 1 });
      const lease = await take();
      assert.ok(lease);
      assert.equal(await take(), undefined);
      await lease.release();
    }
  });

  it("is taken where the object is missing and the bucket may not be listed: S3 answers 403 then", async (t) => {
    const { take, cloud } = await bucket(t);
    cloud.faults.add({ kind: "denied", service: "s3", operation: "GetObject", count: 1 });
    assert.ok(await take());
  });

  it("is taken where the object is damaged", async (t) => {
    const { take, s3 } = await bucket(t);
    await s3.send(new PutObjectCommand({ Bucket: "control", Key: "scaler/pw/lease.json", Body: "{" }));
    assert.ok(await take());
  });
});
