import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type * as api from "@aws-sdk/client-cloudwatch-logs";
import { type CloudWatchLogs, createCloudWatchLogs } from "../../localcloud/services/cloudwatch-logs.ts";
import { call, invoke, refused, stubWorld } from "./stub-world.ts";

const GROUP = "/aws/lambda/pw-grey";
const ARN = `arn:aws:logs:us-east-1:000000000000:log-group:${GROUP}`;
const DAY_MS = 86_400_000;

function cloud() {
  const world = stubWorld([createCloudWatchLogs]);
  const logs = world.service<CloudWatchLogs>("cloudwatch-logs");
  const run = <Output>(operation: string, input: object = {}) => invoke<Output>(logs, operation, input);
  const create = (logGroupName = GROUP, more: object = {}) => run("CreateLogGroup", { logGroupName, ...more });
  const groups = (input: object = {}) => run<api.DescribeLogGroupsResponse>("DescribeLogGroups", input).logGroups!;
  const put = (messages: readonly [secondsAgo: number, message: string][], logStreamName = "one") =>
    run<api.PutLogEventsResponse>("PutLogEvents", {
      logGroupName: GROUP,
      logStreamName,
      logEvents: messages.map(([secondsAgo, message]) => ({ timestamp: world.now() - secondsAgo * 1000, message })),
    });
  const get = (input: object = {}) =>
    run<api.GetLogEventsResponse>("GetLogEvents", { logGroupName: GROUP, logStreamName: "one", ...input });
  const filter = (input: object = {}) =>
    run<api.FilterLogEventsResponse>("FilterLogEvents", { logGroupName: GROUP, ...input }).events!.map(
      ({ message }) => message,
    );
  return { world, logs, run, create, groups, put, get, filter };
}

