/** EC2 instances as somebody launched them, and as members of a cluster. */
import { RunInstancesCommand, TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { RegisterContainerInstanceCommand } from "@aws-sdk/client-ecs";
import { tagList } from "../../src/aws/tags.ts";
import type { Tags } from "../../src/core/owner.ts";
import type { Backend } from "../support/backend.ts";

/** Answers its id. */
export async function launch({ sdk }: Backend, tags: Tags): Promise<string> {
  const { Instances } = await sdk.ec2.send(
    new RunInstancesCommand({
      ImageId: "resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id",
      InstanceType: "m5.large",
      MinCount: 1,
      MaxCount: 1,
      ...(Object.keys(tags).length > 0
        ? { TagSpecifications: [{ ResourceType: "instance", Tags: tagList(tags) }] }
        : {}),
    }),
  );
  return Instances![0]!.InstanceId!;
}

export const terminate = ({ sdk }: Backend, id: string) =>
  sdk.ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));

/** As its agent would do it. */
export async function join({ sdk }: Backend, cluster: string, instanceId: string): Promise<void> {
  await sdk.ecs.send(
    new RegisterContainerInstanceCommand({ cluster, instanceIdentityDocument: JSON.stringify({ instanceId }) }),
  );
}
