import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import {
  ListTaskDefinitionsCommand,
  type ListTaskDefinitionsCommandInput,
  RegisterTaskDefinitionCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-ecs";
import { LeftBehind } from "../../src/core/failure.ts";
import { TAG } from "../../src/core/owner.ts";
import { type TaskDefinitionSpec, taskDefinition } from "../../src/kinds/task-definition.ts";
import { adopted } from "./diff-table.ts";
import { type InCloud, startInCloud } from "./in-cloud.ts";

const FAMILY = "pw-plants-grey";

describe("a task definition's revisions", () => {
  let place: InCloud;
  let role: string;
  let kind: ReturnType<typeof taskDefinition>;
  before(async () => {
    place = await startInCloud();
  });
  beforeEach(async () => {
    place.cloud.reset();
    role = await place.role("pw-task", "ecs-tasks.amazonaws.com");
    kind = taskDefinition(place.aws);
  });
  after(() => place.stop());

  const spec = (image: string): TaskDefinitionSpec => ({
    taskRoleArn: role,
    executionRoleArn: role,
    networkMode: "bridge",
    architecture: "X86_64",
    containers: [
      {
        name: "algorithm",
        image,
        essential: true,
        entryPoint: [],
        command: [],
        cpu: 256,
        memory: 256,
        memoryReservation: 128,
        gpus: 0,
        environment: {},
        portMappings: [],
        mountPoints: [],
        dependsOn: [],
        privileged: false,
        initProcess: true,
        stopTimeout: 110,
        logs: { group: "/pw", region: "us-east-1", streamPrefix: "a" },
        repositoryCredentials: null,
      },
    ],
    volumes: {},
    tags: place.tags(`task-definition/${FAMILY}`),
  });
  const revisions = async (status: ListTaskDefinitionsCommandInput["status"]) => {
    const answer = await place.aws.clients.ecs.send(new ListTaskDefinitionsCommand({ familyPrefix: FAMILY, status }));
    return (answer.taskDefinitionArns ?? []).map((arn) => Number(arn.split(":").at(-1)));
  };
  /** As someone would by hand. */
  const registerByHand = () =>
    place.aws.clients.ecs.send(
      new RegisterTaskDefinitionCommand({
        family: FAMILY,
        containerDefinitions: [{ name: "theirs", image: "theirs", memory: 64 }],
      }),
    );

  it("is one more for a change, and none for a look", async () => {
    await place.converge(kind, FAMILY, spec("plants:1"));
    assert.deepEqual(await place.converge(kind, FAMILY, spec("plants:1")), []);
    await place.converge(kind, FAMILY, spec("plants:2"));
    assert.deepEqual(await revisions("ACTIVE"), [1, 2]);
  });

  it("is not one more where a listing from before knows of none", async () => {
    const batched = { ...place.pass, fresh: false };
    assert.equal((await kind.read(FAMILY, batched)).is, "absent");
    await place.converge(taskDefinition(place.aws), FAMILY, spec("plants:1"));
    assert.equal((await kind.read(FAMILY, batched)).is, "absent");
    await kind.create!(FAMILY, spec("plants:1"), batched);
    assert.deepEqual(await revisions("ACTIVE"), [1]);
    assert.equal((await kind.read(FAMILY, batched)).is, "owned");
  });

  it("is not one more where the answer to its registration is lost", async () => {
    place.cloud.faults.add({ kind: "drop", operation: "RegisterTaskDefinition" });
    await place.converge(kind, FAMILY, spec("plants:1"));
    await place.converge(kind, FAMILY, spec("plants:2"));
    assert.deepEqual(await revisions("ACTIVE"), [1, 2]);
  });

  it("keeps five old ones, and leaves nothing inactive behind", async () => {
    for (let number = 1; number <= 9; number++) await place.converge(kind, FAMILY, spec(`plants:${number}`));
    assert.deepEqual(await revisions("ACTIVE"), [4, 5, 6, 7, 8, 9]);
    assert.deepEqual(await revisions("INACTIVE"), []);
  });

  it("is new also where old ones may not be deregistered", async () => {
    for (let number = 1; number <= 6; number++) await place.converge(kind, FAMILY, spec(`plants:${number}`));
    const seen = await place.read(kind, FAMILY);
    assert.ok(seen.is === "owned");
    const wanted = spec("plants:7");
    place.cloud.faults.add({ kind: "denied", operation: "DeregisterTaskDefinition" });
    await assert.rejects(
      kind.update!(FAMILY, wanted, seen.actual, kind.diff(wanted, seen.actual), place.pass),
      (error) => error instanceof LeftBehind && /stay: ecs:DeregisterTaskDefinition/.test(error.message),
    );
    place.cloud.faults.clear();
    assert.deepEqual(await place.converge(kind, FAMILY, wanted), []);
  });

  it("keeps every old one of an adopted family", async () => {
    for (let number = 1; number <= 7; number++) await registerByHand();
    const wanted = spec("plants:1");
    assert.equal((await place.read(kind, FAMILY)).is, "foreign");
    await place.converge(kind, FAMILY, { ...wanted, tags: adopted(wanted.tags) });
    assert.equal((await place.read(kind, FAMILY)).is, "owned");
    assert.deepEqual(await revisions("ACTIVE"), [1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it("is ours again after someone registered theirs over it", async () => {
    await place.converge(kind, FAMILY, spec("plants:1"));
    await registerByHand();
    const seen = await place.read(kind, FAMILY);
    assert.equal(seen.is, "owned");
    assert.deepEqual(await place.converge(kind, FAMILY, spec("plants:1")), ["RegisterTaskDefinition"]);
    assert.deepEqual(await revisions("ACTIVE"), [1, 2, 3]);
  });

  it("does not change for a tag", async () => {
    await place.converge(kind, FAMILY, spec("plants:1"));
    const resourceArn = `arn:aws:ecs:us-east-1:123456789012:task-definition/${FAMILY}:1`;
    await place.aws.clients.ecs.send(new UntagResourceCommand({ resourceArn, tagKeys: [TAG.workflow, TAG.spec] }));
    assert.deepEqual(await place.converge(kind, FAMILY, spec("plants:1")), ["TagResource"]);
    assert.deepEqual(await revisions("ACTIVE"), [1]);
  });

  it("are all gone with the family, and deleting it again is no error", async () => {
    for (let number = 1; number <= 3; number++) await place.converge(kind, FAMILY, spec(`plants:${number}`));
    const seen = await place.read(kind, FAMILY);
    assert.ok(seen.is === "owned");
    for (const _ of ["once", "twice"]) await kind.delete!(FAMILY, seen.actual, place.pass);
    assert.equal((await place.read(kind, FAMILY)).is, "absent");
    assert.deepEqual([await revisions("ACTIVE"), await revisions("INACTIVE")], [[], []]);
    assert.deepEqual(await place.rows(kind), []);
  });
});
