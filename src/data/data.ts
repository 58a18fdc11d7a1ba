/** What goes through a workflow: its files, messages, results and logs. Needs no workflow file: the control bucket says it all. */
import type { Clients } from "../aws/clients.ts";
import { createObjectTexts } from "../aws/objects.ts";
import type { Clock } from "../core/ports.ts";
import type { AccountFacts } from "../core/resource.ts";
import { controlBucket, STEPS_PREFIX, workflowOfDescription } from "../desired/names.ts";
import { readStepDescription, type StepDescription } from "../desired/step-description.ts";
import { type LogLine, type LogRequest, readLogs } from "./logs.ts";
import { countMessages, type QueueCounts } from "./queues.ts";
import { type Redriven, redrive } from "./redrive.ts";
import { type ResubmitOptions, type Resubmitted, resubmit } from "./resubmit.ts";
import { type Downloaded, downloadResults, listResults, type ResultFile } from "./results.ts";
import { readStates, type StepState } from "./step-state.ts";
import { planUpload, type Upload, type UploadProgress, upload } from "./upload.ts";
import { type Waited, type WaitOptions, waitUntilDone } from "./wait.ts";

export type { LogLine, LogRequest } from "./logs.ts";
export type { QueueCounts } from "./queues.ts";
export type { Redriven } from "./redrive.ts";
export type { Resubmitted } from "./resubmit.ts";
export type { Downloaded, ResultFile } from "./results.ts";
export type { StepState } from "./step-state.ts";
export type { Upload, UploadProgress } from "./upload.ts";
export type { Waited, WaitOptions, WaitProgress } from "./wait.ts";

export interface DataDeps {
  readonly clients: Pick<Clients, "s3" | "files" | "sqs" | "ecs" | "ec2" | "logs" | "lambda">;
  readonly clock: Clock;
  readonly account: AccountFacts;
  /** Steps of other owners are none of ours. */
  readonly owner: string;
  /** Aborts when the program stops: what SQS does by itself is not waited for any longer. */
  readonly stopping?: AbortSignal;
}

export interface Data {
  /** Names of the workflows that are set up, sorted. */
  workflows(): Promise<readonly string[]>;
  /** Undefined where no workflow of this name is set up. */
  of(workflow: string): Promise<WorkflowData | undefined>;
  /** The queues of every step of every workflow, each counted when it is asked for; sorted, steps in their order. */
  counts(): AsyncIterable<StepQueues>;
}

export interface StepCounts extends QueueCounts {
  readonly workflow: string;
  readonly step: string;
}

export interface StepQueues extends Pick<StepCounts, "workflow" | "step"> {
  count(): Promise<QueueCounts>;
}

export interface WorkflowData {
  /** Where files go in, and where the last step leaves its results. */
  readonly inputBucket: string;
  readonly outputBucket: string;
  /** Steps in their order. */
  states(): Promise<readonly StepState[]>;
  /** Dead letters back into their step's queue; events that were never delivered, too. */
  redrive(): Promise<Redriven>;
  /** Sends every uploaded file without a result to the step at which it got stuck. */
  resubmit(options: ResubmitOptions): Promise<Resubmitted>;
  /** Resolves once nothing waits and nothing is worked on, in any step. */
  wait(options: WaitOptions): Promise<Waited>;
  /** What files and folders become in the input bucket. Nothing is sent yet. @throws naming every file that cannot be taken */
  planUpload(paths: readonly string[]): Promise<readonly Upload[]>;
  upload(files: readonly Upload[], onProgress: (progress: UploadProgress) => void): Promise<void>;
  /** What the last step has left, in the order of the keys. */
  results(): AsyncIterable<ResultFile>;
  /** Everything of `results` into a folder; nothing is ever written outside of it. */
  download(folder: string): AsyncIterable<Downloaded>;
  logs(request: LogRequest): AsyncIterable<LogLine>;
}

export function createData(deps: DataDeps): Data {
  const { clients, account, owner } = deps;
  const place = { bucket: controlBucket(account), prefix: STEPS_PREFIX, account: account.account };
  const descriptions = createObjectTexts({ s3: clients.s3, ...place });
  const ours = (steps: readonly StepDescription[]) => steps.filter((step) => step.owner === owner);
  /** What another version has left for one workflow hides none of the others. */
  const all = async () => ours([...(await descriptions.read(() => true)).values()].flatMap(readable));
  return {
    async workflows() {
      return [...new Set((await all()).map((step) => step.workflow))].sort();
    },
    async of(workflow) {
      const texts = await descriptions.read((key) => workflowOfDescription(key) === workflow);
      const steps = ours([...texts.values()].map(readStepDescription)).sort((one, other) => one.index - other.index);
      return steps.length > 0 ? workflowData(steps, deps) : undefined;
    },
    async *counts() {
      const byPlace = (one: StepDescription, other: StepDescription) =>
        one.workflow < other.workflow ? -1 : one.workflow > other.workflow ? 1 : one.index - other.index;
      for (const step of (await all()).sort(byPlace)) {
        yield { workflow: step.workflow, step: step.step, count: () => countMessages(clients.sqs, step) };
      }
    },
  };
}

function workflowData(steps: readonly StepDescription[], deps: DataDeps): WorkflowData {
  const [first, last] = [steps[0]!, steps.at(-1)!];
  return {
    inputBucket: first.input.bucket,
    outputBucket: last.output.bucket,
    states: () => readStates(steps, deps),
    redrive: () => redrive(steps, deps),
    resubmit: (options) => resubmit(steps, options, deps),
    wait: (options) => waitUntilDone(steps, options, deps),
    planUpload: (paths) => planUpload(first.input, paths),
    upload: (files, onProgress) => upload(first.input.bucket, files, onProgress, deps),
    results: () => listResults(last, deps),
    download: (folder) => downloadResults(last, folder, deps),
    logs: (request) => readLogs(steps, request, deps),
  };
}

function readable(text: string): StepDescription[] {
  try {
    return [readStepDescription(text)];
  } catch {
    return [];
  }
}
