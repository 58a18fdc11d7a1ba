import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type * as api from "@aws-sdk/client-sqs";
import { createSqs, type Sqs } from "../../localcloud/services/sqs.ts";
import { call, invoke, refused, type StubWorld, stubWorld } from "./stub-world.ts";

const ARN = "arn:aws:sqs:us-east-1:000000000000:";

function cloud(options: { lags?: boolean } = {}) {
  const world = stubWorld([createSqs], options);
  const sqs = world.service<Sqs>("sqs");
  const run = <Output>(operation: string, input: object) => invoke<Output>(sqs, operation, input);
  const create = (QueueName: string, Attributes?: Record<string, string>, tags?: Record<string, string>) =>
    run<api.CreateQueueCommandOutput>("CreateQueue", { QueueName, Attributes, tags }).QueueUrl!;
  const attributes = (QueueUrl: string, ...AttributeNames: string[]) =>
    run<api.GetQueueAttributesCommandOutput>("GetQueueAttributes", {
      QueueUrl,
      AttributeNames: AttributeNames.length === 0 ? ["All"] : AttributeNames,
    }).Attributes ?? {};
  const set = (QueueUrl: string, Attributes: Record<string, string>) =>
    run("SetQueueAttributes", { QueueUrl, Attributes });
  const send = (QueueUrl: string, MessageBody: string, more: object = {}) =>
    run<api.SendMessageCommandOutput>("SendMessage", { QueueUrl, MessageBody, ...more });
  const receive = async (QueueUrl: string, more: object = {}) =>
    (await run<Promise<api.ReceiveMessageCommandOutput>>("ReceiveMessage", { QueueUrl, ...more })).Messages ?? [];
  return { world, sqs, run, create, attributes, set, send, receive };
}

function redrive(name: string, maxReceiveCount: number | string) {
  return JSON.stringify({ deadLetterTargetArn: ARN + name, maxReceiveCount });
}

async function seconds(world: StubWorld, count: number) {
  world.step(count * 1000);
  await new Promise(setImmediate);
}

