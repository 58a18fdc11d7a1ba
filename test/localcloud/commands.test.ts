import assert from "node:assert/strict";
import { after, beforeEach, describe, it } from "node:test";
import { startS3Cloud } from "./s3-cloud.ts";

/** What tests in any language can ask of a running cloud. */
describe("commands over HTTP", async () => {
  const { cloud, s3, stop } = await startS3Cloud();
  beforeEach(() => cloud.reset());
  after(stop);

  // biome-ignore lint/suspicious/noExplicitAny: every command answers another shape, and the assertions say which
  async function ask(method: string, path: string, body?: unknown): Promise<{ status: number; body: any }> {
    const response = await fetch(`${cloud.endpoint}/_localcloud/${path}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: await response.json() };
  }

  it("say that the cloud is there", async () => {
    const { status, body } = await ask("GET", "health");
    assert.equal(status, 200);
    assert.deepEqual(body, { status: "running", account: "123456789012", region: "us-east-1" });
  });

  it("show, count and forget the calls, with what they were about", async () => {
    await s3.createBucket({ Bucket: "logged" });
    await s3.getBucketPolicy({ Bucket: "logged" }).catch(() => {});
    const { body: writes } = await ask("GET", "calls?service=s3&write=true");
    assert.equal(writes.length, 1);
    assert.equal(writes[0].operation, "CreateBucket");
    assert.equal(writes[0].resource, "arn:aws:s3:::logged");
    const { body: reads } = await ask("GET", "calls?operation=Get*");
    assert.deepEqual([reads[0].status, reads[0].error], [404, "NoSuchBucketPolicy"]);
    assert.deepEqual((await ask("GET", "counts")).body, { "s3:CreateBucket": 1, "s3:GetBucketPolicy": 1 });
    await ask("DELETE", "calls");
    assert.deepEqual((await ask("GET", "calls")).body, []);
  });

  it("add, show and clear faults", async () => {
    const { body } = await ask("POST", "faults", { kind: "throttle", service: "s3", count: 5 });
    await assert.rejects(s3.listBuckets({}), { name: "SlowDown" });
    const { body: list } = await ask("GET", "faults");
    assert.deepEqual(list, [{ kind: "throttle", service: "s3", count: 5, id: body.id, strikes: 1 }]);
    await ask("DELETE", `faults/${body.id}`);
    await s3.listBuckets({});
    assert.deepEqual((await ask("GET", "faults")).body, []);
  });

  it("slow down some calls, and not the others", async () => {
    await s3.createBucket({ Bucket: "slow" });
    await ask("POST", "latency", { service: "s3", operation: "HeadBucket", ms: 120 });
    const began = performance.now();
    await s3.headBucket({ Bucket: "slow" });
    assert.ok(performance.now() - began >= 115);
    assert.deepEqual(cloud.latency.of("s3", "GetObject"), 0);
    await ask("DELETE", "latency");
    assert.deepEqual((await ask("GET", "latency")).body, [{ ms: 0 }]);
  });

  it("turn the quotas on and off", async () => {
    assert.deepEqual((await ask("GET", "quotas")).body, { on: false });
    await ask("POST", "quotas", { on: true });
    assert.deepEqual((await ask("GET", "quotas")).body, { on: true });
    assert.equal((await ask("POST", "quotas", { on: "yes" })).status, 400);
    await ask("POST", "reset");
    assert.deepEqual((await ask("GET", "quotas")).body, { on: false });
  });

  it("step the clock", async () => {
    const before = Date.parse((await ask("GET", "clock")).body.now);
    const after = Date.parse((await ask("POST", "clock", { stepMs: 86_400_000 })).body.now);
    assert.ok(after - before >= 86_400_000);
    const settled = Date.parse((await ask("POST", "clock", { stepMs: 60_000, settle: true })).body.now);
    assert.ok(settled - after >= 60_000);
    const { Buckets } = await s3.createBucket({ Bucket: "tomorrow" }).then(() => s3.listBuckets({}));
    assert.ok(Buckets![0]!.CreationDate!.getTime() >= after);
  });

  it("order mishaps, show and clear them, and say which facts narrow them down", async () => {
    const { body } = await ask("POST", "mishaps", { kind: "no-capacity", where: { market: "spot" }, count: 2 });
    const { body: list } = await ask("GET", "mishaps");
    assert.deepEqual(list, [{ kind: "no-capacity", where: { market: "spot" }, count: 2, id: body.id, strikes: 0 }]);
    assert.deepEqual((await ask("POST", "mishaps", { kind: "image-pull", where: { market: "spot" } })).body, {
      error: "where can name image, not market",
    });
    assert.equal((await ask("POST", "mishaps", { kind: "odd" })).status, 400);
    await ask("DELETE", `mishaps/${body.id}`);
    assert.deepEqual((await ask("GET", "mishaps")).body, []);
  });

  it("give out keys of a role, which may do nothing that the role may not", async () => {
    const roleArn = "arn:aws:iam::123456789012:role/nobody";
    const { body: keys } = await ask("POST", "role-credentials", { roleArn });
    const { S3 } = await import("@aws-sdk/client-s3");
    const nobody = new S3({ endpoint: cloud.endpoint, region: "us-east-1", credentials: keys, maxAttempts: 1 });
    const message = /assumed-role\/nobody\/session is not authorized to perform: s3:ListAllMyBuckets/;
    await assert.rejects(nobody.listBuckets({}), { name: "AccessDenied", message });
    nobody.destroy();
  });

  it("list the tasks that run, and kill none that does not", async () => {
    assert.deepEqual((await ask("GET", "tasks")).body, []);
    assert.deepEqual(await ask("DELETE", "tasks/0123"), { status: 400, body: { error: "no task 0123 runs" } });
  });

  it("warn no instance that is not of the Spot market", async () => {
    assert.equal((await ask("POST", "spot-interruptions", { instanceId: "i-0" })).status, 400);
  });

  it("empty the cloud", async () => {
    await s3.createBucket({ Bucket: "gone-soon" });
    await ask("POST", "reset");
    assert.deepEqual((await s3.listBuckets({})).Buckets, []);
  });

  it("say what is wrong with a command", async () => {
    assert.equal((await ask("GET", "nonsense")).status, 404);
    assert.deepEqual((await ask("POST", "faults", { kind: "odd" })).body, {
      error: "kind must be one of throttle, error, denied, drop, stale",
    });
    assert.equal((await ask("POST", "faults", { kind: "drop", probability: 2 })).status, 400);
    assert.equal((await ask("POST", "clock", { stepMs: -1 })).status, 400);
    const broken = await fetch(`${cloud.endpoint}/_localcloud/faults`, { method: "POST", body: "{" });
    assert.equal(broken.status, 400);
  });
});
