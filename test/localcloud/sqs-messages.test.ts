import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type * as api from "@aws-sdk/client-sqs";
import { ARN, cloud, redrive, seconds } from "./sqs-cloud.ts";
import { refused } from "./stub-world.ts";

describe("SQS: messages", () => {
  it("hides a received message until its visibility timeout, and counts it as in flight", async () => {
    const { create, send, receive, attributes, world } = cloud();
    const url = create("q");
    send(url, "hello");
    const [message] = await receive(url, { MessageSystemAttributeNames: ["All"] });
    assert.equal(message!.Body, "hello");
    assert.equal(message!.MD5OfBody, "5d41402abc4b2a76b9719d911017c592");
    assert.equal(message!.Attributes!.ApproximateReceiveCount, "1");
    assert.equal(message!.Attributes!.SentTimestamp, "1767225600000");
    assert.deepEqual(await receive(url), []);
    assert.equal(attributes(url).ApproximateNumberOfMessagesNotVisible, "1");
    assert.equal(attributes(url).ApproximateNumberOfMessages, "0");
    world.step(30_000);
    const [again] = await receive(url, { AttributeNames: ["ApproximateReceiveCount"] });
    assert.deepEqual(again!.Attributes, { ApproximateReceiveCount: "2" });
    assert.notEqual(again!.ReceiptHandle, message!.ReceiptHandle);
  });

  it("deletes by the newest receipt; an older one succeeds and deletes nothing; nonsense is refused", async () => {
    const { create, send, receive, run, attributes, world } = cloud();
    const QueueUrl = create("q");
    send(QueueUrl, "a");
    const [old] = await receive(QueueUrl);
    world.step(30_000);
    const [recent] = await receive(QueueUrl);
    run("DeleteMessage", { QueueUrl, ReceiptHandle: old!.ReceiptHandle });
    assert.equal(attributes(QueueUrl).ApproximateNumberOfMessagesNotVisible, "1");
    world.step(30_000);
    run("DeleteMessage", { QueueUrl, ReceiptHandle: recent!.ReceiptHandle });
    assert.equal(attributes(QueueUrl).ApproximateNumberOfMessages, "0");
    run("DeleteMessage", { QueueUrl, ReceiptHandle: recent!.ReceiptHandle });
    refused("ReceiptHandleIsInvalid", () => run("DeleteMessage", { QueueUrl, ReceiptHandle: "nonsense" }));
  });

  it("wakes a long poll when a message comes, when one is given back, and at its end", async () => {
    const { create, send, receive, run, world } = cloud();
    const QueueUrl = create("q", { ReceiveMessageWaitTimeSeconds: "20" });
    const first = receive(QueueUrl);
    await seconds(world, 5);
    send(QueueUrl, "a");
    const [message] = await first;
    assert.equal(message!.Body, "a");

    const second = receive(QueueUrl);
    run("ChangeMessageVisibility", { QueueUrl, ReceiptHandle: message!.ReceiptHandle, VisibilityTimeout: 0 });
    assert.equal((await second)[0]!.Body, "a");

    const third = receive(QueueUrl, { WaitTimeSeconds: 5 });
    await seconds(world, 5);
    assert.deepEqual(await third, []);
  });

  it("wakes a long poll when a delayed message is due, and when the queue is deleted", async () => {
    const { create, send, receive, run, world, attributes } = cloud();
    const QueueUrl = create("q", { ReceiveMessageWaitTimeSeconds: "20" });
    send(QueueUrl, "later", { DelaySeconds: 3 });
    assert.equal(attributes(QueueUrl).ApproximateNumberOfMessagesDelayed, "1");
    const delayed = receive(QueueUrl);
    await seconds(world, 3);
    assert.equal((await delayed)[0]!.Body, "later");
    const orphan = receive(QueueUrl);
    run("DeleteQueue", { QueueUrl });
    await assert.rejects(orphan, { code: "QueueDoesNotExist" });
  });

  it("changes visibility of what is in flight only, and for 12 hours at most", async () => {
    const { create, send, receive, run, world } = cloud();
    const QueueUrl = create("q");
    send(QueueUrl, "a");
    const [message] = await receive(QueueUrl);
    const change = (VisibilityTimeout: number) => () =>
      run("ChangeMessageVisibility", { QueueUrl, ReceiptHandle: message!.ReceiptHandle, VisibilityTimeout });
    world.step(10_000);
    change(100)();
    world.step(99_000);
    assert.deepEqual(await receive(QueueUrl), []);
    refused("InvalidParameterValueException", change(43_200));
    refused("InvalidParameterValueException", change(43_201));
    world.step(1000);
    refused("MessageNotInflight", change(10));
  });

  it("moves a message to the dead-letter queue when it is received once too often, its age kept", async () => {
    const { create, send, receive, world } = cloud();
    const dlq = create("dlq");
    const url = create("q", { RedrivePolicy: redrive("dlq", 2), VisibilityTimeout: "1" });
    send(url, "poison");
    for (let count = 0; count < 2; count += 1) {
      assert.equal((await receive(url)).length, 1);
      assert.deepEqual(await receive(dlq), []);
      world.step(1000);
    }
    assert.deepEqual(await receive(url), []);
    const [dead] = await receive(dlq, { MessageSystemAttributeNames: ["SentTimestamp", "DeadLetterQueueSourceArn"] });
    assert.equal(dead!.Body, "poison");
    assert.deepEqual(dead!.Attributes, { SentTimestamp: "1767225600000", DeadLetterQueueSourceArn: `${ARN}q` });
  });

  it("forgets messages older than the retention period", async () => {
    const { create, send, receive, world, attributes, sqs } = cloud();
    const url = create("q", { MessageRetentionPeriod: "60" });
    send(url, "old");
    world.step(30_000);
    send(url, "young");
    assert.deepEqual(sqs.measure(`${ARN}q`), { visible: 2, inFlight: 0, delayed: 0, oldestAgeMs: 30_000 });
    world.step(30_000);
    assert.equal(attributes(url).ApproximateNumberOfMessages, "1");
    assert.equal((await receive(url))[0]!.Body, "young");
  });

  it("digests message attributes as SDKs check them, and answers those asked for", async () => {
    const { create, send, receive } = cloud();
    const url = create("q");
    const MessageAttributes = { colour: { DataType: "String", StringValue: "grey" } };
    const sent = send(url, "a", { MessageAttributes });
    // MD5 of the published form: lengths (big-endian), name, type, a 1 for text, value.
    assert.equal(sent.MD5OfMessageAttributes, "75535544b26c88f0dc17a6b542ce7144");
    const [message] = await receive(url, { MessageAttributeNames: ["col.*"], VisibilityTimeout: 0 });
    assert.deepEqual(message!.MessageAttributes, MessageAttributes);
    assert.equal((await receive(url))[0]!.MessageAttributes, undefined);
  });

  it("refuses what is too long, empty, or holds characters that SQS does not take", () => {
    const { create, send } = cloud();
    const url = create("q", { MaximumMessageSize: "1024" });
    send(url, "x".repeat(1024));
    refused("InvalidParameterValueException", () => send(url, "x".repeat(1025)));
    refused("MissingRequiredParameterException", () => send(url, ""));
    refused("InvalidMessageContents", () => send(url, "\u0000"));
  });

  it("answers a batch entry by entry, and refuses a batch that is wrong as a whole", async () => {
    const { create, run, receive } = cloud();
    const QueueUrl = create("q");
    const batch = (Entries: object[]) =>
      run<api.SendMessageBatchCommandOutput>("SendMessageBatch", { QueueUrl, Entries });
    const answer = batch([
      { Id: "1", MessageBody: "a" },
      { Id: "2", MessageBody: "b", DelaySeconds: 901 },
    ]);
    assert.deepEqual(
      answer.Successful?.map(({ Id }) => Id),
      ["1"],
    );
    assert.deepEqual(
      answer.Failed?.map(({ Id, Code, SenderFault }) => ({ Id, Code, SenderFault })),
      [{ Id: "2", Code: "InvalidParameterValue", SenderFault: true }],
    );
    refused("EmptyBatchRequest", () => batch([]));
    refused("BatchEntryIdsNotDistinct", () =>
      batch([
        { Id: "1", MessageBody: "a" },
        { Id: "1", MessageBody: "b" },
      ]),
    );
    refused("TooManyEntriesInBatchRequest", () =>
      batch(Array.from({ length: 11 }, (_, index) => ({ Id: String(index), MessageBody: "a" }))),
    );
    refused("InvalidBatchEntryId", () => batch([{ Id: "a b", MessageBody: "a" }]));
    refused("BatchRequestTooLong", () => batch(["1", "2"].map((Id) => ({ Id, MessageBody: "x".repeat(600_000) }))));
    const [message] = await receive(QueueUrl);
    const Entries = [{ Id: "1", ReceiptHandle: message!.ReceiptHandle }];
    const hidden = Entries.map((entry) => ({ ...entry, VisibilityTimeout: 5 }));
    assert.deepEqual(run("ChangeMessageVisibilityBatch", { QueueUrl, Entries: hidden }), {
      Successful: [{ Id: "1" }],
      Failed: [],
    });
    assert.deepEqual(run("DeleteMessageBatch", { QueueUrl, Entries }), { Successful: [{ Id: "1" }], Failed: [] });
  });

  it("purges a queue whole, once a minute", () => {
    const { create, send, run, attributes, world } = cloud();
    const QueueUrl = create("q");
    send(QueueUrl, "a");
    run("PurgeQueue", { QueueUrl });
    assert.equal(attributes(QueueUrl).ApproximateNumberOfMessages, "0");
    refused("PurgeQueueInProgress", () => run("PurgeQueue", { QueueUrl }));
    world.step(60_000);
    run("PurgeQueue", { QueueUrl });
  });
});

