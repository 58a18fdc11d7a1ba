import type { World } from "../service.ts";
import { parseArn } from "../services/arn.ts";
import type { CloudWatch } from "../services/cloudwatch.ts";
import { stateOf } from "../services/ec2/instance-record.ts";
import type { Ec2 } from "../services/ec2.ts";
import type { Ecs } from "../services/ecs.ts";
import type { Place } from "../services/regions.ts";
import type { Sqs } from "../services/sqs.ts";

/** Instances report every five minutes where nobody pays for more. */
const INSTANCE_PERIOD_MINUTES = 5;
/** An instance with nothing to do, and one with tasks. */
const IDLE_PERCENT = 0.3;
const BUSY_PERCENT = 60;

/** What AWS measures by itself, once a minute. `minute` counts the world's minutes. */
export function measure(world: World, minute: number): void {
  measureQueues(world);
  if (minute % INSTANCE_PERIOD_MINUTES !== 0) return;
  for (const place of world.service<Ec2>("ec2").places()) measureInstances(world, place);
}

function measureQueues(world: World): void {
  const sqs = world.service<Sqs>("sqs");
  const cloudWatch = world.service<CloudWatch>("cloudwatch");
  for (const { arn } of sqs.taggables?.() ?? []) {
    const measured = sqs.measure(arn);
    const { account, region, resource } = parseArn(arn)!;
    if (measured === undefined) continue;
    const write = (name: string, unit: string, value: number) =>
      cloudWatch.record(
        { account, region },
        { namespace: "AWS/SQS", name, dimensions: [{ name: "QueueName", value: resource }] },
        { atMs: world.now(), unit, value },
      );
    write("ApproximateNumberOfMessagesVisible", "Count", measured.visible);
    write("ApproximateNumberOfMessagesNotVisible", "Count", measured.inFlight);
    write("ApproximateNumberOfMessagesDelayed", "Count", measured.delayed);
    write("ApproximateAgeOfOldestMessage", "Seconds", Math.floor(measured.oldestAgeMs / 1000));
  }
}

function measureInstances(world: World, place: Place): void {
  const busy = busyInstances(world, place);
  for (const instance of world.service<Ec2>("ec2").instances(place)) {
    if (stateOf(instance, world.now()) !== "running") continue;
    world
      .service<CloudWatch>("cloudwatch")
      .record(
        place,
        { namespace: "AWS/EC2", name: "CPUUtilization", dimensions: [{ name: "InstanceId", value: instance.id }] },
        { atMs: world.now(), unit: "Percent", value: busy.has(instance.id) ? BUSY_PERCENT : IDLE_PERCENT },
      );
  }
}

function busyInstances(world: World, place: Place): Set<string> {
  const ecs = world.service<Ecs>("ecs");
  return new Set(
    [...ecs.tasks(place)]
      .filter(({ task }) => task.lastStatus === "RUNNING")
      .flatMap((record) => ecs.machineOf(place, record)?.id ?? []),
  );
}
