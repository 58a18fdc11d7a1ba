import * as logs from "@aws-sdk/client-cloudwatch-logs";
import type { Sdk } from "../../support/sdk.ts";
import type { Probe } from "./probe.ts";
import { verdict } from "./refusal.ts";

const REFERENCE = "CloudWatch Logs API Reference";
const PATTERNS = "CloudWatch Logs User Guide, filter pattern syntax";

async function group({ logs: client }: Sdk, name: string, tags?: Record<string, string>) {
  const logGroupName = `/probe/${name}`;
  await client.send(new logs.CreateLogGroupCommand({ logGroupName, ...(tags ? { tags } : {}) }));
  return { logGroupName };
}

async function groups({ logs: client }: Sdk, input: logs.DescribeLogGroupsCommandInput): Promise<logs.LogGroup[]> {
  return (await client.send(new logs.DescribeLogGroupsCommand(input))).logGroups ?? [];
}

/** Of many no names: they would be those of whichever probes came before. */
const namesOf = (found: readonly logs.LogGroup[]) =>
  found.length > 2 ? "all" : found.map((one) => one.logGroupName).join(" ") || "none";

/** A minute ago, and as many milliseconds later as asked. */
const at = (ms: number) => MINUTE_AGO + ms;
const MINUTE_AGO = Date.now() - 60_000;

/** A group with messages in streams, each at its time. */
async function written(sdk: Sdk, name: string, events: readonly [stream: string, ms: number, message: string][]) {
  const inGroup = await group(sdk, name);
  for (const logStreamName of new Set(events.map(([stream]) => stream))) {
    await sdk.logs.send(new logs.CreateLogStreamCommand({ ...inGroup, logStreamName }));
    const own = events.filter(([stream]) => stream === logStreamName);
    const logEvents = own.map(([, ms, message]) => ({ timestamp: at(ms), message }));
    await sdk.logs.send(new logs.PutLogEventsCommand({ ...inGroup, logStreamName, logEvents }));
  }
  return inGroup;
}

async function messages({ logs: client }: Sdk, input: logs.FilterLogEventsCommandInput): Promise<string> {
  const { events = [] } = await client.send(new logs.FilterLogEventsCommand(input));
  return events.map(({ message }) => message).join(", ") || "none";
}

/** ARN of a new group with two tags, as the tag operations take it. */
async function tagged(sdk: Sdk, name: string): Promise<{ resourceArn: string }> {
  const { logGroupName } = await group(sdk, name, { colour: "green", size: "small" });
  const [found] = await groups(sdk, { logGroupNamePrefix: logGroupName });
  return { resourceArn: found!.arn!.replace(/:\*$/, "") };
}

async function tagsNow({ logs: client }: Sdk, of: { resourceArn: string }): Promise<string> {
  const { tags = {} } = await client.send(new logs.ListTagsForResourceCommand(of));
  const found = Object.entries(tags).map(([key, value]) => `${key}=${value}`);
  return found.sort().join(" ") || "none";
}

const ABSENT = { resourceArn: "arn:aws:logs:us-east-1:123456789012:log-group:/probe/never" };

