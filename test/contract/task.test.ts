import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import {
  CreateClusterCommand,
  DeregisterTaskDefinitionCommand,
  DescribeTasksCommand,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
  StopTaskCommand,
} from "@aws-sdk/client-ecs";
import { lowerTagList } from "../../src/aws/tags.ts";
import { Failure } from "../../src/core/failure.ts";
import { ownerTags, type Tags } from "../../src/core/owner.ts";
import { task } from "../../src/kinds/task.ts";
import { startBackend } from "../support/backend.ts";
import { createProduct, OWNER } from "../support/product.ts";
import { join, launch, terminate } from "./instances.ts";

const backend = await startBackend();
const { ecs } = backend.sdk;
const product = createProduct(backend);
const kind = task(product.aws);
const pass = product.pass();

const CLUSTER = "pw-contract-tasks";
const FAMILY = "pw-contract-task";
/** More than a task needs until it has ended. */
const READS = 50;

const ours = ownerTags("task-definition/pw-contract", {
  owner: OWNER,
  workflow: "contract",
  onDelete: "delete",
  userTags: {},
});
let instanceId: string;
let revision: string;

before(async () => {
  const tags = lowerTagList(ours);
  await ecs.send(new CreateClusterCommand({ clusterName: CLUSTER, tags }));
  instanceId = await launch(backend, {});
  await join(backend, CLUSTER, instanceId);
  const { taskDefinition } = await ecs.send(
    new RegisterTaskDefinitionCommand({
      family: FAMILY,
      containerDefinitions: [{ name: "main", image: "busybox", cpu: 64, memory: 64 }],
    }),
  );
  revision = taskDefinition!.taskDefinitionArn!;
});

after(async () => {
  await ecs.send(new DeregisterTaskDefinitionCommand({ taskDefinition: revision }));
  await terminate(backend, instanceId);
  product.stop();
  await backend.stop();
});

/** Answers its name among ours: cluster/id. */
async function run(tags: Tags): Promise<string> {
  const { tasks, failures } = await ecs.send(
    new RunTaskCommand({ cluster: CLUSTER, taskDefinition: FAMILY, tags: lowerTagList(tags) }),
  );
  assert.deepEqual(failures ?? [], []);
  return `${CLUSTER}/${tasks![0]!.taskArn!.split("/").at(-1)}`;
}

async function listed(): Promise<string[]> {
  const names: string[] = [];
  for await (const row of kind.list(pass)) {
    assert.equal(row.runtime, true);
    names.push(row.name);
  }
  return names;
}

async function readUntilGone(name: string): Promise<void> {
  for (let reads = 0; reads < READS; reads++) {
    const observed = await kind.read(name, pass);
    if (observed.is === "absent") return;
    assert.equal(observed.is, "settling");
    backend.passTime(10_000);
  }
  assert.fail(`${name} has not ended after ${READS} reads`);
}

const statusOf = async (name: string) => {
  const tasks = [name.split("/")[1]!];
  return (await ecs.send(new DescribeTasksCommand({ cluster: CLUSTER, tasks }))).tasks?.[0]?.desiredStatus;
};

describe(`a task on ${backend.name}`, () => {
  it("of ours is listed and stopped, and stopping it again is no error", async () => {
    const name = await run(ours);
    const observed = await kind.read(name, pass);
    assert.equal(observed.is, "owned");
    const { actual } = observed as { actual: { arn: string; tags: Tags } };
    assert.ok((await listed()).includes(name));

    await kind.delete!(name, actual, pass);
    await readUntilGone(name);
    assert.ok(!(await listed()).includes(name));
    await kind.delete!(name, actual, pass);
    assert.equal((await kind.read(name, pass)).is, "absent");
  });

  it("of someone else's is foreign, not listed, and goes on", async () => {
    const name = await run({ colour: "green" });
    assert.equal((await kind.read(name, pass)).is, "foreign");
    assert.ok(!(await listed()).includes(name));
    assert.equal(await statusOf(name), "RUNNING");
    await ecs.send(new StopTaskCommand({ cluster: CLUSTER, task: name.split("/")[1]! }));
  });

  it("that nobody knows is absent, and stopping it is no error", async (context) => {
    const refusesUnknown = backend.cannot("unknown-task-stopped");
    const id = "0123456789abcdef0123456789abcdef";
    for (const name of [`${CLUSTER}/${id}`, `pw-contract-no-cluster/${id}`]) {
      assert.equal((await kind.read(name, pass)).is, "absent");
      if (refusesUnknown === undefined) await kind.delete!(name, { arn: "", tags: {} }, pass);
    }
    if (refusesUnknown !== undefined) context.diagnostic(`not stopped: ${backend.name} ${refusesUnknown}`);
  });

  it("is only made and changed by the running pipeline", () => {
    assert.equal(kind.create, undefined);
    assert.equal(kind.update, undefined);
  });

  it(
    "says who may not do what where stopping it is denied",
    {
      skip: backend.cloud ? false : "only the local cloud denies on demand",
    },
    async () => {
      const name = await run(ours);
      const { actual } = (await kind.read(name, pass)) as { actual: { arn: string; tags: Tags } };
      const fault = backend.cloud!.faults.add({ kind: "denied", operation: "StopTask" });
      await assert.rejects(
        kind.delete!(name, actual, pass),
        (error) => error instanceof Failure && error.class === "denied" && error.action === "ecs:StopTask",
      );
      backend.cloud!.faults.clear(fault);
      assert.equal((await kind.read(name, pass)).is, "owned");
      await kind.delete!(name, actual, pass);
    },
  );
});
