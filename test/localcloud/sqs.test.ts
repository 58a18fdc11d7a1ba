import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type * as api from "@aws-sdk/client-sqs";
import { ARN, cloud, redrive } from "./sqs-cloud.ts";
import { call, invoke, refused } from "./stub-world.ts";

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
