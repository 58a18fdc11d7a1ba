import * as events from "@aws-sdk/client-eventbridge";
import type { Sdk } from "../../support/sdk.ts";
import type { Probe } from "./probe.ts";
import { verdict } from "./refusal.ts";

const REFERENCE = "EventBridge API Reference";

/** A rule that ticks; answers its name as most operations take it. */
async function rule({ events: client }: Sdk, name: string, more: Partial<events.PutRuleCommandInput> = {}) {
  const input = { Name: `probe-${name}`, ScheduleExpression: "rate(5 minutes)", State: "DISABLED" as const, ...more };
  const { RuleArn } = await client.send(new events.PutRuleCommand(input));
  return { Rule: input.Name, ResourceARN: RuleArn! };
}

const ruleNow = ({ events: client }: Sdk, name: string) =>
  client.send(new events.DescribeRuleCommand({ Name: `probe-${name}` }));

const target = (Id: string, more: Partial<events.Target> = {}): events.Target => ({
  Id,
  Arn: "arn:aws:sqs:us-east-1:123456789012:probe-none",
  ...more,
});

const aim = ({ events: client }: Sdk, Rule: string, Targets: events.Target[]) =>
  client.send(new events.PutTargetsCommand({ Rule, Targets }));

async function targets({ events: client }: Sdk, input: events.ListTargetsByRuleCommandInput) {
  return (await client.send(new events.ListTargetsByRuleCommand(input))).Targets ?? [];
}

const tags = (...values: [string, string][]) => values.map(([Key, Value]) => ({ Key, Value }));
const twoTags = { Tags: tags(["colour", "green"], ["size", "small"]) };

async function tagsNow({ events: client }: Sdk, { ResourceARN }: { ResourceARN: string }): Promise<string> {
  const { Tags = [] } = await client.send(new events.ListTagsForResourceCommand({ ResourceARN }));
  const found = Tags.map(({ Key, Value }) => `${Key}=${Value}`);
  return found.sort().join(" ") || "none";
}

const ABSENT = { ResourceARN: "arn:aws:events:us-east-1:123456789012:rule/probe-never" };

