/** A local cloud with one step that stands ready, and a scaler in front of it. */
import { type _InstanceType, CreateLaunchTemplateCommand, DescribeInstancesCommand } from "@aws-sdk/client-ec2";
import {
  CreateClusterCommand,
  type CreateClusterCommandInput,
  DescribeContainerInstancesCommand,
  DescribeTasksCommand,
  ListContainerInstancesCommand,
  ListTasksCommand,
  RegisterContainerInstanceCommand,
  RegisterTaskDefinitionCommand,
} from "@aws-sdk/client-ecs";
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { CreateQueueCommand, PurgeQueueCommand, SendMessageBatchCommand } from "@aws-sdk/client-sqs";
import { createScaler } from "../../lambda/scale.ts";
import { startLocalCloud } from "../../localcloud/server.ts";
import type { Ecs } from "../../localcloud/services/ecs.ts";
import { readScalerReport, scalerReportKey } from "../../src/desired/scaler-report.ts";
import { type StepDescription, writeStepDescription } from "../../src/desired/step-description.ts";
import { createSdk } from "../support/sdk.ts";
import { description } from "./samples.ts";

export const CLUSTER = "pipewright";
export const BUCKET = "pipewright-123456789012-us-east-1";
const PLACE = { account: "123456789012", region: "us-east-1" };
const imageFor = ({ gpus }: StepDescription["instances"]): string =>
  `resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/${gpus ? "gpu/" : ""}recommended/image_id`;
const CREDENTIALS = { accessKeyId: "test", secretAccessKey: "test" };

export type Options = Parameters<typeof description>[0];

/** What somebody may have set up the cluster with. */
export type ClusterOptions = Omit<CreateClusterCommandInput, "clusterName">;

