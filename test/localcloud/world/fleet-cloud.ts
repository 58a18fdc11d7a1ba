import assert from "node:assert/strict";
import { EC2 } from "@aws-sdk/client-ec2";
import { ECS, type Task } from "@aws-sdk/client-ecs";
import { IAM } from "@aws-sdk/client-iam";
import type { LocalCloudOptions } from "../../../localcloud/server.ts";
import type { RunOptions } from "../../../localcloud/world/machinery.ts";
import { type FunctionCloud, startFunctionCloud } from "./function-cloud.ts";

export const CLUSTER = "pipewright";
const AGENT_POLICY = "arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role";

export interface FleetCloud extends FunctionCloud {
  readonly ecs: ECS;
  readonly ec2: EC2;
  readonly iam: IAM;
  /** Empties the cloud and makes the cluster, its instances' role and profile, and CloudWatch's role. */
  begin(): Promise<void>;
  launch(more?: object, settings?: string): Promise<string>;
  /** Container instances of the cluster, ended ones not among them. */
  members(): Promise<{ id: string; status: string; memory: number }[]>;
  state(id: string): Promise<string | undefined>;
  task(arn: string): Promise<Task>;
  /** Lets the machine's time go on until it is so. */
  until(what: string, isSo: () => Promise<boolean> | boolean): Promise<void>;
}

export async function startFleetCloud(run: RunOptions = {}, options: LocalCloudOptions = {}): Promise<FleetCloud> {
  const base = await startFunctionCloud({ run, ...options });
  const { cloud, admin, makeRole } = base;
  const [ecs, ec2, iam] = [new ECS(admin), new EC2(admin), new IAM(admin)];
  return {
    ...base,
    ecs,
    ec2,
    iam,
    async begin() {
      cloud.reset();
      await makeRole("ecsInstanceRole", [], "ec2.amazonaws.com");
      await iam.attachRolePolicy({ RoleName: "ecsInstanceRole", PolicyArn: AGENT_POLICY });
      await iam.createInstanceProfile({ InstanceProfileName: "ecsInstanceRole" });
      await iam.addRoleToInstanceProfile({ InstanceProfileName: "ecsInstanceRole", RoleName: "ecsInstanceRole" });
      await iam.createServiceLinkedRole({ AWSServiceName: "events.amazonaws.com" });
      await ecs.createCluster({ clusterName: CLUSTER });
    },
    async launch(more = {}, settings = `ECS_CLUSTER=${CLUSTER}\nECS_ENABLE_SPOT_INSTANCE_DRAINING=true`) {
      const userData = `#!/bin/bash\ncat >> /etc/ecs/ecs.config << 'END'\n${settings}\nEND\n`;
      const { Instances } = await ec2.runInstances({
        ImageId: "resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id",
        InstanceType: "t3.micro",
        MinCount: 1,
        MaxCount: 1,
        IamInstanceProfile: { Name: "ecsInstanceRole" },
        UserData: Buffer.from(userData).toString("base64"),
        ...more,
      });
      return Instances![0]!.InstanceId!;
    },
    async members() {
      const arns: string[] = [];
      for (const status of ["ACTIVE", "DRAINING"] as const) {
        arns.push(...((await ecs.listContainerInstances({ cluster: CLUSTER, status })).containerInstanceArns ?? []));
      }
      if (arns.length === 0) return [];
      const { containerInstances = [] } = await ecs.describeContainerInstances({
        cluster: CLUSTER,
        containerInstances: arns,
      });
      return containerInstances.map((one) => ({
        id: one.ec2InstanceId!,
        status: one.status!,
        memory: one.registeredResources!.find(({ name }) => name === "MEMORY")!.integerValue!,
      }));
    },
    async state(id) {
      const { Reservations = [] } = await ec2.describeInstances({ InstanceIds: [id] });
      return Reservations[0]?.Instances?.[0]?.State?.Name;
    },
    async task(arn) {
      const { tasks = [] } = await ecs.describeTasks({ cluster: CLUSTER, tasks: [arn] });
      return tasks[0]!;
    },
    async until(what, isSo) {
      const deadline = performance.now() + 60_000;
      while (!(await isSo())) {
        assert.ok(performance.now() < deadline, `it took too long until ${what}`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    async stop() {
      for (const client of [ecs, ec2, iam]) client.destroy();
      await base.stop();
    },
  };
}
