/** Brings back what was given up: dead letters into their step's queue, and events that never came into it. */
import { InvokeCommand } from "@aws-sdk/client-lambda";
import {
  ListMessageMoveTasksCommand,
  type ListMessageMoveTasksResultEntry,
  StartMessageMoveTaskCommand,
} from "@aws-sdk/client-sqs";
import { is, statusOf } from "../aws/errors.ts";
import { arnsOf } from "../desired/arns.ts";
import type { StepDescription } from "../desired/step-description.ts";
import type { DataDeps } from "./data.ts";
import { counts } from "./queues.ts";
import { takeAll } from "./receive.ts";
import { nudge, sendAll } from "./send.ts";

export interface Redriven {
  /** Dead letters that wait in their queue again, by step. */
  readonly moved: Readonly<Record<string, number>>;
  /** Events that the enqueuer has taken now, by step. */
  readonly delivered: Readonly<Record<string, number>>;
  /** What somebody had just looked at, by step: SQS hides it for half a minute or so, and it stays where it is. */
  readonly hidden: Readonly<Record<string, number>>;
}

/** How often a move is asked after, milliseconds. */
const ASK_EVERY_MS = 500;

export async function redrive(
  steps: readonly StepDescription[],
  deps: Pick<DataDeps, "clients" | "clock" | "account" | "stopping">,
): Promise<Redriven> {
  const each = async (work: (step: StepDescription) => Promise<number>): Promise<Record<string, number>> =>
    Object.fromEntries(await Promise.all(steps.map(async (step) => [step.step, await work(step)] as const)));
  // Before anything moves: what is on its way is hidden, too.
  const hidden = await each((step) => countHidden(step, deps));
  const [moved, delivered] = await Promise.all([
    each((step) => moveDeadLetters(step, deps)),
    each((step) => deliver(step, deps)),
  ]);
  if (Object.values(moved).some((count) => count > 0)) await nudge(deps.clients.lambda, steps);
  return { moved, delivered, hidden };
}

async function countHidden({ deadLetters, undelivered }: StepDescription, { clients }: Pick<DataDeps, "clients">) {
  const both = await Promise.all([deadLetters, undelivered].map(({ url }) => counts(clients.sqs, url)));
  return both.reduce((sum, { inFlight }) => sum + inFlight, 0);
}

/**
 * To our queue by its name: our worker puts the letters there itself, so that SQS does not know where they came from.
 * An endpoint without message move tasks (moto answers 500) has the letters moved one by one.
 */
async function moveDeadLetters(
  step: StepDescription,
  deps: Pick<DataDeps, "clients" | "clock" | "account" | "stopping">,
): Promise<number> {
  const { sqs } = deps.clients;
  const arns = arnsOf(deps.account);
  const SourceArn = arns.queue(step.deadLetters.name);
  try {
    await sqs.send(new StartMessageMoveTaskCommand({ SourceArn, DestinationArn: arns.queue(step.queue.name) }));
  } catch (error) {
    if (cannotMove(error)) return moveByHand(step, deps);
    if (!isMoving(error)) throw error;
  }
  for (;;) {
    const { Results = [] } = await sqs.send(new ListMessageMoveTasksCommand({ SourceArn, MaxResults: 1 }));
    const [task] = Results;
    if (task?.Status === "COMPLETED") return task.ApproximateNumberOfMessagesMoved ?? 0;
    if (task?.Status === "FAILED" || task?.Status === "CANCELLED") throw notMoved(step, task);
    await deps.clock.sleep(ASK_EVERY_MS, deps.stopping);
  }
}

const cannotMove = (error: unknown): boolean =>
  (statusOf(error) ?? 0) >= 500 || is(error, "UnknownOperationException", "InvalidAction", "NotImplemented");

/** Somebody else has asked for the same: theirs is ours. */
const isMoving = (error: unknown): boolean =>
  is(error, "UnsupportedOperation", "AWS.SimpleQueueService.UnsupportedOperation") &&
  /already a task running/i.test((error as Error).message);

function notMoved(step: StepDescription, { Status, FailureReason }: ListMessageMoveTasksResultEntry): Error {
  const why = FailureReason ? `: ${FailureReason}` : "";
  return new Error(`the dead letters of ${step.step} were not all moved; SQS says ${Status}${why}. Run it again`);
}

/** Sent first, deleted then: a letter may come twice, and is never lost. */
function moveByHand(
  step: StepDescription,
  { clients, stopping }: Pick<DataDeps, "clients" | "stopping">,
): Promise<number> {
  return takeAll({ sqs: clients.sqs, url: step.deadLetters.url, stopping }, async (messages) => {
    await sendAll(
      clients.sqs,
      step.queue.url,
      messages.map(({ Body = "" }) => Body),
    );
    return messages;
  });
}

/** What Lambda gave up lies there as it was given to the enqueuer: it is given to it once more. */
function deliver(
  step: StepDescription,
  { clients, stopping }: Pick<DataDeps, "clients" | "stopping">,
): Promise<number> {
  // The function bears the queue's name.
  const FunctionName = step.queue.name;
  return takeAll({ sqs: clients.sqs, url: step.undelivered.url, stopping }, async (messages) => {
    const taken = [];
    for (const message of messages) {
      const event = requestOf(message.Body ?? "");
      if (event === undefined) continue;
      const answer = await clients.lambda.send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) }));
      if (answer.FunctionError === undefined) taken.push(message);
    }
    return taken;
  });
}

/** "Invocation record" of an asynchronous invocation. Undefined for what is none: it stays where it is. */
function requestOf(body: string): unknown {
  try {
    return (JSON.parse(body) as { requestPayload?: unknown }).requestPayload;
  } catch {
    return undefined;
  }
}
