/** What a run of the scaler knows of its cluster: plain data, so that everything that follows from it can be pure. */
import type { StepDescription } from "../src/desired/step-description.ts";

export interface Snapshot {
  /** Milliseconds since the epoch, like all times here. */
  readonly nowMs: number;
  readonly steps: readonly StepNow[];
  readonly tasks: readonly TaskNow[];
  readonly machines: readonly Machine[];
  /** Of the default VPC, one per zone: for steps that name no subnets. */
  readonly defaultSubnets: readonly string[];
  /** EC2 instances that a Spot warning has just named. */
  readonly warned: readonly string[];
}

export interface StepNow {
  /** `<workflow>/<step>`. */
  readonly key: string;
  readonly description: StepDescription;
  /** Changes with all that a person may have mended. */
  readonly fingerprint: string;
  /** Null where the template is not there. */
  readonly templateVersion: number | null;
  /** Messages that nobody works on. */
  readonly waiting: number;
  /** Messages that a worker holds. */
  readonly inFlight: number;
  /** All messages, also those that wait for another try; undefined where the queue did not tell, and seems empty. */
  readonly backlog: number | undefined;
}

export interface TaskNow {
  readonly arn: string;
  readonly family: string;
  readonly containerInstanceArn: string | undefined;
  readonly createdMs: number;
  /** Undefined until its containers run. */
  readonly startedMs: number | undefined;
  /** It has been told to end. */
  readonly stopping: boolean;
  readonly stopped: Stopped | undefined;
}

export interface Stopped {
  readonly atMs: number;
  /** As ECS names it: `TaskFailedToStart`, `EssentialContainerExited`, … */
  readonly code: string;
  readonly reason: string;
  /** Of the algorithm's container. */
  readonly exitCode: number | undefined;
}

/** An EC2 instance, a container instance of the cluster, or (as a rule) both in one. */
export interface Machine {
  /** EC2 instance id. */
  readonly id: string;
  /** Carries our owner tag. Others' are used, and never touched. */
  readonly ours: boolean;
  /** Key of the step that it was launched for, where that is one of this cluster. */
  readonly step: string | undefined;
  readonly type: string;
  readonly spot: boolean;
  /** Undefined where EC2 tells it no more, or is not asked. */
  readonly subnetId: string | undefined;
  readonly launchedMs: number;
  /** Where it is gone or going: why, as EC2 names it. */
  readonly ended: { readonly code: string; readonly reason: string } | undefined;
  /** Where it has joined the cluster. */
  readonly joined: Joined | undefined;
  /** ARN under which ECS still lists it, though it has ended: nobody was left to tell. */
  readonly ghostArn: string | undefined;
  /** Has the alarm that ends it; undefined where CloudWatch did not tell. */
  readonly guarded: boolean | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

export interface Joined {
  readonly arn: string;
  /** Takes new tasks: active, with an agent that answers. */
  readonly ready: boolean;
  readonly draining: boolean;
  /** Its agent answers. */
  readonly connected: boolean;
  readonly registeredMs: number;
  /** Running and starting ones. */
  readonly tasks: number;
  readonly total: Room;
  readonly free: Room;
  /** Taken on the host, for instance `8080/tcp`. */
  readonly takenPorts: readonly string[];
}

export interface Room {
  readonly memoryMiB: number;
  /** 1,024 a vCPU. */
  readonly cpuUnits: number;
  readonly gpus: number;
}

/** Costs money. */
export const isLive = ({ ended }: Machine): boolean => ended === undefined;

/** Of ours, on its way into the cluster. */
export const isBooting = (machine: Machine): boolean => machine.ours && isLive(machine) && machine.joined === undefined;

/** Runs or starts. */
export const isAlive = ({ stopping, stopped }: TaskNow): boolean => !stopping && stopped === undefined;
