/** Instances, and clusters that they have joined: what probes of EC2 and ECS make before they ask. */
import * as ec2 from "@aws-sdk/client-ec2";
import * as ecs from "@aws-sdk/client-ecs";
import type { Sdk } from "../../support/sdk.ts";
import { isUnknownOperation } from "./refusal.ts";

export async function launch(sdk: Sdk, more: Partial<ec2.RunInstancesCommandInput> = {}): Promise<ec2.Instance> {
  const ImageId = await imageOf(sdk);
  const input = { MinCount: 1, MaxCount: 1, InstanceType: "t3.micro" as const, ImageId, ...more };
  return (await sdk.ec2.send(new ec2.RunInstancesCommand(input))).Instances![0]!;
}

/** Some take seconds to list their images. */
const images = new WeakMap<Sdk, Promise<string>>();

/** One that the cloud has for x86-64. */
function imageOf(sdk: Sdk): Promise<string> {
  const Filters = [{ Name: "architecture", Values: ["x86_64"] }];
  const listed =
    images.get(sdk) ??
    sdk.ec2
      .send(new ec2.DescribeImagesCommand({ Owners: ["amazon"], Filters }))
      .then(({ Images }) => Images![0]!.ImageId!);
  images.set(sdk, listed);
  return listed;
}

export async function newCluster({ ecs: client }: Sdk, name: string): Promise<{ cluster: string }> {
  await client.send(new ecs.CreateClusterCommand({ clusterName: `probe-${name}` }));
  return { cluster: `probe-${name}` };
}

export interface Member {
  readonly cluster: string;
  /** Of the container instance. */
  readonly arn: string;
  readonly instanceId: string;
}

/** A new cluster with one instance that has joined it, as an agent does it: 2 vCPU and 2,048 MiB, coloured green. */
export async function joined(sdk: Sdk, name: string): Promise<Member> {
  const { cluster } = await newCluster(sdk, name);
  try {
    return await join(sdk, cluster);
  } catch (error) {
    // Where no instance can join, the answer is no name of an operation that nobody has asked about.
    throw isUnknownOperation(error) ? Object.assign(new Error(), { name: "no instance can join" }) : error;
  }
}

/** A new cluster in which tasks find a place: without an instance in clouds that know no instances of a cluster. */
export async function roomy(sdk: Sdk, name: string): Promise<{ cluster: string }> {
  const at = await newCluster(sdk, name);
  await join(sdk, at.cluster).catch((error) => {
    if (!isUnknownOperation(error)) throw error;
  });
  return at;
}

/** One more instance joins. */
export async function join(sdk: Sdk, cluster: string): Promise<Member> {
  const { InstanceId: instanceId } = await launch(sdk);
  const integer = (resource: string) => ({ name: resource, type: "INTEGER", integerValue: 2048 });
  const answer = await sdk.ecs.send(
    new ecs.RegisterContainerInstanceCommand({
      cluster,
      instanceIdentityDocument: JSON.stringify({ instanceId }),
      totalResources: [integer("CPU"), integer("MEMORY")],
      attributes: [{ name: "colour", value: "green" }],
    }),
  );
  return { cluster, arn: answer.containerInstance!.containerInstanceArn!, instanceId: instanceId! };
}

/** A definition with one container of 64 MiB. */
export async function define(sdk: Sdk, name: string, more: Partial<ecs.RegisterTaskDefinitionCommandInput> = {}) {
  const containerDefinitions = [{ name: "main", image: "busybox", memory: 64 }];
  const input = { family: `probe-${name}`, containerDefinitions, ...more };
  return (await sdk.ecs.send(new ecs.RegisterTaskDefinitionCommand(input))).taskDefinition!;
}

/** Runs a task of `probe-NAME`, after having defined it. */
export async function run(
  sdk: Sdk,
  at: { cluster: string },
  name: string,
  more: Partial<ecs.RunTaskCommandInput> = {},
) {
  await define(sdk, name);
  return sdk.ecs.send(new ecs.RunTaskCommand({ cluster: at.cluster, taskDefinition: `probe-${name}`, ...more }));
}
