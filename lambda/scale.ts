/**
 * The scaler, one per cluster: looks at the world, does what is to be done, and leaves. It is called on a tick a minute, on
 * what happens to tasks and instances, on Spot warnings and by enqueuers, and does the same thing each time.
 */
import { randomUUID } from "node:crypto";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { EC2Client } from "@aws-sdk/client-ec2";
import { ECSClient } from "@aws-sdk/client-ecs";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import type { ScaleSettings } from "../src/desired/function-settings.ts";
import { scalerPrefix } from "../src/desired/names.ts";
import { EMPTY_REPORT, scalerReportKey } from "../src/desired/scaler-report.ts";
import { act } from "./act.ts";
import { decide } from "./capacity.ts";
import type { Clients } from "./clients.ts";
import { takeLease } from "./lease.ts";
import { isGone, ourInstances } from "./read-machines.ts";
import { taskReader } from "./read-tasks.ts";
import { reportStore } from "./report.ts";
import { readSettings } from "./settings.ts";
import type { Machine } from "./snapshot.ts";
import { readDepths, stepReader } from "./steps.ts";
import { type FirstLook, takeSnapshot } from "./take-snapshot.ts";
import { record, witness } from "./troubles.ts";

export interface ScaleDeps {
  /** The alarm action that ends an instance. */
  readonly terminateAction: string;
  readonly clients: Clients;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Milliseconds that never jump. */
  readonly monotonic: () => number;
}

/** `idle`: nothing waits and nothing runs. `busy`: another run holds the lease. */
export type Run = "idle" | "busy" | "done";

/** @returns a run, for an event of any kind */
export function createScaler(settings: ScaleSettings, deps: ScaleDeps): (event: unknown) => Promise<Run> {
  const { cluster, controlBucket: bucket, owner } = settings;
  const { clients, now, monotonic, terminateAction } = deps;
  const readSteps = stepReader(clients.s3, bucket, cluster);
  const snapshotDeps = { clients, cluster, now, readTasks: taskReader(clients.ecs, cluster) };
  const store = reportStore(clients.s3, bucket, scalerReportKey(cluster));
  const leaseDeps = { s3: clients.s3, bucket, key: `${scalerPrefix(cluster)}lease.json`, now, monotonic };
  /** Ended instances of which nothing is left, neither their alarm nor in ECS's list: they need no further look. */
  let settled: ReadonlySet<string> = new Set();

  const look = async (event: unknown): Promise<FirstLook> => {
    const [steps, instances] = await Promise.all([readSteps(), ourInstances(clients.ec2, owner)]);
    return { steps, instances, depths: await readDepths(clients.sqs, steps), warned: warnedBy(event) };
  };
  const isIdle = ({ depths, instances }: FirstLook): boolean =>
    depths.every(({ waiting, inFlight }) => waiting + inFlight === 0) &&
    instances.every((instance) => isGone(instance) && settled.has(instance.InstanceId ?? ""));

  return async (event) => {
    const first = await look(event);
    if (isIdle(first)) return "idle";
    const lease = await takeLease(randomUUID(), leaseDeps);
    if (!lease) {
      if (first.warned.length > 0) await evacuate(first);
      return "busy";
    }
    try {
      const snapshot = await takeSnapshot(first, snapshotDeps);
      const report = witness(await store.load(), snapshot);
      const actions = decide(snapshot, report);
      const outcomes = await act(actions, { clients, cluster, terminateAction, mayWrite: lease.mayWrite });
      await store.save(record(report, outcomes, snapshot));
      const isOpen = ({ guarded, ghostArn }: Machine) => guarded !== false || ghostArn !== undefined;
      const open = new Set(snapshot.machines.filter(isOpen).map(({ id }) => id));
      // While it is going, ECS may still hear of it.
      const gone = first.instances
        .filter(({ State }) => State?.Name === "terminated")
        .map(({ InstanceId = "" }) => InstanceId);
      settled = new Set(gone.filter((id) => !open.has(id)));
    } finally {
      await lease.release();
    }
    return "done";
  };

  /** Two minutes are left: tasks are told to hand back their files, whoever holds the lease. To do it twice is harmless. */
  async function evacuate(first: FirstLook): Promise<void> {
    const snapshot = await takeSnapshot(first, snapshotDeps);
    const actions = decide(snapshot, EMPTY_REPORT).filter((action) => action.do === "evacuate");
    await act(actions, { clients, cluster, terminateAction, mayWrite: () => true });
  }
}

/** Instances that the event announces the end of. */
function warnedBy(event: unknown): string[] {
  const { "detail-type": type, detail } = (event ?? {}) as { "detail-type"?: string; detail?: Record<string, unknown> };
  const id = detail?.["instance-id"];
  return type === "EC2 Spot Instance Interruption Warning" && typeof id === "string" ? [id] : [];
}

let scale: ReturnType<typeof createScaler> | undefined;

export async function handler(event: unknown, context: { readonly invokedFunctionArn: string }): Promise<void> {
  scale ??= createScaler(readSettings(), {
    clients: createClients(),
    terminateAction: terminateActionBeside(context.invokedFunctionArn),
    now: () => Date.now(),
    monotonic: () => performance.now(),
  });
  const run = await scale(event);
  if (run !== "idle") console.info(JSON.stringify({ message: "run", run }));
}

function terminateActionBeside(functionArn: string): string {
  const [, partition, , region] = functionArn.split(":");
  return `arn:${partition}:automate:${region}:ec2:terminate`;
}

/** A call that gets no answer must not use up the run; what became of it, the next one sees. */
const requestHandler = { connectionTimeout: 3_000, requestTimeout: 20_000, throwOnRequestTimeout: true };

function createClients(): Clients {
  return {
    // An endpoint of one's own has no host name for each bucket.
    s3: new S3Client({ requestHandler, forcePathStyle: process.env.AWS_ENDPOINT_URL !== undefined }),
    // The queue's URL may name another host than the endpoint does.
    sqs: new SQSClient({ requestHandler, useQueueUrlAsEndpoint: false }),
    ecs: new ECSClient({ requestHandler }),
    ec2: new EC2Client({ requestHandler }),
    cloudwatch: new CloudWatchClient({ requestHandler }),
  };
}
