import assert from "node:assert/strict";
import { cp, mkdir, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { ECSClient, ListContainerInstancesCommand, ListTasksCommand } from "@aws-sdk/client-ecs";
import { GetRolePolicyCommand, ListRolePoliciesCommand, ListRoleTagsCommand } from "@aws-sdk/client-iam";
import { createWorld, localOnly, type World } from "./world.ts";

const ROLE = "lambda_exec_role";
const EAST = "us-east-1";
const WEST = "eu-west-1";

/** A folder of its own for each region, as two hosts have them; each with one workflow on a cluster of its own choice. */
async function createRegions(t: TestContext): Promise<World & { passIn(region: string): Promise<number> }> {
  const world = await createWorld(t);
  for (const region of [EAST, WEST]) {
    const folder = join(world.root, region);
    await mkdir(folder);
    await cp(join(world.folder, "algorithms"), join(folder, "algorithms"), { recursive: true });
    await writeWorkflow(world, region, "rivers", { compute: { cluster: `lab-${region}` } });
  }
  return {
    ...world,
    async passIn(region) {
      const { result, writes } = await world.doing(({ engine }) => engine.once(), {
        folder: join(world.root, region),
        region,
      });
      assert.equal(result.ok, true, JSON.stringify(result.status.workflows.map((one) => one.conditions)));
      return writes.length;
    },
  };
}

const writeWorkflow = (world: World, region: string, name: string, fields: object): Promise<void> =>
  writeFile(
    join(world.root, region, `${name}.json`),
    JSON.stringify({
      input_s3_name: `${name}-input-${region}`,
      output_s3_name: `${name}-output-${region}`,
      process: { type: "single_run", algorithms: [{ name: "daily-means" }] },
      ...fields,
    }),
  );

/** With the role's temporary keys, as a scaler calls: what it may do in a cluster of a region. */
async function mayActIn({ backend }: World, cluster: string, region: string): Promise<boolean> {
  const keys = backend.cloud!.credentialsOf(`arn:aws:iam::${backend.account.account}:role/${ROLE}`, "scaler");
  const ecs = new ECSClient({ endpoint: backend.endpoint, region, credentials: keys });
  const asked = [new ListTasksCommand({ cluster }), new ListContainerInstancesCommand({ cluster })];
  const answers = await Promise.allSettled(asked.map((command) => ecs.send(command as ListTasksCommand)));
  ecs.destroy();
  const denied = answers.filter(
    (answer) => answer.status === "rejected" && answer.reason.name === "AccessDeniedException",
  );
  assert.ok(denied.length === 0 || denied.length === asked.length, "all of it, or nothing");
  return denied.length === 0;
}

const policiesOf = async ({ sdk: { iam } }: World): Promise<string[]> =>
  ((await iam.send(new ListRolePoliciesCommand({ RoleName: ROLE }))).PolicyNames ?? []).sort();

test(
  "two regions with clusters of their own share a role, and neither undoes what the other wrote",
  {
    skip: localOnly,
  },
  async (t) => {
    const world = await createRegions(t);
    await world.passIn(EAST);
    await world.passIn(WEST);
    assert.deepEqual([await world.passIn(EAST), await world.passIn(WEST), await world.passIn(EAST)], [0, 0, 0]);
    assert.deepEqual(await policiesOf(world), ["LambdaExec", `LambdaExec-${WEST}`, `LambdaExec-${EAST}`]);
    for (const region of [EAST, WEST]) {
      assert.equal(await mayActIn(world, `lab-${region}`, region), true, region);
      assert.equal(await mayActIn(world, "strangers", region), false, region);
    }
    // Each region may act where its own workflows run, and only there.
    assert.equal(await mayActIn(world, `lab-${EAST}`, WEST), false);
  },
);

test(
  "a region that gives up its cluster, or leaves, takes its own rights along and no others",
  {
    skip: localOnly,
  },
  async (t) => {
    const world = await createRegions(t);
    await world.passIn(EAST);
    await world.passIn(WEST);
    const theirs = { RoleName: ROLE, PolicyName: `LambdaExec-${WEST}` };
    const before = (await world.sdk.iam.send(new GetRolePolicyCommand(theirs))).PolicyDocument;

    await writeWorkflow(world, EAST, "rivers", {});
    await world.passIn(EAST);
    assert.deepEqual(await policiesOf(world), ["LambdaExec", `LambdaExec-${WEST}`]);
    assert.equal(await mayActIn(world, "pipewright", EAST), true);

    await writeWorkflow(world, EAST, "rivers", { compute: { cluster: "lab-again" }, on_delete: "delete" });
    await world.passIn(EAST);
    assert.equal(await mayActIn(world, "lab-again", EAST), true);
    await unlink(join(world.root, EAST, "rivers.json"));
    await world.passIn(EAST);
    assert.deepEqual(await policiesOf(world), ["LambdaExec", `LambdaExec-${WEST}`]);
    const { Tags = [] } = await world.sdk.iam.send(new ListRoleTagsCommand({ RoleName: ROLE }));
    assert.deepEqual(
      Tags.map(({ Key = "" }) => Key).filter((name) => name.startsWith("pipewright:region:")),
      [`pipewright:region:${WEST}`],
    );
    assert.equal((await world.sdk.iam.send(new GetRolePolicyCommand(theirs))).PolicyDocument, before);
    assert.equal(await mayActIn(world, `lab-${WEST}`, WEST), true);
    assert.equal(await world.passIn(WEST), 0);
  },
);
