import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { samePolicy } from "../../src/core/policy.ts";
import { type Desired, type Key, nameOf } from "../../src/core/resource.ts";
import { compileFoundation, lambdaExecRole } from "../../src/desired/foundation.ts";
import type { RoleSpec } from "../../src/kinds/role.ts";
import type { SecurityGroupSpec } from "../../src/kinds/security-group.ts";
import type { Workflow } from "../../src/workflow/workflow.ts";
import { everything, facts, sample, sequence } from "./samples.ts";

const keys = (desired: readonly Desired[]) => desired.map((one) => one.key);
const find = <S>(desired: readonly Desired[], key: Key): Desired<S> =>
  desired.find((one) => one.key === key) as Desired<S>;
const inCluster = (cluster: string): Workflow => ({ ...sample(), compute: { ...sample().compute, cluster } });

describe("the foundation", () => {
  it("is nothing while there is no workflow", () => {
    assert.deepEqual(compileFoundation([], facts), []);
  });

  it("is the same whatever the order of the workflows", () => {
    const workflows = [sample(), sequence(), everything()];
    assert.deepEqual(compileFoundation(workflows, facts), compileFoundation(workflows.reverse(), facts));
  });

  it("asks for the Spot role only where Spot instances are used", () => {
    const spot = "service-linked-role/spot.amazonaws.com";
    assert.ok(!keys(compileFoundation([sample()], facts)).includes(spot));
    assert.ok(keys(compileFoundation([sample(), everything()], facts)).includes(spot));
  });

  it("opens a published port only to the addresses of its own workflow, and only in our own group", () => {
    const open = everything();
    const ingress = (workflows: readonly Workflow[]) =>
      find<SecurityGroupSpec>(compileFoundation(workflows, facts), "security-group/pipewright").spec.ingress;
    assert.deepEqual(ingress([sample(), sequence()]), []);
    assert.equal(ingress([sample(), open, { ...open, name: "again" }]).length, 2);
    assert.deepEqual(
      ingress([{ ...open, compute: { ...open.compute, securityGroups: ["sg-0123456789abcdef0"] } }]),
      [],
    );
  });

  it("lets the functions reach every cluster in use, and ten of them fit into the policy", () => {
    const workflows = Array.from({ length: 10 }, (_, index) => inCluster(`cluster-of-a-longer-name-${index}`));
    const { spec } = find<RoleSpec>(compileFoundation(workflows, facts), "role/lambda_exec_role");
    const text = JSON.stringify(spec.inline);
    for (const { compute } of workflows) assert.ok(text.includes(`cluster/${compute.cluster}"`));
    assert.ok(text.length <= 10_240, `${text.length}`);
  });

  it("names EC2 in China as China does: where its role is taken on, and where it is handed over", () => {
    const desired = compileFoundation([sample()], { ...facts, region: "cn-north-1", partition: "aws-cn" });
    const text = (role: Key) => JSON.stringify(find<RoleSpec>(desired, role).spec);
    assert.match(text("role/ecsInstanceRole"), /"Service":"ec2\.amazonaws\.com\.cn"/);
    assert.match(text("role/lambda_exec_role"), /"iam:PassedToService":"ec2\.amazonaws\.com\.cn"/);
    assert.match(text("role/lambda_exec_role"), /"iam:PassedToService":"ecs-tasks\.amazonaws\.com"/);
  });

  it("writes the account-wide roles alike in every region, but for the tag that names the region", () => {
    const there = { ...facts, region: "us-east-1" };
    for (const key of ["role/lambda_exec_role", "role/ecsInstanceRole", "role/EC2ActionsAccess"] as const) {
      const [one, other] = [facts, there].map((some) => find<RoleSpec>(compileFoundation([sample()], some), key).spec);
      assert.deepEqual({ ...one!, tags: {} }, { ...other!, tags: {} }, nameOf(key));
      assert.equal(one!.tags["pipewright:region:eu-central-1"], "true");
      assert.equal(other!.tags["pipewright:region:us-east-1"], "true");
    }
  });

  it("has the very role that create-lambda-exec-role makes", () => {
    assert.deepEqual(lambdaExecRole(facts), find(compileFoundation([sample()], facts), "role/lambda_exec_role"));
  });

  it("takes over a role made by hand only where that is asked for", () => {
    assert.equal(lambdaExecRole(facts).claim, "verify");
    assert.equal(lambdaExecRole(facts, { adopt: true }).claim, "adopt");
  });

  it("finds nothing missing in an instance role as the console makes it", () => {
    const { spec } = find<RoleSpec>(compileFoundation([sample()], facts), "role/ecsInstanceRole");
    const console = {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { Service: ["ec2.amazonaws.com"] }, Action: ["sts:AssumeRole"] }],
    } as const;
    assert.ok(samePolicy(spec.trust, console));
  });
});
