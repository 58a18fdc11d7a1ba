/** What a cluster's scaler is called for, by the pattern of its rule. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { compilePattern } from "../../localcloud/services/eventbridge/event-pattern.ts";
import { compileFoundation } from "../../src/desired/foundation.ts";
import type { RuleSpec } from "../../src/kinds/rule.ts";
import { facts, sample } from "./samples.ts";

const rule = compileFoundation([sample()], facts).find(({ key }) => key.startsWith("rule/"))!;
const isHeard = compilePattern(JSON.stringify((rule.spec as RuleSpec).eventPattern));

const clusterArn = "arn:aws:ecs:eu-central-1:123456789012:cluster/pipewright";
const ecs = (type: string, detail: object) =>
  isHeard({ source: "aws.ecs", "detail-type": `ECS ${type} State Change`, detail: { clusterArn, ...detail } });
const instance = (detail: object = {}) =>
  ecs("Container Instance", {
    status: "ACTIVE",
    agentConnected: true,
    runningTasksCount: 0,
    pendingTasksCount: 0,
    ...detail,
  });

describe("the scaler's rule", () => {
  it("hears of an instance that has joined, has become empty, or is drained, also with tasks on it", () => {
    assert.equal(instance(), true);
    assert.equal(instance({ agentConnected: false }), false);
    assert.equal(instance({ status: "DRAINING" }), true);
    assert.equal(instance({ status: "DRAINING", runningTasksCount: 3 }), true);
  });

  it("does not hear of each task that an instance gets or gives back: a run would call for the next one", () => {
    assert.equal(instance({ pendingTasksCount: 1 }), false);
    assert.equal(instance({ runningTasksCount: 2 }), false);
  });

  it("hears of a task's end, and of no other of its states", () => {
    const heard = ["PENDING", "RUNNING", "STOPPED"].filter((lastStatus) => ecs("Task", { lastStatus }));
    assert.deepEqual(heard, ["STOPPED"]);
  });

  it("hears of Spot warnings, and of nothing in another cluster", () => {
    assert.equal(isHeard({ source: "aws.ec2", "detail-type": "EC2 Spot Instance Interruption Warning" }), true);
    assert.equal(instance({ clusterArn: `${clusterArn}-2` }), false);
  });
});