describe("SQS: moving dead letters", () => {
  async function withDeadLetters(count: number) {
    const here = cloud();
    const dlq = here.create("dlq");
    const url = here.create("q", { RedrivePolicy: redrive("dlq", 1), VisibilityTimeout: "0" });
    for (let index = 0; index < count; index += 1) {
      here.send(url, `dead ${index}`);
      await here.receive(url);
      await here.receive(url);
    }
    return { ...here, dlq, url };
  }

  it("moves them back to their source as new messages", async () => {
    const { run, world, receive, url, dlq, attributes } = await withDeadLetters(2);
    assert.equal(attributes(dlq).ApproximateNumberOfMessages, "2");
    world.step(5000);
    const SourceArn = `${ARN}dlq`;
    run("StartMessageMoveTask", { SourceArn });
    refused("UnsupportedOperation", () => run("StartMessageMoveTask", { SourceArn }));
    world.step(0);
    const { Results } = run<api.ListMessageMoveTasksCommandOutput>("ListMessageMoveTasks", { SourceArn });
    assert.equal(Results![0]!.Status, "COMPLETED");
    assert.equal(Results![0]!.ApproximateNumberOfMessagesMoved, 2);
    assert.equal(attributes(dlq).ApproximateNumberOfMessages, "0");
    const [message] = await receive(url, { AttributeNames: ["All"] });
    assert.equal(message!.Attributes!.ApproximateReceiveCount, "1");
    assert.equal(message!.Attributes!.SentTimestamp, "1767225605000");
  });

  it("keeps to the rate asked for, and can be cancelled", async () => {
    const { run, world, dlq, attributes } = await withDeadLetters(3);
    const SourceArn = `${ARN}dlq`;
    const { TaskHandle } = run<api.StartMessageMoveTaskCommandOutput>("StartMessageMoveTask", {
      SourceArn,
      MaxNumberOfMessagesPerSecond: 1,
    });
    world.step(1000);
    assert.equal(attributes(dlq).ApproximateNumberOfMessages, "1");
    assert.deepEqual(run("CancelMessageMoveTask", { TaskHandle }), { ApproximateNumberOfMessagesMoved: 2 });
    world.step(5000);
    assert.equal(attributes(dlq).ApproximateNumberOfMessages, "1");
  });

  it("fails where a message came from no queue, and refuses a source that is no dead-letter queue", async () => {
    const { run, world, dlq, send, url } = await withDeadLetters(0);
    send(dlq, "put here by hand");
    run("StartMessageMoveTask", { SourceArn: `${ARN}dlq` });
    world.step(0);
    const { Results } = run<api.ListMessageMoveTasksCommandOutput>("ListMessageMoveTasks", { SourceArn: `${ARN}dlq` });
    assert.equal(Results![0]!.Status, "FAILED");
    assert.equal(Results![0]!.FailureReason, "CouldNotDetermineMessageSource");
    refused("InvalidParameterValueException", () => run("StartMessageMoveTask", { SourceArn: `${ARN}q` }));
    refused("ResourceNotFoundException", () => run("StartMessageMoveTask", { SourceArn: `${ARN}none` }));
    const sources = run<api.ListDeadLetterSourceQueuesCommandOutput>("ListDeadLetterSourceQueues", { QueueUrl: dlq });
    assert.deepEqual(sources.queueUrls, [url]);
  });
});
