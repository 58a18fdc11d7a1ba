import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type * as api from "@aws-sdk/client-eventbridge";
import { createEventbridge, type Eventbridge } from "../../localcloud/services/eventbridge.ts";
import { call, invoke, refused, stubWorld } from "./stub-world.ts";

const ARN = "arn:aws:events:us-east-1:000000000000:rule/";
const FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:pw-scaler";

function cloud() {
  const eventbridge = stubWorld([createEventbridge]).service<Eventbridge>("eventbridge");
  const run = <Output>(operation: string, input: object = {}) => invoke<Output>(eventbridge, operation, input);
  const put = (Name: string, more: object = { ScheduleExpression: "rate(1 minute)" }) =>
    run<api.PutRuleCommandOutput>("PutRule", { Name, ...more });
  const describe = (Name: string) => run<api.DescribeRuleCommandOutput>("DescribeRule", { Name });
  const tags = (Name: string) =>
    run<api.ListTagsForResourceCommandOutput>("ListTagsForResource", { ResourceARN: ARN + Name }).Tags;
  return { eventbridge, run, put, describe, tags };
}

describe("EventBridge: rules", () => {
  it("keeps schedule and pattern side by side; a later put replaces all but the tags", () => {
    const { put, describe, tags } = cloud();
    const EventPattern = JSON.stringify({ source: ["aws.ecs"] });
    const Tags = [{ Key: "a", Value: "1" }];
    const { RuleArn } = put("tick", { ScheduleExpression: "rate(1 minute)", EventPattern, Description: "d", Tags });
    assert.equal(RuleArn, `${ARN}tick`);
    assert.deepEqual(JSON.parse(JSON.stringify(describe("tick"))), {
      Name: "tick",
      Arn: `${ARN}tick`,
      EventPattern,
      ScheduleExpression: "rate(1 minute)",
      State: "ENABLED",
      Description: "d",
      EventBusName: "default",
      CreatedBy: "000000000000",
    });
    put("tick", { EventPattern, State: "DISABLED", Tags: [{ Key: "b", Value: "2" }] });
    const replaced = describe("tick");
    assert.equal(replaced.ScheduleExpression, undefined);
    assert.equal(replaced.Description, undefined);
    assert.equal(replaced.State, "DISABLED");
    assert.deepEqual(tags("tick"), Tags);
  });

  it("answers ResourceNotFoundException for an absent rule, whatever is asked of it, except to delete it", () => {
    const { run, describe, tags } = cloud();
    const error = refused("ResourceNotFoundException", () => describe("none"));
    assert.equal(error.message, "Rule none does not exist on EventBus default.");
    for (const operation of ["PutTargets", "RemoveTargets", "ListTargetsByRule"]) {
      refused("ResourceNotFoundException", () => run(operation, { Rule: "none" }));
    }
    refused("ResourceNotFoundException", () => run("EnableRule", { Name: "none" }));
    refused("ResourceNotFoundException", () => tags("none"));
    refused("ResourceNotFoundException", () => run("ListRules", { EventBusName: "other" }));
    assert.deepEqual(run("DeleteRule", { Name: "none" }), {});
  });

  it("takes rates and crons in AWS's form only", () => {
    const { put } = cloud();
    for (const good of [
      "rate(1 minute)",
      "rate(5 minutes)",
      "rate(1 day)",
      "cron(0 10 * * ? *)",
      "cron(0/15 * ? * MON-FRI *)",
      "cron(0 8 L JAN,JUL ? 2026-2030)",
      "cron(0 9 ? * 2#1 *)",
    ]) {
      put("tick", { ScheduleExpression: good });
    }
    for (const bad of [
      "rate(1 minutes)",
      "rate(5 minute)",
      "rate(0 minutes)",
      "rate(1 second)",
      "cron(0 10 * * *)",
      "cron(0 10 * * * *)",
      "cron(0 10 ? * ? *)",
      "cron(60 10 * * ? *)",
      "cron(0 10 * 13 ? *)",
      "every minute",
    ]) {
      refused("ValidationException", () => put("tick", { ScheduleExpression: bad }));
    }
    refused("ValidationException", () => put("tick", {}));
    refused("ValidationException", () => put("a b"));
  });

  it("refuses malformed patterns in AWS's words", () => {
    const { put } = cloud();
    for (const [pattern, message] of [
      ["{", /Invalid JSON/],
      ["[]", /Filter is not an object/],
      ["{}", /Empty objects/],
      ['{"source":"aws.ecs"}', /"source" must be an object or an array/],
      ['{"source":[]}', /Empty arrays are not allowed/],
      ['{"source":[{"begins":"aws"}]}', /Unrecognized match type begins/],
      ['{"n":[{"numeric":["~",1]}]}', /Unrecognized numeric range operator/],
      ['{"$or":[{"source":["aws.ecs"]}]}', /\$or/],
    ] as const) {
      const error = refused("InvalidEventPatternException", () => put("tick", { EventPattern: pattern }));
      assert.match(error.message, message);
    }
  });

  it("lists by prefix in pages", () => {
    const { put, run } = cloud();
    for (const name of ["pw-a", "pw-b", "pw-c", "other"]) put(name);
    const list = (more: object) =>
      run<api.ListRulesCommandOutput>("ListRules", { NamePrefix: "pw-", Limit: 2, ...more });
    const first = list({});
    assert.deepEqual(
      first.Rules?.map(({ Name }) => Name),
      ["pw-a", "pw-b"],
    );
    const second = list({ NextToken: first.NextToken });
    assert.deepEqual(
      second.Rules?.map(({ Name }) => Name),
      ["pw-c"],
    );
    assert.equal(second.NextToken, undefined);
    refused("ValidationException", () => list({ NextToken: "nonsense" }));
  });

  it("holds 300 rules and no more", () => {
    const { put } = cloud();
    for (let index = 0; index < 300; index += 1) put(`r${index}`);
    refused("LimitExceededException", () => put("one-more"));
    put("r0");
  });

  it("changes tags by their own calls, and shows them to the tagging API", () => {
    const { put, run, tags, eventbridge } = cloud();
    put("tick");
    const ResourceARN = `${ARN}tick`;
    run("TagResource", {
      ResourceARN,
      Tags: [
        { Key: "a", Value: "1" },
        { Key: "b", Value: "2" },
      ],
    });
    run("UntagResource", { ResourceARN, TagKeys: ["a"] });
    assert.deepEqual(tags("tick"), [{ Key: "b", Value: "2" }]);
    assert.deepEqual(
      [...eventbridge.taggables!()].map(({ arn }) => arn),
      [ResourceARN],
    );
  });
});

