import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createCallLog, isRead, LOG_LIMIT, summarize } from "../../localcloud/call-log.ts";
import { payloadOf } from "../../localcloud/wire/payload.ts";

const entry = { at: 0, service: "sqs", operation: "GetQueueUrl", write: false, status: 200, input: "{}" };

describe("the call log", () => {
  it("is listed and counted by service, operation and kind", () => {
    const log = createCallLog();
    log.add(entry);
    log.add({ ...entry, operation: "CreateQueue", write: true });
    log.add({ ...entry, service: "s3", operation: "GetObject" });
    assert.equal(log.count(), 3);
    assert.equal(log.count({ write: true }), 1);
    assert.deepEqual(log.list({ service: "sqs", operation: "Get*" }), [entry]);
    assert.deepEqual(log.counts(), { "s3:GetObject": 1, "sqs:CreateQueue": 1, "sqs:GetQueueUrl": 1 });
    log.clear();
    assert.equal(log.count(), 0);
    assert.deepEqual(log.counts(), {});
  });

  it("forgets the oldest calls but counts them all", () => {
    const log = createCallLog();
    for (let at = 0; at < 2 * LOG_LIMIT + 10; at++) log.add({ ...entry, at });
    const list = log.list();
    assert.equal(list.length, LOG_LIMIT);
    assert.equal(list.at(-1)?.at, 2 * LOG_LIMIT + 9);
    assert.deepEqual(log.counts(), { "sqs:GetQueueUrl": 2 * LOG_LIMIT + 10 });
  });

  it("tells reads from writes", () => {
    for (const read of ["GetObject", "ListQueues", "DescribeInstances", "HeadBucket"]) assert.ok(isRead(read), read);
    for (const write of ["CreateQueue", "PutObject", "ReceiveMessage", "TagResource"]) assert.ok(!isRead(write), write);
  });

  it("shows inputs short, and bytes by their number", () => {
    const input = { Name: "n", Body: payloadOf(Buffer.alloc(1000)), ZipFile: Buffer.alloc(20), Text: "x".repeat(500) };
    const shown = summarize(input);
    assert.match(shown, /"Name":"n","Body":"<1000 bytes>","ZipFile":"<20 bytes>"/);
    assert.ok(shown.length < 400);
  });
});