export const eventbridgeProbes: readonly Probe[] = [
  {
    operation: "eventbridge:PutRule",
    question: "`rate(5 minute)`",
    aws: "ValidationException",
    source: "EventBridge User Guide, schedule pattern",
    async ask(sdk) {
      await rule(sdk, "rate", { ScheduleExpression: "rate(5 minute)" });
      return "accepted";
    },
  },
  {
    operation: "eventbridge:PutRule",
    question: "`cron(0 12 * * * *)`: both days given by `*`",
    aws: "ValidationException",
    source: "EventBridge User Guide, schedule pattern",
    async ask(sdk) {
      await rule(sdk, "cron", { ScheduleExpression: "cron(0 12 * * * *)" });
      return "accepted";
    },
  },
  {
    operation: "eventbridge:PutRule",
    question: "neither a schedule nor a pattern",
    aws: "refused",
    source: `${REFERENCE}, PutRule`,
    ask: (sdk) => verdict(rule(sdk, "nothing", { ScheduleExpression: undefined })),
  },
  {
    operation: "eventbridge:PutRule",
    question: "with a pattern that is none",
    aws: "InvalidEventPatternException",
    source: `${REFERENCE}, PutRule; User Guide, event patterns`,
    async ask(sdk) {
      // A field's values stand in an array.
      await rule(sdk, "pattern", { ScheduleExpression: undefined, EventPattern: '{"source":"aws.ecs"}' });
      return "accepted";
    },
  },
  {
    operation: "eventbridge:PutRule",
    question: "a second one that says no description: the first's",
    aws: "gone",
    source: `${REFERENCE}, PutRule`,
    async ask(sdk) {
      await rule(sdk, "replaced", { Description: "of a probe" });
      await rule(sdk, "replaced");
      return (await ruleNow(sdk, "replaced")).Description ? "kept" : "gone";
    },
  },
  {
    operation: "eventbridge:PutRule",
    question: "its state, where none is said",
    aws: "ENABLED",
    source: `${REFERENCE}, PutRule`,
    async ask(sdk) {
      await rule(sdk, "state", { State: undefined });
      const { State = "absent" } = await ruleNow(sdk, "state");
      await sdk.events.send(new events.DeleteRuleCommand({ Name: "probe-state" }));
      return State;
    },
  },
  {
    operation: "eventbridge:PutRule",
    question: "tags given to a second one of the name: ignored",
    aws: "colour=green size=small",
    source: `${REFERENCE}, PutRule`,
    async ask(sdk) {
      const at = await rule(sdk, "tags", twoTags);
      await rule(sdk, "tags", { Tags: tags(["colour", "red"]) });
      return tagsNow(sdk, at);
    },
  },
  {
    operation: "eventbridge:PutRule",
    question: "a second one: the targets of the first",
    aws: "1",
    source: `${REFERENCE}, PutRule, PutTargets`,
    async ask(sdk) {
      const { Rule } = await rule(sdk, "aimed");
      await aim(sdk, Rule, [target("t")]);
      await rule(sdk, "aimed", { ScheduleExpression: "rate(1 hour)" });
      return String((await targets(sdk, { Rule })).length);
    },
  },
  {
    operation: "eventbridge:DescribeRule",
    question: "one that is not there",
    aws: "ResourceNotFoundException",
    source: `${REFERENCE}, DescribeRule`,
    async ask(sdk) {
      await ruleNow(sdk, "never");
      return "found";
    },
  },
  {
    operation: "eventbridge:ListRules",
    question: "two of a prefix, in pages of one",
    aws: "1, more",
    source: `${REFERENCE}, ListRules (Limit)`,
    async ask(sdk) {
      for (const name of ["page-1", "page-2"]) await rule(sdk, name);
      const input = { NamePrefix: "probe-page-", Limit: 1 };
      const { Rules, NextToken } = await sdk.events.send(new events.ListRulesCommand(input));
      return `${Rules?.length}, ${NextToken ? "more" : "no more"}`;
    },
  },
  {
    operation: "eventbridge:ListRules",
    question: "of a bus that is not there",
    aws: "ResourceNotFoundException",
    source: `${REFERENCE}, ListRules`,
    async ask(sdk) {
      const { Rules } = await sdk.events.send(new events.ListRulesCommand({ EventBusName: "probe-never" }));
      return Rules?.length ? "found" : "empty";
    },
  },
  {
    operation: "eventbridge:DeleteRule",
    question: "with a target on it",
    aws: "ValidationException",
    source: `${REFERENCE}, DeleteRule`,
    async ask(sdk) {
      const { Rule: Name } = await rule(sdk, "deleted");
      await aim(sdk, Name, [target("t")]);
      await sdk.events.send(new events.DeleteRuleCommand({ Name }));
      return "deleted";
    },
  },
  {
    operation: "eventbridge:DeleteRule",
    question: "a second time",
    aws: "accepted",
    source: `${REFERENCE}, DeleteRule`,
    async ask(sdk) {
      const { Rule: Name } = await rule(sdk, "twice");
      await sdk.events.send(new events.DeleteRuleCommand({ Name }));
      return verdict(sdk.events.send(new events.DeleteRuleCommand({ Name })));
    },
  },
  {
    operation: "eventbridge:PutTargets",
    question: "on a rule that is not there",
    aws: "ResourceNotFoundException",
    source: `${REFERENCE}, PutTargets`,
    async ask(sdk) {
      await aim(sdk, "probe-never", [target("t")]);
      return "accepted";
    },
  },
  {
    operation: "eventbridge:PutTargets",
    question: "a sixth target",
    aws: "LimitExceededException",
    source: `${REFERENCE}, PutTargets`,
    async ask(sdk) {
      const { Rule } = await rule(sdk, "six");
      await aim(
        sdk,
        Rule,
        ["1", "2", "3", "4", "5"].map((id) => target(id)),
      );
      await aim(sdk, Rule, [target("6")]);
      return "accepted";
    },
  },
  {
    operation: "eventbridge:PutTargets",
    question: "of an id that is there, no input said: the first's input",
    aws: "gone",
    source: `${REFERENCE}, PutTargets`,
    async ask(sdk) {
      const { Rule } = await rule(sdk, "updated");
      await aim(sdk, Rule, [target("t", { Input: '{"first":true}' })]);
      await aim(sdk, Rule, [target("t")]);
      return (await targets(sdk, { Rule }))[0]?.Input === undefined ? "gone" : "kept";
    },
  },
  {
    operation: "eventbridge:ListTargetsByRule",
    question: "of a rule that is not there",
    aws: "ResourceNotFoundException",
    source: `${REFERENCE}, ListTargetsByRule`,
    async ask(sdk) {
      return (await targets(sdk, { Rule: "probe-never" })).length === 0 ? "empty" : "found";
    },
  },
  {
    operation: "eventbridge:ListTargetsByRule",
    question: "two, in pages of one",
    aws: "1, more",
    source: `${REFERENCE}, ListTargetsByRule (Limit)`,
    async ask(sdk) {
      const { Rule } = await rule(sdk, "target-page");
      await aim(sdk, Rule, [target("1"), target("2")]);
      const input = { Rule, Limit: 1 };
      const { Targets, NextToken } = await sdk.events.send(new events.ListTargetsByRuleCommand(input));
      return `${Targets?.length}, ${NextToken ? "more" : "no more"}`;
    },
  },
  {
    operation: "eventbridge:RemoveTargets",
    question: "from a rule that is not there",
    aws: "ResourceNotFoundException",
    source: `${REFERENCE}, RemoveTargets`,
    async ask(sdk) {
      await sdk.events.send(new events.RemoveTargetsCommand({ Rule: "probe-never", Ids: ["t"] }));
      return "accepted";
    },
  },
  {
    operation: "eventbridge:RemoveTargets",
    question: "of two targets the one that is named goes",
    aws: "2",
    source: `${REFERENCE}, RemoveTargets`,
    async ask(sdk) {
      const { Rule } = await rule(sdk, "removed");
      await aim(sdk, Rule, [target("1"), target("2")]);
      await sdk.events.send(new events.RemoveTargetsCommand({ Rule, Ids: ["1"] }));
      return (await targets(sdk, { Rule })).map(({ Id }) => Id).join() || "none";
    },
  },
  {
    operation: "eventbridge:ListTagsForResource",
    question: "of a rule that is not there",
    aws: "ResourceNotFoundException",
    source: `${REFERENCE}, ListTagsForResource`,
    ask: (sdk) => tagsNow(sdk, ABSENT),
  },
  {
    operation: "eventbridge:TagResource",
    question: "one key is overwritten, the others stay",
    aws: "colour=green size=large",
    source: `${REFERENCE}, TagResource`,
    async ask(sdk) {
      const { ResourceARN } = await rule(sdk, "tag", twoTags);
      await sdk.events.send(new events.TagResourceCommand({ ResourceARN, Tags: tags(["size", "large"]) }));
      return tagsNow(sdk, { ResourceARN });
    },
  },
  {
    operation: "eventbridge:TagResource",
    question: "of a rule that is not there",
    aws: "ResourceNotFoundException",
    source: `${REFERENCE}, TagResource`,
    async ask(sdk) {
      await sdk.events.send(new events.TagResourceCommand({ ...ABSENT, Tags: tags(["size", "large"]) }));
      return "accepted";
    },
  },
  {
    operation: "eventbridge:TagResource",
    question: "a 51st tag",
    aws: "refused",
    source: `${REFERENCE}, TagResource`,
    async ask(sdk) {
      const Tags = Array.from({ length: 50 }, (_, index) => ({ Key: `key-${index}`, Value: "" }));
      const { ResourceARN } = await rule(sdk, "many", { Tags });
      const more = { ResourceARN, Tags: tags(["one", "more"]) };
      return verdict(sdk.events.send(new events.TagResourceCommand(more)));
    },
  },
  {
    operation: "eventbridge:UntagResource",
    question: "of two tags the one that is named goes",
    aws: "colour=green",
    source: `${REFERENCE}, UntagResource`,
    async ask(sdk) {
      const { ResourceARN } = await rule(sdk, "untag", twoTags);
      await sdk.events.send(new events.UntagResourceCommand({ ResourceARN, TagKeys: ["size"] }));
      return tagsNow(sdk, { ResourceARN });
    },
  },
];