describe("EventBridge: targets", () => {
  it("must be gone before their rule", () => {
    const { put, run } = cloud();
    put("tick");
    const added = run("PutTargets", { Rule: "tick", Targets: [{ Id: "scaler", Arn: FUNCTION }] });
    assert.deepEqual(added, { FailedEntryCount: 0, FailedEntries: [] });
    const error = refused("ValidationException", () => run("DeleteRule", { Name: "tick" }));
    assert.equal(error.message, "Rule can't be deleted since it has targets.");
    run("RemoveTargets", { Rule: "tick", Ids: ["scaler"] });
    run("DeleteRule", { Name: "tick" });
    refused("ResourceNotFoundException", () => run("DescribeRule", { Name: "tick" }));
  });

  it("are replaced by id, listed, found by their ARN, and five at most", () => {
    const { put, run } = cloud();
    put("tick");
    const add = (...ids: string[]) =>
      run("PutTargets", { Rule: "tick", Targets: ids.map((Id) => ({ Id, Arn: FUNCTION })) });
    add("a", "b");
    run("PutTargets", { Rule: "tick", Targets: [{ Id: "b", Arn: FUNCTION, Input: "{}" }] });
    const list = () => run<api.ListTargetsByRuleCommandOutput>("ListTargetsByRule", { Rule: "tick" }).Targets;
    assert.deepEqual(list(), [
      { Id: "a", Arn: FUNCTION },
      { Id: "b", Arn: FUNCTION, Input: "{}" },
    ]);
    refused("LimitExceededException", () => add("c", "d", "e", "f"));
    assert.equal(list()?.length, 2);
    assert.deepEqual(
      run<api.ListRuleNamesByTargetCommandOutput>("ListRuleNamesByTarget", { TargetArn: FUNCTION }).RuleNames,
      ["tick"],
    );
    const removed = run<api.RemoveTargetsCommandOutput>("RemoveTargets", { Rule: "tick", Ids: ["a", "none"] });
    assert.equal(removed.FailedEntryCount, 1);
    assert.equal(removed.FailedEntries![0]!.ErrorCode, "ResourceNotFoundException");
  });

  it("are refused where id, ARN, input or retry policy are out of form", () => {
    const { put, run } = cloud();
    put("tick");
    const add = (more: object) => () =>
      run("PutTargets", { Rule: "tick", Targets: [{ Id: "a", Arn: FUNCTION, ...more }] });
    refused("ValidationException", add({ Id: "a b" }));
    refused("ValidationException", add({ Arn: "nowhere" }));
    refused("ValidationException", add({ Input: "{}", InputPath: "$.detail" }));
    refused("ValidationException", add({ RetryPolicy: { MaximumEventAgeInSeconds: 59 } }));
    refused("ValidationException", () => run("PutTargets", { Rule: "tick", Targets: [] }));
  });
});

