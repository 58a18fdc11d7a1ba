import type {
  ListMessageMoveTasksCommandInput,
  ListMessageMoveTasksResultEntry,
  StartMessageMoveTaskCommandInput,
} from "@aws-sdk/client-sqs";
import { AwsError, type Kept, type World } from "../../service.ts";
import { effectiveNumber } from "./attributes.ts";
import { invalidParameterValue, missingParameter } from "./errors.ts";
import type { Queue } from "./queue.ts";
import type { Queues } from "./queues.ts";
import { redriveOf } from "./redrive.ts";
import { newMessageId } from "./send.ts";

interface MoveTask {
  readonly handle: string;
  readonly sourceArn: string;
  readonly destinationArn: string | undefined;
  readonly perSecond: number | undefined;
  readonly startedAtMs: number;
  readonly toMove: number;
  moved: number;
  status: "RUNNING" | "COMPLETED" | "FAILED" | "CANCELLED";
  failureReason: string | undefined;
}

/** Moves dead letters back to where they came from, or elsewhere; a moved message is a new one, with a new age. */
export class MoveTasks implements Kept {
  readonly #world: World;
  readonly #queues: Queues;
  /** Newest first. */
  #tasks: MoveTask[] = [];

  constructor(world: World, queues: Queues) {
    this.#world = world;
    this.#queues = queues;
  }

  start(input: StartMessageMoveTaskCommandInput): { TaskHandle: string } {
    const source = this.#queue("SourceArn", input.SourceArn);
    if (input.DestinationArn !== undefined) this.#queue("DestinationArn", input.DestinationArn);
    const perSecond = input.MaxNumberOfMessagesPerSecond;
    if (perSecond !== undefined && (!Number.isInteger(perSecond) || perSecond < 1 || perSecond > 500)) {
      throw invalidParameterValue(
        "Value for parameter MaxNumberOfMessagesPerSecond is invalid. Reason: Must be between 1 and 500.",
      );
    }
    if (![...this.#queues.all()].some((queue) => redriveOf(queue)?.deadLetterTargetArn === source.arn)) {
      throw invalidParameterValue("Source queue must be configured as a Dead Letter Queue.");
    }
    if (this.#tasks.some((task) => task.sourceArn === source.arn && task.status === "RUNNING")) {
      throw new AwsError(
        "UnsupportedOperation",
        "There is already a task running. Only one active task is allowed for a source queue arn at a given time.",
        { legacyCode: "AWS.SimpleQueueService.UnsupportedOperation" },
      );
    }
    const handle = Buffer.from(JSON.stringify({ taskId: this.#world.id("", 32), sourceArn: source.arn })).toString(
      "base64",
    );
    const task: MoveTask = {
      handle,
      sourceArn: source.arn,
      destinationArn: input.DestinationArn,
      perSecond,
      startedAtMs: this.#world.now(),
      toMove: source.messages.counts(this.#world.now(), retentionMs(source)).visible,
      moved: 0,
      status: "RUNNING",
      failureReason: undefined,
    };
    this.#tasks = [task, ...this.#tasks];
    this.#world.after(0, () => this.#advance(task));
    return { TaskHandle: handle };
  }

  cancel(handle: string | undefined): { ApproximateNumberOfMessagesMoved: number } {
    const task = this.#tasks.find((one) => one.handle === handle && one.status === "RUNNING");
    if (task === undefined) throw notFound("Task does not exist.");
    task.status = "CANCELLED";
    return { ApproximateNumberOfMessagesMoved: task.moved };
  }

  list(input: ListMessageMoveTasksCommandInput): { Results: ListMessageMoveTasksResultEntry[] } {
    const source = this.#queue("SourceArn", input.SourceArn);
    const limit = input.MaxResults ?? 1;
    if (limit < 1 || limit > 10) {
      throw invalidParameterValue(
        `Value ${limit} for parameter MaxResults is invalid. Reason: Must be between 1 and 10.`,
      );
    }
    const tasks = this.#tasks.filter((task) => task.sourceArn === source.arn).slice(0, limit);
    return { Results: tasks.map(describe) };
  }

  save(): unknown {
    return this.#tasks;
  }

  restore(saved: unknown): void {
    this.#tasks = saved as MoveTask[];
    for (const task of this.#tasks) this.#world.after(0, () => this.#advance(task));
  }

  /** Moves as many messages as one second allows, all where no rate was asked. */
  #advance(task: MoveTask): void {
    if (task.status !== "RUNNING") return;
    const problem = this.#moveSome(task);
    if (problem !== undefined) {
      task.status = "FAILED";
      task.failureReason = problem;
    } else if (task.status === "RUNNING") {
      this.#world.after(1000, () => this.#advance(task));
    }
  }

  /** Answers why the task cannot go on, in AWS's words. */
  #moveSome(task: MoveTask): string | undefined {
    const source = this.#queues.byArn(task.sourceArn);
    if (source === undefined) return "AWS.SimpleQueueService.NonExistentQueue";
    const now = this.#world.now();
    let room = task.perSecond ?? Number.POSITIVE_INFINITY;
    for (const message of source.messages.visible(now, retentionMs(source))) {
      if (room === 0 || task.moved === task.toMove) break;
      const destinationArn = task.destinationArn ?? message.deadLetterSourceArn;
      if (destinationArn === undefined) return "CouldNotDetermineMessageSource";
      const destination = this.#queues.byArn(destinationArn);
      if (destination === undefined) return "AWS.SimpleQueueService.NonExistentQueue";
      source.messages.remove(message.id);
      destination.messages.add(
        {
          ...message,
          id: newMessageId(this.#world),
          sentAtMs: now,
          visibleAtMs: now,
          receiveCount: 0,
          firstReceivedAtMs: undefined,
          receivedAtMs: undefined,
          receipt: undefined,
          deadLetterSourceArn: undefined,
        },
        now,
      );
      task.moved += 1;
      room -= 1;
    }
    if (room > 0 || task.moved === task.toMove) task.status = "COMPLETED";
    return undefined;
  }

  #queue(parameter: string, arn: string | undefined): Queue {
    if (arn === undefined) throw missingParameter(parameter);
    const queue = this.#queues.byArn(arn);
    if (queue === undefined) {
      throw notFound(`The resource that you specified for the ${parameter} parameter doesn't exist.`);
    }
    return queue;
  }
}

function describe(task: MoveTask): ListMessageMoveTasksResultEntry {
  return {
    TaskHandle: task.status === "RUNNING" ? task.handle : undefined,
    Status: task.status,
    SourceArn: task.sourceArn,
    DestinationArn: task.destinationArn,
    MaxNumberOfMessagesPerSecond: task.perSecond,
    ApproximateNumberOfMessagesMoved: task.moved,
    ApproximateNumberOfMessagesToMove: task.toMove,
    FailureReason: task.failureReason,
    StartedTimestamp: task.startedAtMs,
  };
}

function notFound(message: string): AwsError {
  return new AwsError("ResourceNotFoundException", message, { status: 404, legacyCode: "ResourceNotFoundException" });
}

function retentionMs(queue: Queue): number {
  return effectiveNumber(queue, "MessageRetentionPeriod") * 1000;
}