describe("log groups", () => {
  it("have two ARNs, one of them with a star, and no retention until it is set", () => {
    const { world, run, create, groups } = cloud();
    create();
    const group = {
      logGroupName: GROUP,
      arn: `${ARN}:*`,
      logGroupArn: ARN,
      creationTime: world.now(),
      logGroupClass: "STANDARD",
      metricFilterCount: 0,
      storedBytes: 0,
    };
    const defined = () => JSON.parse(JSON.stringify(groups()[0]));
    assert.deepEqual(defined(), group);
    run("PutRetentionPolicy", { logGroupName: GROUP, retentionInDays: 14 });
    assert.deepEqual(defined(), { ...group, retentionInDays: 14 });
    run("DeleteRetentionPolicy", { logGroupName: GROUP });
    assert.deepEqual(defined(), group);
  });

  it("refuse names that are taken or malformed, and retentions that are not offered", () => {
    const { run, create } = cloud();
    create();
    const taken = refused("ResourceAlreadyExistsException", () => create());
    assert.equal(taken.message, "The specified log group already exists");
    refused("InvalidParameterException", () => create("a:b"));
    refused("InvalidParameterException", () => create(""));
    refused("InvalidParameterException", () => create("aws/pw"));
    refused("InvalidParameterException", () => run("PutRetentionPolicy", { logGroupName: GROUP, retentionInDays: 10 }));
  });

  it("that are not there are an error for every operation but the list", () => {
    const { run, groups } = cloud();
    const named = {
      logGroupName: GROUP,
      logStreamName: "one",
      retentionInDays: 1,
      logEvents: [{ timestamp: 0, message: "m" }],
    };
    const operations = [
      "DeleteLogGroup",
      "PutRetentionPolicy",
      "DeleteRetentionPolicy",
      "CreateLogStream",
      "DeleteLogStream",
      "DescribeLogStreams",
      "PutLogEvents",
      "GetLogEvents",
      "FilterLogEvents",
    ];
    for (const operation of operations) refused("ResourceNotFoundException", () => run(operation, named));
    for (const operation of ["TagResource", "UntagResource", "ListTagsForResource"]) {
      refused("ResourceNotFoundException", () => run(operation, { resourceArn: ARN, tags: {}, tagKeys: [] }));
    }
    assert.deepEqual(groups({ logGroupNamePrefix: GROUP }), []);
  });

  it("are found by prefix, by identifiers, and by a pattern that answers no retention", () => {
    const { run, create, groups } = cloud();
    for (const name of [GROUP, `${GROUP}-2`, "/other"]) create(name);
    run("PutRetentionPolicy", { logGroupName: GROUP, retentionInDays: 14 });
    const names = (input: object) => groups(input).map(({ logGroupName }) => logGroupName);
    assert.deepEqual(names({ logGroupNamePrefix: GROUP }), [GROUP, `${GROUP}-2`]);
    assert.deepEqual(names({ logGroupIdentifiers: [`${ARN}:*`, "/other", "/absent"] }), [GROUP, "/other"]);
    const [searched] = groups({ logGroupNamePattern: "lambda" });
    assert.deepEqual(Object.keys(searched!), ["logGroupName", "arn", "creationTime"]);
    refused("InvalidParameterException", () => groups({ logGroupNamePrefix: "a", logGroupNamePattern: "a" }));
    refused("InvalidParameterException", () => groups({ logGroupIdentifiers: ["a"], logGroupNamePrefix: "a" }));
    refused("InvalidParameterException", () => groups({ logGroupIdentifiers: Array(51).fill("a") }));
  });

  it("come in pages of at most fifty", () => {
    const { run, create, groups } = cloud();
    for (let index = 0; index < 60; index++) create(`/pw/${String(index).padStart(2, "0")}`);
    const first = run<api.DescribeLogGroupsResponse>("DescribeLogGroups");
    assert.equal(first.logGroups!.length, 50);
    const rest = groups({ nextToken: first.nextToken });
    assert.deepEqual(rest[0]!.logGroupName, "/pw/50");
    assert.equal(rest.length, 10);
    refused("InvalidParameterException", () => groups({ limit: 51 }));
  });

  it("carry tags under the ARN without the star", () => {
    const { run, create } = cloud();
    create(GROUP, { tags: { a: "1", b: "2" } });
    const tags = () => run<api.ListTagsForResourceResponse>("ListTagsForResource", { resourceArn: ARN }).tags;
    run("TagResource", { resourceArn: ARN, tags: { b: "3", c: "4" } });
    run("UntagResource", { resourceArn: ARN, tagKeys: ["a"] });
    assert.deepEqual(tags(), { b: "3", c: "4" });
    refused("InvalidParameterException", () => run("ListTagsForResource", { resourceArn: `${ARN}:*` }));
    const many = Object.fromEntries(Array.from({ length: 49 }, (_, index) => [`k${index}`, ""]));
    refused("TooManyTagsException", () => run("TagResource", { resourceArn: ARN, tags: many }));
    assert.deepEqual(tags(), { b: "3", c: "4" });
  });
});

