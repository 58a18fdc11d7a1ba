import * as logs from "@aws-sdk/client-cloudwatch-logs";
import type { Sdk } from "../../support/sdk.ts";
import { group, messages, written } from "./log-groups.ts";
import type { Probe } from "./probe.ts";
import { verdict } from "./refusal.ts";

const REFERENCE = "CloudWatch Logs API Reference";

async function groups({ logs: client }: Sdk, input: logs.DescribeLogGroupsCommandInput): Promise<logs.LogGroup[]> {
  return (await client.send(new logs.DescribeLogGroupsCommand(input))).logGroups ?? [];
}

/** Of many no names: they would be those of whichever probes came before. */
const namesOf = (found: readonly logs.LogGroup[]) =>
  found.length > 2 ? "all" : found.map((one) => one.logGroupName).join(" ") || "none";

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
    operation: "cloudwatch-logs:DeleteLogGroup",
    question: "and made again: its events",
    aws: "none",
    source: `${REFERENCE}, DeleteLogGroup`,
    async ask(sdk) {
      await sdk.logs.send(new logs.DeleteLogGroupCommand(await written(sdk, "again", [["a", 1, "1"]])));
      return messages(sdk, await group(sdk, "again"));
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
    question: "51, where no limit is said",
    aws: "50, more",
    source: `${REFERENCE}, DescribeLogGroups (limit)`,
    async ask(sdk) {
      await Promise.all(Array.from({ length: 51 }, (_, index) => group(sdk, `page/${index}`)));
      const input = { logGroupNamePrefix: "/probe/page/" };
      const { logGroups, nextToken } = await sdk.logs.send(new logs.DescribeLogGroupsCommand(input));
      return `${logGroups?.length}, ${nextToken ? "more" : "no more"}`;
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
