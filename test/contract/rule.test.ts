import { after } from "node:test";
import {
  DeleteRuleCommand,
  DescribeRuleCommand,
  DisableRuleCommand,
  ListTagsForResourceCommand,
  ListTargetsByRuleCommand,
  PutRuleCommand,
  type PutRuleCommandInput,
  PutTargetsCommand,
  RemoveTargetsCommand,
  TagResourceCommand,
  type Target,
  UntagResourceCommand,
} from "@aws-sdk/client-eventbridge";
import { tagList, tagsOf } from "../../src/aws/tags.ts";
import { type RuleSpec, rule } from "../../src/kinds/rule.ts";
import { startBackend } from "../support/backend.ts";
import type { Stage } from "./case.ts";
import { contract } from "./contract.ts";
import { othersTag, type TagCalls, tagTampers } from "./tags.ts";

const backend = await startBackend();
after(() => backend.stop());

const arnOf = (stage: Stage) => stage.arn("events", `rule/${stage.name}`);
const queueArn = (stage: Stage, name: string) => stage.arn("sqs", name);

const tagCalls: TagCalls = {
  set: (stage, tags) =>
    stage.sdk.events.send(new TagResourceCommand({ ResourceARN: arnOf(stage), Tags: tagList(tags) })),
  remove: (stage, TagKeys) => stage.sdk.events.send(new UntagResourceCommand({ ResourceARN: arnOf(stage), TagKeys })),
  get: async (stage) =>
    tagsOf((await stage.sdk.events.send(new ListTagsForResourceCommand({ ResourceARN: arnOf(stage) }))).Tags),
};

/** Puts the rule as it stands, but for some fields. */
async function change({ sdk, name }: Stage, fields: Partial<PutRuleCommandInput>): Promise<void> {
  const { Description, ScheduleExpression, EventPattern, State } = await sdk.events.send(
    new DescribeRuleCommand({ Name: name }),
  );
  await sdk.events.send(
    new PutRuleCommand({ Name: name, Description, ScheduleExpression, EventPattern, State, ...fields }),
  );
}

const putTarget = ({ sdk, name }: Stage, target: Target) =>
  sdk.events.send(new PutTargetsCommand({ Rule: name, Targets: [target] }));
const removeTarget = ({ sdk, name }: Stage, id: string) =>
  sdk.events.send(new RemoveTargetsCommand({ Rule: name, Ids: [id] }));
const targetsOf = async ({ sdk, name }: Stage) =>
  (await sdk.events.send(new ListTargetsByRuleCommand({ Rule: name }))).Targets ?? [];

const intruder = (stage: Stage): Target => ({ Id: "intruder", Arn: queueArn(stage, "intruder") });

contract<RuleSpec>(backend, {
  kind: "rule",
  make: rule,
  spec: (stage) => ({
    description: "Ticks and changes of the cluster",
    scheduleExpression: "rate(1 minute)",
    eventPattern: { source: ["aws.ecs"], "detail-type": ["ECS Task State Change"] },
    state: "ENABLED",
    targets: [{ id: "scaler", arn: queueArn(stage, "scaler") }],
    tags: stage.tags,
  }),
  tampers: [
    { field: "description", change: (stage) => change(stage, { Description: "nothing" }) },
    { field: "scheduleExpression", change: (stage) => change(stage, { ScheduleExpression: "rate(1 day)" }) },
    {
      field: "scheduleExpression",
      what: "the schedule taken off",
      change: (stage) => change(stage, { ScheduleExpression: undefined }),
    },
    {
      field: "eventPattern",
      change: (stage) => change(stage, { EventPattern: JSON.stringify({ source: ["aws.ec2"] }) }),
    },
    { field: "state", change: ({ sdk, name }) => sdk.events.send(new DisableRuleCommand({ Name: name })) },
    {
      field: "targets[].arn",
      change: (stage) => putTarget(stage, { Id: "scaler", Arn: queueArn(stage, "another") }),
      paths: ["targets.scaler"],
    },
    {
      field: "targets[].arn",
      what: "another input put in place of the event",
      change: (stage) => putTarget(stage, { Id: "scaler", Arn: queueArn(stage, "scaler"), Input: "{}" }),
      paths: ["targets.scaler"],
    },
    {
      field: "targets[].id",
      what: "the target taken off",
      change: (stage) => removeTarget(stage, "scaler"),
      paths: ["targets.scaler"],
    },
    {
      field: "targets[].id",
      what: "a target that an intruder added",
      change: (stage) => putTarget(stage, intruder(stage)),
      paths: ["targets.intruder"],
    },
    ...tagTampers(tagCalls),
  ],
  others: [othersTag(tagCalls)],
  async remove(stage) {
    const targets = await targetsOf(stage);
    if (targets.length > 0) {
      const Ids = targets.map((target) => target.Id!);
      await stage.sdk.events.send(new RemoveTargetsCommand({ Rule: stage.name, Ids }));
    }
    await stage.sdk.events.send(new DeleteRuleCommand({ Name: stage.name }));
  },
  foreign: ({ sdk, name }) =>
    sdk.events.send(
      new PutRuleCommand({ Name: name, ScheduleExpression: "rate(5 minutes)", Tags: tagList({ colour: "green" }) }),
    ),
  createOverwrites: "PutRule creates and replaces alike, and has no condition",
  adopted: {
    keeps: [
      {
        what: "a target of its maker's",
        put: (stage) => putTarget(stage, intruder(stage)),
        stands: async (stage) => (await targetsOf(stage)).some((target) => target.Id === "intruder"),
      },
    ],
  },
});