describe("EventBridge: what fits a pattern", () => {
  const event = {
    source: "aws.ecs",
    "detail-type": "ECS Task State Change",
    resources: ["arn:a", "arn:b"],
    detail: {
      clusterArn: "arn:aws:ecs:us-east-1:0:cluster/pipewright",
      desired: 2,
      stopped: null,
      tags: [{ key: "x" }],
    },
  };
  const cases: readonly (readonly [string, object, boolean])[] = [
    ["an exact value", { source: ["aws.ec2", "aws.ecs"] }, true],
    ["another value", { source: ["aws.ec2"] }, false],
    ["nested fields, all of them", { source: ["aws.ecs"], detail: { desired: [2] } }, true],
    ["one element of a list", { resources: ["arn:b"] }, true],
    ["null", { detail: { stopped: [null] } }, true],
    ["a prefix", { detail: { clusterArn: [{ prefix: "arn:aws:ecs:" }] } }, true],
    ["a suffix", { detail: { clusterArn: [{ suffix: "/other" }] } }, false],
    ["a wildcard", { detail: { clusterArn: [{ wildcard: "*:cluster/pipe*" }] } }, true],
    ["any case", { source: [{ "equals-ignore-case": "AWS.ECS" }] }, true],
    ["a range", { detail: { desired: [{ numeric: [">", 1, "<=", 2] }] } }, true],
    ["anything but", { source: [{ "anything-but": ["aws.ec2"] }] }, true],
    ["anything but a prefix", { source: [{ "anything-but": { prefix: "aws." } }] }, false],
    ["a field that exists", { detail: { desired: [{ exists: true }] } }, true],
    ["a field that does not", { detail: { absent: [{ exists: false }] } }, true],
    ["an object in a list", { detail: { tags: { key: ["x"] } } }, true],
    ["one of two", { $or: [{ source: ["aws.ec2"] }, { detail: { desired: [2] } }] }, true],
    ["neither of two", { $or: [{ source: ["aws.ec2"] }, { detail: { desired: [3] } }] }, false],
  ];
  for (const [name, pattern, fits] of cases) {
    it(`${name}: ${fits ? "fits" : "does not fit"}`, () => {
      const { run } = cloud();
      const input = { EventPattern: JSON.stringify(pattern), Event: JSON.stringify(event) };
      assert.deepEqual(run("TestEventPattern", input), { Result: fits });
    });
  }

  it("tells of the rules that are switched on their rate, their targets and what fits them", () => {
    const { put, run, eventbridge } = cloud();
    put("tick", { ScheduleExpression: "rate(5 minutes)", EventPattern: JSON.stringify({ source: ["aws.ecs"] }) });
    put("off");
    run("DisableRule", { Name: "off" });
    run("PutTargets", { Rule: "tick", Targets: [{ Id: "scaler", Arn: FUNCTION }] });
    const [rule, ...more] = [...eventbridge.enabledRules(call)];
    assert.deepEqual(more, []);
    assert.equal(rule!.everyMs, 300_000);
    assert.deepEqual(rule!.targets, [{ Id: "scaler", Arn: FUNCTION }]);
    assert.equal(rule!.matches(event), true);
    assert.equal(rule!.matches({ source: "aws.ec2" }), false);
    run("EnableRule", { Name: "off" });
    assert.equal([...eventbridge.enabledRules(call)].length, 2);
    assert.deepEqual([...eventbridge.enabledRules({ ...call, region: "eu-central-1" })], []);
  });
});