export const cloudwatchLogsProbes: readonly Probe[] = [
  {
    operation: "cloudwatch-logs:CreateLogGroup",
    question: "of a name that is there",
    aws: "ResourceAlreadyExistsException",
    source: `${REFERENCE}, CreateLogGroup`,
    async ask(sdk) {
      for (const _ of [1, 2]) await group(sdk, "twice");
      return "accepted";
    },
  },
  {
    operation: "cloudwatch-logs:CreateLogGroup",
    question: "of a name that begins with `aws/`",
    aws: "refused",
    source: `${REFERENCE}, CreateLogGroup`,
    ask: (sdk) => verdict(sdk.logs.send(new logs.CreateLogGroupCommand({ logGroupName: "aws/probe" }))),
  },
  {
    operation: "cloudwatch-logs:CreateLogGroup",
    question: "how long a new one keeps, and its class",
    aws: "for ever, STANDARD",
    source: `${REFERENCE}, CreateLogGroup`,
    async ask(sdk) {
      const [found] = await groups(sdk, { logGroupNamePrefix: (await group(sdk, "defaults")).logGroupName });
      return `${found?.retentionInDays ?? "for ever"}, ${found?.logGroupClass ?? "not said"}`;
    },
  },
  {
    operation: "cloudwatch-logs:DeleteLogGroup",
    question: "one that is not there",
    aws: "ResourceNotFoundException",
    source: `${REFERENCE}, DeleteLogGroup`,
    async ask(sdk) {
      await sdk.logs.send(new logs.DeleteLogGroupCommand({ logGroupName: "/probe/never" }));
      return "deleted";
    },
  },
  {
    operation: "cloudwatch-logs:DescribeLogGroups",
    question: "by a pattern: the retention that a group has",
    aws: "not said",
    source: `${REFERENCE}, DescribeLogGroups (logGroupNamePattern)`,
    async ask(sdk) {
      const input = { ...(await group(sdk, "pattern")), retentionInDays: 7 };
      await sdk.logs.send(new logs.PutRetentionPolicyCommand(input));
      const [found] = await groups(sdk, { logGroupNamePattern: "be/patter" });
      return String(found?.retentionInDays ?? (found === undefined ? "not found" : "not said"));
    },
  },
  {
    operation: "cloudwatch-logs:DescribeLogGroups",
    question: "the order: by ASCII",
    aws: "/probe/order-B /probe/order-a",
    source: `${REFERENCE}, DescribeLogGroups`,
    async ask(sdk) {
      for (const name of ["order-a", "order-B"]) await group(sdk, name);
      return namesOf(await groups(sdk, { logGroupNamePrefix: "/probe/order-" }));
    },
  },
  {
    operation: "cloudwatch-logs:DescribeLogGroups",
    question: "how `arn` and `logGroupArn` end",
    aws: ":*, name",
    source: `${REFERENCE}, LogGroup`,
    async ask(sdk) {
      const { logGroupName } = await group(sdk, "arns");
      const [found] = await groups(sdk, { logGroupNamePrefix: logGroupName });
      const end = (arn: string | undefined) => arn?.slice(arn.indexOf(logGroupName) + logGroupName.length) || "name";
      return `${end(found?.arn)}, ${found?.logGroupArn === undefined ? "absent" : end(found.logGroupArn)}`;
    },
  },
  {
    operation: "cloudwatch-logs:DescribeLogGroups",
    question: "by identifiers: one that is there and one that is not",
    aws: "/probe/identified",
    source: `${REFERENCE}, DescribeLogGroups (logGroupIdentifiers)`,
    async ask(sdk) {
      const { logGroupName } = await group(sdk, "identified");
      return namesOf(await groups(sdk, { logGroupIdentifiers: [logGroupName, "/probe/never"] }));
    },
  },
  {
    operation: "cloudwatch-logs:DescribeLogGroups",
    question: "a prefix and a pattern together",
    aws: "refused",
    source: `${REFERENCE}, DescribeLogGroups (logGroupNamePattern)`,
    ask: (sdk) => verdict(groups(sdk, { logGroupNamePrefix: "/probe", logGroupNamePattern: "probe" })),
  },
  {
    operation: "cloudwatch-logs:PutRetentionPolicy",
    question: "for two days",
    aws: "refused",
    source: `${REFERENCE}, PutRetentionPolicy (retentionInDays)`,
    async ask(sdk) {
      const input = { ...(await group(sdk, "two-days")), retentionInDays: 2 };
      return verdict(sdk.logs.send(new logs.PutRetentionPolicyCommand(input)));
    },
  },
  {
    operation: "cloudwatch-logs:PutRetentionPolicy",
    question: "of a group that is not there",
    aws: "ResourceNotFoundException",
    source: `${REFERENCE}, PutRetentionPolicy`,
    async ask(sdk) {
      const input = { logGroupName: "/probe/never", retentionInDays: 7 };
      await sdk.logs.send(new logs.PutRetentionPolicyCommand(input));
      return "accepted";
    },
  },
  {
    operation: "cloudwatch-logs:FilterLogEvents",
    question: "of two streams: the order",
    aws: "1, 2, 3",
    source: `${REFERENCE}, FilterLogEvents`,
    async ask(sdk) {
      const events: [string, number, string][] = [
        ["a", 1, "1"],
        ["a", 3, "3"],
        ["b", 2, "2"],
      ];
      return messages(sdk, await written(sdk, "streams", events));
    },
  },
  {
    operation: "cloudwatch-logs:FilterLogEvents",
    question: "the latest first, if asked for",
    aws: "2, 1",
    source: `${REFERENCE}, FilterLogEvents (startFromHead)`,
    async ask(sdk) {
      const input = await written(sdk, "latest", [
        ["a", 1, "1"],
        ["a", 2, "2"],
      ]);
      return messages(sdk, { ...input, startTime: at(0), startFromHead: false });
    },
  },
  {
    operation: "cloudwatch-logs:FilterLogEvents",
    question: "an event of the very end of the time range",
    aws: "1, 2",
    source: `${REFERENCE}, FilterLogEvents (endTime)`,
    async ask(sdk) {
      const input = await written(sdk, "range", [
        ["a", 1, "1"],
        ["a", 2, "2"],
        ["a", 3, "3"],
      ]);
      return messages(sdk, { ...input, startTime: at(1), endTime: at(2) });
    },
  },
  {
    operation: "cloudwatch-logs:FilterLogEvents",
    question: "two words: both must occur",
    aws: "two one",
    source: PATTERNS,
    async ask(sdk) {
      const input = await written(sdk, "words", [
        ["a", 1, "one"],
        ["a", 2, "two one"],
      ]);
      return messages(sdk, { ...input, filterPattern: "one two" });
    },
  },
  {
    operation: "cloudwatch-logs:FilterLogEvents",
    question: "`?one ?two`: either",
    aws: "one, two",
    source: PATTERNS,
    async ask(sdk) {
      const input = await written(sdk, "either", [
        ["a", 1, "one"],
        ["a", 2, "three"],
        ["a", 3, "two"],
      ]);
      return messages(sdk, { ...input, filterPattern: "?one ?two" });
    },
  },
  {
    operation: "cloudwatch-logs:FilterLogEvents",
    question: "by a field of JSON messages",
    aws: '{"key":"one"}',
    source: PATTERNS,
    async ask(sdk) {
      const input = await written(sdk, "json", [
        ["a", 1, '{"key":"one"}'],
        ["a", 2, '{"key":"two"}'],
      ]);
      return messages(sdk, { ...input, filterPattern: '{ $.key = "one" }' });
    },
  },
  {
    operation: "cloudwatch-logs:FilterLogEvents",
    question: "names of streams and their prefix together",
    aws: "InvalidParameterException",
    source: `${REFERENCE}, FilterLogEvents (logStreamNamePrefix)`,
    async ask(sdk) {
      const input = await written(sdk, "both", [["a", 1, "1"]]);
      return messages(sdk, { ...input, logStreamNames: ["a"], logStreamNamePrefix: "a" });
    },
  },
  {
    operation: "cloudwatch-logs:FilterLogEvents",
    question: "of a group that is not there",
    aws: "ResourceNotFoundException",
    source: `${REFERENCE}, FilterLogEvents`,
    ask: (sdk) => messages(sdk, { logGroupName: "/probe/never" }),
  },
  {
    operation: "cloudwatch-logs:ListTagsForResource",
    question: "of a group that is not there",
    aws: "ResourceNotFoundException",
    source: `${REFERENCE}, ListTagsForResource`,
    ask: (sdk) => tagsNow(sdk, ABSENT),
  },
  {
    operation: "cloudwatch-logs:TagResource",
    question: "one key is overwritten, the others stay",
    aws: "colour=green size=large",
    source: `${REFERENCE}, TagResource`,
    async ask(sdk) {
      const of = await tagged(sdk, "tag");
      await sdk.logs.send(new logs.TagResourceCommand({ ...of, tags: { size: "large" } }));
      return tagsNow(sdk, of);
    },
  },
  {
    operation: "cloudwatch-logs:TagResource",
    question: "a 51st tag",
    aws: "TooManyTagsException",
    source: `${REFERENCE}, TagResource`,
    async ask(sdk) {
      const of = await tagged(sdk, "many");
      const tags = Object.fromEntries(Array.from({ length: 48 }, (_, index) => [`key-${index}`, ""]));
      await sdk.logs.send(new logs.TagResourceCommand({ ...of, tags }));
      await sdk.logs.send(new logs.TagResourceCommand({ ...of, tags: { shape: "round" } }));
      return "accepted";
    },
  },
  {
    operation: "cloudwatch-logs:UntagResource",
    question: "of two tags the one that is named goes",
    aws: "colour=green",
    source: `${REFERENCE}, UntagResource`,
    async ask(sdk) {
      const of = await tagged(sdk, "untag");
      await sdk.logs.send(new logs.UntagResourceCommand({ ...of, tagKeys: ["size"] }));
      return tagsNow(sdk, of);
    },
  },
];