describe("SQS: queues", () => {
  it("gives a new queue every default attribute, as text", () => {
    const { create, attributes } = cloud();
    const url = create("pw-grey");
    assert.equal(url, "http://127.0.0.1:4566/000000000000/pw-grey");
    assert.deepEqual(attributes(url), {
      QueueArn: `${ARN}pw-grey`,
      ApproximateNumberOfMessages: "0",
      ApproximateNumberOfMessagesNotVisible: "0",
      ApproximateNumberOfMessagesDelayed: "0",
      CreatedTimestamp: "1767225600",
      LastModifiedTimestamp: "1767225600",
      DelaySeconds: "0",
      MaximumMessageSize: "1048576",
      MessageRetentionPeriod: "345600",
      ReceiveMessageWaitTimeSeconds: "0",
      SqsManagedSseEnabled: "true",
      VisibilityTimeout: "30",
    });
  });

  it("answers only the attributes that were asked for, and refuses unknown ones", () => {
    const { create, attributes } = cloud();
    const url = create("q");
    assert.deepEqual(attributes(url, "DelaySeconds", "RedrivePolicy"), { DelaySeconds: "0" });
    refused("InvalidAttributeName", () => attributes(url, "Colour"));
  });

  it("creates over an equal queue, and refuses other attributes with the legacy code QueueAlreadyExists", () => {
    const { create } = cloud();
    const url = create("q", { VisibilityTimeout: "60" });
    assert.equal(create("q", { VisibilityTimeout: "60" }), url);
    assert.equal(create("q"), url);
    const error = refused("QueueNameExists", () => create("q", { VisibilityTimeout: "61" }));
    assert.equal(error.legacyCode, "QueueAlreadyExists");
  });

  it("answers QueueDoesNotExist with its legacy code for whatever is asked of an absent queue", () => {
    const { run } = cloud();
    const QueueUrl = "http://127.0.0.1:4566/000000000000/none";
    for (const operation of ["GetQueueAttributes", "DeleteQueue", "ListQueueTags", "PurgeQueue", "SendMessage"]) {
      const error = refused("QueueDoesNotExist", () => run(operation, { QueueUrl, MessageBody: "a" }));
      assert.equal(error.legacyCode, "AWS.SimpleQueueService.NonExistentQueue");
    }
    refused("QueueDoesNotExist", () => run("GetQueueUrl", { QueueName: "none" }));
  });

  it("keeps a deleted queue's name for 60 seconds where the world lags, and not otherwise", () => {
    const prompt = cloud();
    prompt.run("DeleteQueue", { QueueUrl: prompt.create("q") });
    prompt.create("q");

    const lagging = cloud({ lags: true });
    const QueueUrl = lagging.create("q");
    lagging.world.step(1000);
    lagging.run("DeleteQueue", { QueueUrl });
    lagging.world.step(59_999);
    refused("QueueDeletedRecently", () => lagging.create("q"));
    lagging.world.step(1);
    lagging.create("q");
  });

  it("answers for a new queue only after a second where the world lags", () => {
    const { create, attributes, world } = cloud({ lags: true });
    const url = create("q");
    refused("QueueDoesNotExist", () => attributes(url));
    world.step(1000);
    assert.equal(attributes(url).VisibilityTimeout, "30");
  });

  it("answers set attributes late where the world lags: after 60 seconds, the retention period after 15 minutes", () => {
    const { create, set, attributes, world } = cloud({ lags: true });
    const url = create("q", { VisibilityTimeout: "40" });
    world.step(1000);
    set(url, { VisibilityTimeout: "50", MessageRetentionPeriod: "60" });
    assert.equal(attributes(url).VisibilityTimeout, "40");
    world.step(60_000);
    assert.equal(attributes(url).VisibilityTimeout, "50");
    assert.equal(attributes(url).MessageRetentionPeriod, "345600");
    world.step(840_000);
    assert.equal(attributes(url).MessageRetentionPeriod, "60");
  });

  it("refuses attribute values out of range and names them", () => {
    const { create, set } = cloud();
    const url = create("q");
    for (const [name, value] of [
      ["VisibilityTimeout", "43201"],
      ["MessageRetentionPeriod", "59"],
      ["MaximumMessageSize", "1048577"],
      ["ReceiveMessageWaitTimeSeconds", "21"],
      ["DelaySeconds", "901"],
      ["DelaySeconds", ""],
      ["SqsManagedSseEnabled", "yes"],
      ["Policy", "{"],
    ] as const) {
      assert.match(refused("InvalidAttributeValue", () => set(url, { [name]: value })).message, new RegExp(name));
    }
    refused("InvalidAttributeName", () => set(url, { QueueArn: "x" }));
    refused("InvalidParameterValueException", () => create("a b"));
    refused("UnsupportedOperation", () => create("a.fifo"));
  });

  it("keeps policies as they were written, and an empty text takes them away", () => {
    const { create, set, attributes } = cloud();
    const dlq = create("dlq");
    const url = create("q", { RedrivePolicy: redrive("dlq", "3") });
    const allow = JSON.stringify({ redrivePermission: "byQueue", sourceQueueArns: [`${ARN}q`] });
    const policy = JSON.stringify({
      Version: "2012-10-17",
      Statement: {
        Effect: "Allow",
        Principal: { Service: "s3.amazonaws.com" },
        Action: "sqs:SendMessage",
        Resource: "*",
      },
    });
    set(dlq, { RedriveAllowPolicy: allow, Policy: policy });
    assert.equal(attributes(url).RedrivePolicy, redrive("dlq", "3"));
    assert.equal(attributes(dlq).RedriveAllowPolicy, allow);
    assert.equal(attributes(dlq).Policy, policy);
    set(url, { RedrivePolicy: "" });
    set(dlq, { RedriveAllowPolicy: "", Policy: "" });
    assert.equal("RedrivePolicy" in attributes(url), false);
    assert.equal("RedriveAllowPolicy" in attributes(dlq), false);
    assert.equal("Policy" in attributes(dlq), false);
  });

  it("refuses a redrive to a queue that is absent or does not allow it", () => {
    const { create, set } = cloud();
    const url = create("q");
    const set3 = (name: string) => () => set(url, { RedrivePolicy: redrive(name, 3) });
    assert.match(refused("InvalidParameterValueException", set3("dlq")).message, /Dead letter target does not exist/);
    create("dlq", { RedriveAllowPolicy: JSON.stringify({ redrivePermission: "denyAll" }) });
    refused("InvalidParameterValueException", set3("dlq"));
    create("other", {
      RedriveAllowPolicy: JSON.stringify({ redrivePermission: "byQueue", sourceQueueArns: [`${ARN}x`] }),
    });
    refused("InvalidParameterValueException", set3("other"));
    refused("InvalidParameterValueException", () => set(url, { RedrivePolicy: '{"maxReceiveCount":3}' }));
    refused("InvalidParameterValueException", () => set(url, { RedrivePolicy: redrive("dlq", 1001) }));
    const eleven = JSON.stringify({ redrivePermission: "byQueue", sourceQueueArns: Array(11).fill(`${ARN}q`) });
    refused("InvalidParameterValueException", () => set(url, { RedriveAllowPolicy: eleven }));
  });

  it("lists by prefix in pages, and a queue that is deleted meanwhile hides no other", () => {
    const { create, run } = cloud();
    for (const name of ["pw-a", "pw-b", "pw-c", "other"]) create(name);
    const list = (input: object) =>
      run<api.ListQueuesCommandOutput>("ListQueues", { QueueNamePrefix: "pw-", ...input });
    const first = list({ MaxResults: 2 });
    assert.equal(first.QueueUrls?.length, 2);
    run("DeleteQueue", { QueueUrl: first.QueueUrls![0] });
    const second = list({ MaxResults: 2, NextToken: first.NextToken });
    assert.deepEqual(second.QueueUrls, ["http://127.0.0.1:4566/000000000000/pw-c"]);
    assert.equal(second.NextToken, undefined);
    assert.equal(list({}).NextToken, undefined);
    assert.equal(list({ QueueNamePrefix: "none" }).QueueUrls, undefined);
    refused("InvalidParameterValueException", () => list({ MaxResults: 2, NextToken: "nonsense" }));
  });

  it("carries tags from birth, changes them, and shows them to the tagging API", () => {
    const { create, run, sqs } = cloud();
    const QueueUrl = create("q", {}, { a: "1", b: "2" });
    create("q", {}, { a: "other" });
    run("TagQueue", { QueueUrl, Tags: { c: "3" } });
    run("UntagQueue", { QueueUrl, TagKeys: ["b"] });
    assert.deepEqual(run<api.ListQueueTagsCommandOutput>("ListQueueTags", { QueueUrl }).Tags, { a: "1", c: "3" });
    const [tagged] = [...sqs.taggables!()];
    assert.equal(tagged!.arn, `${ARN}q`);
    tagged!.set({ d: "4" });
    tagged!.unset(["a", "c"]);
    assert.deepEqual(run<api.ListQueueTagsCommandOutput>("ListQueueTags", { QueueUrl }).Tags, { d: "4" });
  });

  it("keeps the queues of two regions apart", () => {
    const { create, sqs } = cloud();
    create("q");
    refused("QueueDoesNotExist", () =>
      invoke(sqs, "GetQueueUrl", { QueueName: "q" }, { ...call, region: "eu-central-1" }),
    );
  });
});

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