describe("log events", () => {
  it("are put into a stream and read forwards and backwards until the token stays the same", () => {
    const { run, create, put, get } = cloud();
    create();
    refused("ResourceNotFoundException", () => put([[1, "a"]]));
    run("CreateLogStream", { logGroupName: GROUP, logStreamName: "one" });
    refused("ResourceAlreadyExistsException", () =>
      run("CreateLogStream", { logGroupName: GROUP, logStreamName: "one" }),
    );
    put([
      [3, "a"],
      [2, "b"],
      [1, "c"],
    ]);
    const messages = (answer: api.GetLogEventsResponse) => answer.events!.map(({ message }) => message).join("");
    assert.equal(messages(get()), "abc");
    assert.equal(messages(get({ limit: 2 })), "bc");
    const head = get({ limit: 2, startFromHead: true });
    const next = get({ limit: 2, nextToken: head.nextForwardToken });
    const end = get({ limit: 2, nextToken: next.nextForwardToken });
    assert.deepEqual([messages(head), messages(next), messages(end)], ["ab", "c", ""]);
    assert.equal(end.nextForwardToken, next.nextForwardToken);
    assert.equal(messages(get({ limit: 2, nextToken: next.nextBackwardToken })), "ab");
    const [stream] = run<api.DescribeLogStreamsResponse>("DescribeLogStreams", { logGroupName: GROUP }).logStreams!;
    assert.equal(stream!.lastEventTimestamp! - stream!.firstEventTimestamp!, 2000);
  });

  it("must come in order; what is too old or too new is named and left out", () => {
    const { run, create, put, get } = cloud();
    create();
    run("CreateLogStream", { logGroupName: GROUP, logStreamName: "one" });
    refused("InvalidParameterException", () =>
      put([
        [1, "a"],
        [2, "b"],
      ]),
    );
    refused("InvalidParameterException", () => put([]));
    assert.deepEqual(put([[15 * 86_400, "old"]]).rejectedLogEventsInfo, { tooOldLogEventEndIndex: 1 });
    assert.deepEqual(
      put([
        [0, "a"],
        [-10_800, "new"],
      ]).rejectedLogEventsInfo,
      { tooNewLogEventStartIndex: 1 },
    );
    assert.deepEqual(
      get().events!.map(({ message }) => message),
      ["a"],
    );
  });

  it("are filtered by words over all streams, in the order of their times", () => {
    const { logs, create, filter, world } = cloud();
    create();
    const write = (stream: string, secondsAgo: number, message: string) =>
      logs.write(call, GROUP, stream, [{ atMs: world.now() - secondsAgo * 1000, message }]);
    assert.equal(write("one", 3, "image/a.jpg ERROR disk full"), true);
    write("two", 2, "image/b.jpg done");
    write("one", 1, "image/b.jpg ERROR timeout");
    assert.deepEqual(filter().length, 3);
    assert.deepEqual(filter({ filterPattern: "ERROR" }), ["image/a.jpg ERROR disk full", "image/b.jpg ERROR timeout"]);
    assert.deepEqual(filter({ filterPattern: '"disk full"' }), ["image/a.jpg ERROR disk full"]);
    assert.deepEqual(filter({ filterPattern: "ERROR -timeout" }), ["image/a.jpg ERROR disk full"]);
    assert.deepEqual(filter({ filterPattern: "?done ?timeout" }), ["image/b.jpg done", "image/b.jpg ERROR timeout"]);
    assert.deepEqual(filter({ filterPattern: '"image/b.jpg"', logStreamNames: ["two"] }), ["image/b.jpg done"]);
    assert.deepEqual(filter({ startTime: world.now() - 2000, endTime: world.now() - 2000 }), ["image/b.jpg done"]);
    refused("InvalidParameterException", () => filter({ filterPattern: "{ $.level = 50 }" }));
    assert.equal(logs.write(call, "/absent", "one", []), false);
  });

  it("are read from the latest back, if asked for, and on through the pages", () => {
    const { logs, run, create, filter, world } = cloud();
    create();
    for (const [secondsAgo, message] of [3, 2, 1].entries()) {
      logs.write(call, GROUP, "one", [{ atMs: world.now() - secondsAgo * 1000, message: String(message) }]);
    }
    assert.deepEqual(filter({ startFromHead: true }), ["1", "2", "3"]);
    assert.deepEqual(filter({ startFromHead: false }), ["3", "2", "1"]);
    const page = (input: object) =>
      run<api.FilterLogEventsResponse>("FilterLogEvents", { logGroupName: GROUP, limit: 2, ...input });
    const first = page({ startFromHead: false });
    const second = page({ nextToken: first.nextToken });
    assert.deepEqual(
      [first, second].map(({ events }) => events!.map(({ message }) => message)),
      [["3", "2"], ["1"]],
    );
    const startTime = Date.UTC(2023, 0, 1);
    refused("InvalidParameterException", () => filter({ startTime, startFromHead: false }));
  });

  it("are gone when their retention is over", () => {
    const { world, run, create, logs, filter, get } = cloud();
    create();
    logs.write(call, GROUP, "one", [{ atMs: world.now(), message: "a" }]);
    run("PutRetentionPolicy", { logGroupName: GROUP, retentionInDays: 1 });
    assert.deepEqual(filter(), ["a"]);
    world.step(DAY_MS);
    assert.deepEqual([filter(), get().events], [[], []]);
  });
});
