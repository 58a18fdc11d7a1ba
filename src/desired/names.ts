/**
 * Names of everything that we create. A name follows from workflow and step alone (and account and region, where a
 * name must be unique beyond them), so that it is found again without any record of it.
 */
import { createHash } from "node:crypto";
import type { AccountFacts } from "../core/resource.ts";
import { SUFFIX } from "../workflow/step-names.ts";
import type { Step, Workflow } from "../workflow/workflow.ts";

/** Roles that today's instructions name; they may have been made by hand. */
export const EC2_ACTIONS_ROLE = "EC2ActionsAccess";
/** Role and instance profile. */
export const INSTANCE_ROLE = "ecsInstanceRole";
export const LAMBDA_ROLE = "lambda_exec_role";
/** Name of its inline policy, the same in all regions. */
export const LAMBDA_POLICY = "LambdaExec";
/** AWS's own policies that roles carry, with their paths. */
export const MANAGED_POLICY = {
  ec2Actions: "CloudWatchActionsEC2Access",
  instance: "service-role/AmazonEC2ContainerServiceforEC2Role",
  execution: "service-role/AmazonECSTaskExecutionRolePolicy",
} as const;

/** The foundation's security group. */
export const SECURITY_GROUP = "pipewright";
/** The cluster of workflows that name none. */
export const DEFAULT_CLUSTER = "pipewright";

/** Characters that the services of most of our resources allow. */
const ODD = /[^A-Za-z0-9_-]+/g;
/** Lambda functions and IAM roles have the shortest names, with 64 characters; all others of a step fit with their suffix. */
const MOST = 64;
const MOST_OF_BUCKET = 63;
const HASH_LENGTH = 6;

export interface StepNames {
  /** Queue, function, task definition family, launch template and notification entry: `pw-<workflow>-<step>`. */
  readonly base: string;
  readonly queue: string;
  readonly deadLetters: string;
  /** Queue of the events that the enqueuer could not take. */
  readonly undelivered: string;
  readonly enqueuer: string;
  readonly enqueuerLogs: string;
  readonly taskLogs: string;
  readonly family: string;
  readonly launchTemplate: string;
  readonly notificationId: string;
  readonly alarms: { readonly deadLetters: string; readonly undelivered: string; readonly backlog: string };
  /** Key of the step description in the control bucket. */
  readonly descriptionKey: string;
}

export function stepNames(workflow: Pick<Workflow, "name" | "compute">, step: Pick<Step, "name">): StepNames {
  const base = fit(`pw-${workflow.name}-${step.name}`, MOST);
  return {
    base,
    queue: base,
    deadLetters: base + SUFFIX.deadLetters,
    undelivered: base + SUFFIX.undelivered,
    enqueuer: base,
    enqueuerLogs: functionLogs(base),
    taskLogs: `/pipewright/${workflow.name}/${fit(step.name, MOST)}`,
    family: base,
    launchTemplate: base,
    notificationId: base,
    alarms: {
      deadLetters: base + SUFFIX.deadLetters,
      undelivered: base + SUFFIX.undelivered,
      backlog: base + SUFFIX.backlog,
    },
    descriptionKey: `${stepsPrefix(workflow.compute.cluster)}${workflow.name}/${fit(step.name, MOST)}.json`,
  };
}

/** Bucket between a step and the next. Step names stay different in lower case: the files are checked for that. */
export function intermediateBucket(workflow: string, step: string, { account, region }: AccountFacts): string {
  const place = `-${account}-${region}`;
  const name = `pw-${workflow}-${step}`.toLowerCase().replaceAll("_", "-");
  return fit(name, MOST_OF_BUCKET - place.length) + place;
}

export const controlBucket = ({ account, region }: AccountFacts): string => `pipewright-${account}-${region}`;

/** Name of the inline policy of the same role that is this region's own. */
export const regionalLambdaPolicy = ({ region }: AccountFacts): string => `${LAMBDA_POLICY}-${region}`;

export const taskRole = (workflow: string, { region }: AccountFacts): string =>
  fit(`pw-task-${region}-${workflow}`, MOST);

export const executionRole = ({ region }: AccountFacts): string => fit(`pipewright-execution-${region}`, MOST);

/** Function and rule. */
export const scaler = (cluster: string): string => fit(`pw-scaler-${cluster}`, MOST);

export const functionLogs = (name: string): string => `/aws/lambda/${name}`;

/** Where the control bucket holds all step descriptions. */
export const STEPS_PREFIX = "steps/";

/** The workflow of a step description by its key, `steps/<cluster>/<workflow>/<step>.json`. */
export const workflowOfDescription = (key: string): string => key.split("/")[2] ?? "";

/** Where the scaler of a cluster finds its steps. */
export const stepsPrefix = (cluster: string): string => `${STEPS_PREFIX}${cluster}/`;

/** Where the scaler of a cluster keeps its lease and the failures of its steps. */
export const scalerPrefix = (cluster: string): string => `scaler/${cluster}/`;

/** Where the control bucket holds how far each workflow's back-fill has come. */
export const backfillKey = (workflow: string): string => `backfill/${workflow}.json`;

export const workerKey = (version: string): string => `worker/${version}.tgz`;

/**
 * The text as a name of at most `most` characters. Where it is too long or holds odd characters, it is cut and gets a
 * hash of the whole text, so that two texts cut alike stay two names.
 */
export function fit(text: string, most: number): string {
  const clean = text.replace(ODD, "-");
  if (clean === text && clean.length <= most) return clean;
  const hash = createHash("sha256").update(text).digest("hex").slice(0, HASH_LENGTH);
  return `${clean.slice(0, most - HASH_LENGTH - 1).replace(/-+$/, "")}-${hash}`;
}
