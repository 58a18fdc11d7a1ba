import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type RuleActual, type RuleSpec, rule } from "../../src/kinds/rule.ts";
import { adopted, eachDifferenceIsOneChange, offline, paths, tagsOf } from "./diff-table.ts";

const kind = rule(offline);
const tags = tagsOf("rule/pw-scaler-pipewright");
const scaler = "arn:aws:lambda:us-east-1:123456789012:function:pw-scaler-pipewright";
const spec: RuleSpec = {
  description: "A tick a minute, and what happens in the cluster",
  scheduleExpression: "rate(1 minute)",
  eventPattern: { source: ["aws.ecs"], "detail-type": ["ECS Task State Change"] },
  state: "ENABLED",
  targets: [{ id: "scaler", arn: scaler }],
  tags,
};
const standing: RuleActual = {
  arn: "arn:aws:events:us-east-1:123456789012:rule/pw-scaler-pipewright",
  fields: {
    description: spec.description,
    scheduleExpression: "rate(1 minute)",
    eventPattern: { "detail-type": ["ECS Task State Change"], source: ["aws.ecs"] },
    state: "ENABLED",
  },
  targets: [{ Id: "scaler", Arn: scaler }],
  tags,
};

const fields = (changed: Partial<RuleActual["fields"]>) => (actual: RuleActual) => ({
  ...actual,
  fields: { ...actual.fields, ...changed },
});
const targets =
  (...list: RuleActual["targets"]) =>
  (actual: RuleActual) => ({ ...actual, targets: list });
const theirs = { Id: "theirs", Arn: "arn:aws:sns:us-east-1:123456789012:pager" };

describe("rules, compared", () => {
  eachDifferenceIsOneChange(kind, spec, standing, {
    description: fields({ description: "" }),
    scheduleExpression: fields({ scheduleExpression: "rate(1 hour)" }),
    "scheduleExpression (none)": fields({ scheduleExpression: null }),
    eventPattern: fields({ eventPattern: { source: ["aws.ec2"] } }),
    "eventPattern (none)": fields({ eventPattern: null }),
    state: fields({ state: "DISABLED" }),
    "targets.scaler (missing)": targets(),
    "targets.scaler (elsewhere)": targets({ Id: "scaler", Arn: theirs.Arn }),
    "targets.scaler (another input)": targets({ Id: "scaler", Arn: scaler, Input: "{}" }),
    "targets.theirs": targets({ Id: "scaler", Arn: scaler }, theirs),
    "tags.team": (actual) => ({ ...actual, tags: { ...actual.tags, team: "red" } }),
  });

  it("leaves alone the targets that others gave an adopted rule", () => {
    const mine = adopted(tags);
    const actual = { ...targets({ Id: "scaler", Arn: scaler }, theirs)(standing), tags: mine };
    assert.deepEqual(paths(kind, { ...spec, tags: mine }, actual), []);
  });
});
