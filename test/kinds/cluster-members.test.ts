import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { DescribeSubnetsCommand, RunInstancesCommand, TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { ListContainerInstancesCommand, RegisterContainerInstanceCommand } from "@aws-sdk/client-ecs";
import type { Ecs } from "../../localcloud/services/ecs.ts";
import { Failure } from "../../src/core/failure.ts";
import { cluster } from "../../src/kinds/cluster.ts";
import { type InCloud, startInCloud } from "./in-cloud.ts";

const NAME = "pipewright";
const ImageId = "resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id";

describe("a cluster whose machines are gone", () => {
  let place: InCloud;
  let kind: ReturnType<typeof cluster>;
  before(async () => {
    place = await startInCloud();
  });
  beforeEach(async () => {
    place.cloud.reset();
    kind = cluster(place.aws);
    await place.converge(kind, NAME, { tags: place.tags(`cluster/${NAME}`) });
  });
  after(() => place.stop());

  const join = async () => {
    const { ec2, ecs } = place.aws.clients;
    const { Subnets } = await ec2.send(new DescribeSubnetsCommand({}));
    const launch = {
      ImageId,
      InstanceType: "t3.small",
      SubnetId: Subnets![0]!.SubnetId,
      MinCount: 1,
      MaxCount: 1,
    } as const;
    const { Instances } = await ec2.send(new RunInstancesCommand(launch));
    const instanceId = Instances![0]!.InstanceId!;
    place.cloud.world.clock.step(60_000);
    const instanceIdentityDocument = JSON.stringify({ instanceId });
    await ecs.send(new RegisterContainerInstanceCommand({ cluster: NAME, instanceIdentityDocument }));
    return instanceId;
  };
  const end = (id: string) => place.aws.clients.ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
  const remove = async () => {
    const seen = await place.read(kind, NAME);
    if (seen.is === "owned") await kind.delete!(NAME, seen.actual, place.pass);
  };
  const held = (error: unknown) =>
    error instanceof Failure && error.retry && error.code === "ClusterContainsContainerInstancesException";

  it("goes, though ECS never learnt that they are gone", async () => {
    const gone = await join();
    place.cloud.world.service<Ecs>("ecs").agentsLost(place.pass.account, NAME);
    await end(gone);
    await assert.rejects(remove(), held, "it is looked at again");
    await remove();
    assert.equal((await place.read(kind, NAME)).is, "absent");
  });

  it("stays as long as one of them runs, whose agent may be silent for a moment", async () => {
    await join();
    place.cloud.world.service<Ecs>("ecs").agentsLost(place.pass.account, NAME);
    for (let tries = 0; tries < 2; tries++) await assert.rejects(remove(), held);
    const members = await place.aws.clients.ecs.send(new ListContainerInstancesCommand({ cluster: NAME }));
    assert.equal(members.containerInstanceArns!.length, 1);
  });
});