export async function clusterCloud(options: Options = {}, cluster: ClusterOptions = {}) {
  const cloud = await startLocalCloud();
  const sdk = createSdk({ endpoint: cloud.endpoint, region: PLACE.region, credentials: CREDENTIALS });
  const step = description(options);
  const { family } = step.task;

  await sdk.s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  const { QueueUrl } = await sdk.sqs.send(new CreateQueueCommand({ QueueName: step.queue.name }));
  await sdk.ecs.send(new CreateClusterCommand({ clusterName: CLUSTER, ...cluster }));
  await sdk.ecs.send(
    new RegisterTaskDefinitionCommand({
      family,
      networkMode: "bridge",
      containerDefinitions: [
        {
          name: "algorithm",
          image: step.image,
          cpu: step.task.cpuUnits,
          memory: step.task.memoryMiB,
          memoryReservation: step.task.memoryMiB,
          ...(step.task.gpus > 0 && { resourceRequirements: [{ type: "GPU", value: String(step.task.gpus) }] }),
        },
      ],
    }),
  );
  const instanceTags = {
    Name: family,
    "pipewright:owner": "default",
    "pipewright:workflow": step.workflow,
    "pipewright:resource": `launch-template/${step.instances.launchTemplate}`,
    "pipewright:on-delete": "retain-data",
  };
  await sdk.ec2.send(
    new CreateLaunchTemplateCommand({
      LaunchTemplateName: step.instances.launchTemplate,
      LaunchTemplateData: {
        ImageId: imageFor(step.instances),
        InstanceType: step.instances.type as _InstanceType,
        TagSpecifications: [
          { ResourceType: "instance", Tags: Object.entries(instanceTags).map(([Key, Value]) => ({ Key, Value })) },
        ],
      },
    }),
  );
  const describe = (text: string, name = "plants/grey") =>
    sdk.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: `steps/${CLUSTER}/${name}.json`, Body: text }));
  await describe(writeStepDescription(step));

  // An instance that goes takes its agent and its tasks with it.
  cloud.world.onEvent(({ source, detail }) => {
    if (source !== "ec2" || detail.state !== "shutting-down") return;
    cloud.world.service<Ecs>("ecs").instanceEnded(PLACE, String(detail["instance-id"]));
  });

  const newScaler = () =>
    createScaler(
      { cluster: CLUSTER, controlBucket: BUCKET, owner: "default" },
      {
        terminateAction: `arn:aws:automate:${PLACE.region}:ec2:terminate`,
        clients: { s3: sdk.s3, sqs: sdk.sqs, ecs: sdk.ecs, ec2: sdk.ec2, cloudwatch: sdk.cloudwatch },
        now: cloud.world.now,
        monotonic: () => performance.now(),
      },
    );

  const tasks = async (desiredStatus: "RUNNING" | "STOPPED" = "RUNNING") => {
    const { taskArns = [] } = await sdk.ecs.send(new ListTasksCommand({ cluster: CLUSTER, desiredStatus }));
    if (taskArns.length === 0) return [];
    const answer = await sdk.ecs.send(
      new DescribeTasksCommand({ cluster: CLUSTER, tasks: taskArns, include: ["TAGS"] }),
    );
    return answer.tasks ?? [];
  };

  return {
    cloud,
    sdk,
    describe,
    newScaler,
    tasks,
    run: newScaler(),
    async enqueue(files: number) {
      for (let sent = 0; sent < files; sent += 10) {
        const Entries = Array.from({ length: Math.min(10, files - sent) }, (_, index) => ({
          Id: String(index),
          MessageBody: "{}",
        }));
        await sdk.sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
      }
    },
    emptyQueue: () => sdk.sqs.send(new PurgeQueueCommand({ QueueUrl })),
    /** Instances that cost money. */
    async instances() {
      const Filters = [{ Name: "instance-state-name", Values: ["pending", "running"] }];
      const { Reservations = [] } = await sdk.ec2.send(new DescribeInstancesCommand({ Filters }));
      return Reservations.flatMap(({ Instances = [] }) => Instances);
    },
    /** What the agent of an instance does when it has booted. */
    join: (instanceId: string | undefined) =>
      sdk.ecs.send(
        new RegisterContainerInstanceCommand({
          cluster: CLUSTER,
          instanceIdentityDocument: JSON.stringify({ instanceId }),
        }),
      ),
    async members() {
      const { containerInstanceArns = [] } = await sdk.ecs.send(
        new ListContainerInstancesCommand({ cluster: CLUSTER }),
      );
      if (containerInstanceArns.length === 0) return [];
      const answer = await sdk.ecs.send(
        new DescribeContainerInstancesCommand({ cluster: CLUSTER, containerInstances: containerInstanceArns }),
      );
      return answer.containerInstances ?? [];
    },
    /** Ends every task as ECS would tell it. */
    endTasks(stopCode: "TaskFailedToStart" | "EssentialContainerExited", stoppedReason: string, exitCode?: number) {
      const ecs = cloud.world.service<Ecs>("ecs");
      for (const record of ecs.tasks(PLACE)) {
        if (exitCode !== undefined) record.task.containers![0]!.exitCode = exitCode;
        ecs.ended(PLACE, record, { stopCode, stoppedReason });
      }
    },
    /** Every task's containers run from now on. */
    startTasks() {
      const ecs = cloud.world.service<Ecs>("ecs");
      for (const record of ecs.tasks(PLACE)) {
        Object.assign(record.task, { lastStatus: "RUNNING", startedAt: new Date(cloud.world.now()) });
      }
    },
    loseAgents: () => cloud.world.service<Ecs>("ecs").agentsLost(PLACE, CLUSTER),
    async report() {
      const Key = scalerReportKey(CLUSTER);
      const { Body } = await sdk.s3.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
      return readScalerReport(await Body!.transformToString());
    },
    /** Names of the calls that changed something since the last time. */
    writes() {
      const names = cloud.calls.list({ write: true }).map(({ operation }) => operation);
      cloud.calls.clear();
      return names;
    },
    step: (minutes: number) => cloud.world.clock.step(minutes * 60_000),
  };
}
