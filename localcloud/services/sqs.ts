import type * as api from "@aws-sdk/client-sqs";
import { AwsError, type Call, type Service, type World } from "../service.ts";
import { evaluate } from "../world/policy/evaluate.ts";
import { pageOf } from "./pages.ts";
import { listOf, parsePolicy } from "./policy-document.ts";
import { checkAttributes } from "./sqs/attribute-checks.ts";
import { effective, effectiveNumber, readAttributes, writeAttributes } from "./sqs/attributes.ts";
import { batch } from "./sqs/batch.ts";
import { invalidParameterValue, missingParameter, prefixed } from "./sqs/errors.ts";
import { messageBytes } from "./sqs/message-digest.ts";
import { MoveTasks } from "./sqs/move-tasks.ts";
import { newQueue, type Queue, queueUrl } from "./sqs/queue.ts";
import { Queues } from "./sqs/queues.ts";
import { changeVisibility, deleteByReceipt } from "./sqs/receipt.ts";
import { receive } from "./sqs/receive.ts";
import { redriveOf } from "./sqs/redrive.ts";
import { send } from "./sqs/send.ts";
import { taggable, tagProblem } from "./tags.ts";

/** What other services ask of the queues. */
export interface Sqs extends Service {
  queueExists(arn: string): boolean;
  /** The queue's own policy, JSON text; undefined where it has none. */
  queuePolicy(arn: string): string | undefined;
  /** Whether the queue's own policy lets another service send; false where the queue is gone. */
  maySend(arn: string, sender: ServiceSender): boolean;
  /** Sends for another service (`sender` is its principal). Answers false where the queue is gone; throws as SendMessage. */
  deliver(arn: string, body: string, sender: string): boolean;
  /** What CloudWatch's queue metrics are made of. Undefined where the queue is gone. */
  measure(arn: string): QueueMeasure | undefined;
}

/** A service that sends on behalf of a thing, in its own name and nobody's role. */
export interface ServiceSender {
  /** `s3.amazonaws.com`. */
  readonly principal: string;
  readonly sourceArn: string;
  readonly sourceAccount: string;
}

export interface QueueMeasure {
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
  /** Age of the oldest visible message since it was first sent; 0 where there is none. */
  readonly oldestAgeMs: number;
}

export function createSqs(world: World): Sqs {
  const queues = new Queues(world);
  const moveTasks = new MoveTasks(world, queues);
  const queueByArn = (arn: string) => queues.byArn(arn);
  const find = (input: { QueueUrl?: string | undefined }, call: Call) => queues.byUrl(call, input.QueueUrl);

  return {
    id: "sqs",
    state: {
      save: (shelf) => ({ queues: queues.save(shelf), moveTasks: moveTasks.save() }),
      restore(saved, shelf) {
        const parts = saved as { queues: unknown; moveTasks: unknown };
        queues.restore(parts.queues, shelf);
        moveTasks.restore(parts.moveTasks);
      },
    },
    operations: {
      CreateQueue(input: api.CreateQueueCommandInput, call: Call) {
        const name = checkedName(input);
        const attributes = (input.Attributes ?? {}) as Record<string, string>;
        const existing = queues.existing(call, name);
        if (existing !== undefined) {
          refuseOtherAttributes(existing, attributes);
          return { QueueUrl: queueUrl(world, existing) };
        }
        const queue = newQueue(world, call, name);
        checkAttributes(queue, attributes, queueByArn);
        writeAttributes(world, queue, attributes, { late: false });
        setTags(queue, input.tags ?? {});
        queues.add(queue);
        return { QueueUrl: queueUrl(world, queue) };
      },
      GetQueueUrl(input: api.GetQueueUrlCommandInput, call: Call) {
        if (!input.QueueName) throw missingParameter("QueueName");
        const account = input.QueueOwnerAWSAccountId ?? call.account;
        return { QueueUrl: queueUrl(world, queues.byName({ account, region: call.region }, input.QueueName)) };
      },
      // AWS leaves QueueUrls, Messages, Tags and Attributes away where there are none, and so do we.
      ListQueues(input: api.ListQueuesCommandInput, call: Call) {
        if (input.NextToken !== undefined && input.MaxResults === undefined) throw missingParameter("MaxResults");
        const { items, next } = pageOf(
          [...queues.in(call)].filter((queue) => queue.name.startsWith(input.QueueNamePrefix ?? "")),
          (queue) => queue.name,
          pageOptions(input),
        );
        const urls = items.map((queue) => queueUrl(world, queue));
        // Without MaxResults the first thousand come without a token: that is how AWS answers it.
        return { QueueUrls: present(urls), NextToken: input.MaxResults === undefined ? undefined : next };
      },
      ListDeadLetterSourceQueues(input: api.ListDeadLetterSourceQueuesCommandInput, call: Call) {
        const target = find(input, call);
        const { items, next } = pageOf(
          [...queues.in(call)].filter((queue) => redriveOf(queue)?.deadLetterTargetArn === target.arn),
          (queue) => queue.name,
          pageOptions(input),
        );
        return { queueUrls: items.map((queue) => queueUrl(world, queue)), NextToken: next };
      },
      DeleteQueue(input: api.DeleteQueueCommandInput, call: Call) {
        queues.delete(find(input, call));
        return {};
      },
      PurgeQueue(input: api.PurgeQueueCommandInput, call: Call) {
        const queue = find(input, call);
        const now = world.now();
        if (now < queue.purgedAtMs + 60_000) {
          throw prefixed(
            "PurgeQueueInProgress",
            `Only one PurgeQueue operation on ${queue.name} is allowed every 60 seconds.`,
          );
        }
        queue.purgedAtMs = now;
        queue.messages.clear();
        return {};
      },

      GetQueueAttributes(input: api.GetQueueAttributesCommandInput, call: Call) {
        const attributes = readAttributes(world, find(input, call), input.AttributeNames ?? []);
        return { Attributes: Object.keys(attributes).length === 0 ? undefined : attributes };
      },
      SetQueueAttributes(input: api.SetQueueAttributesCommandInput, call: Call) {
        const queue = find(input, call);
        if (input.Attributes === undefined) throw missingParameter("Attributes");
        const attributes = input.Attributes as Record<string, string>;
        checkAttributes(queue, attributes, queueByArn);
        writeAttributes(world, queue, attributes, { late: world.lags });
        return {};
      },
      ListQueueTags(input: api.ListQueueTagsCommandInput, call: Call) {
        const { tags } = find(input, call);
        return { Tags: tags.size === 0 ? undefined : Object.fromEntries(tags) };
      },
      TagQueue(input: api.TagQueueCommandInput, call: Call) {
        setTags(find(input, call), input.Tags ?? {});
        return {};
      },
      UntagQueue(input: api.UntagQueueCommandInput, call: Call) {
        const queue = find(input, call);
        for (const key of input.TagKeys ?? []) queue.tags.delete(key);
        return {};
      },

      SendMessage(input: api.SendMessageCommandInput, call: Call) {
        return send(world, find(input, call), input, call.account);
      },
      SendMessageBatch(input: api.SendMessageBatchCommandInput, call: Call) {
        const queue = find(input, call);
        const bytes = (input.Entries ?? []).map((e) => messageBytes(e.MessageBody ?? "", e.MessageAttributes ?? {}));
        const limit = effectiveNumber(queue, "MaximumMessageSize");
        if (bytes.reduce((sum, one) => sum + one, 0) > limit) {
          throw prefixed("BatchRequestTooLong", `Batch requests cannot be longer than ${limit} bytes.`);
        }
        return batch(input.Entries, (entry) => send(world, queue, entry, call.account));
      },
      async ReceiveMessage(input: api.ReceiveMessageCommandInput, call: Call) {
        return { Messages: present(await receive({ world, queueByArn, gone: call.gone }, find(input, call), input)) };
      },
      DeleteMessage(input: api.DeleteMessageCommandInput, call: Call) {
        deleteByReceipt(find(input, call), input.ReceiptHandle);
        return {};
      },
      DeleteMessageBatch(input: api.DeleteMessageBatchCommandInput, call: Call) {
        const queue = find(input, call);
        return batch(input.Entries, (entry) => {
          deleteByReceipt(queue, entry.ReceiptHandle);
          return {};
        });
      },
      ChangeMessageVisibility(input: api.ChangeMessageVisibilityCommandInput, call: Call) {
        changeVisibility(world, find(input, call), input.ReceiptHandle, input.VisibilityTimeout);
        return {};
      },
      ChangeMessageVisibilityBatch(input: api.ChangeMessageVisibilityBatchCommandInput, call: Call) {
        const queue = find(input, call);
        return batch(input.Entries, (entry) => {
          changeVisibility(world, queue, entry.ReceiptHandle, entry.VisibilityTimeout);
          return {};
        });
      },

      StartMessageMoveTask: (input: api.StartMessageMoveTaskCommandInput) => moveTasks.start(input),
      CancelMessageMoveTask: (input: api.CancelMessageMoveTaskCommandInput) => moveTasks.cancel(input.TaskHandle),
      ListMessageMoveTasks: (input: api.ListMessageMoveTasksCommandInput) => moveTasks.list(input),
    },

    *taggables() {
      for (const queue of queues.all()) yield taggable(queue.arn, queue.tags);
    },
    queueExists: (arn) => queues.byArn(arn) !== undefined,
    queuePolicy(arn) {
      const queue = queues.byArn(arn);
      return queue === undefined ? undefined : effective(queue, "Policy");
    },
    maySend(arn, sender) {
      const queue = queues.byArn(arn);
      const policy = queue && effective(queue, "Policy");
      return policy !== undefined && letsIn(policy, arn, sender);
    },
    deliver(arn, body, sender) {
      const queue = queues.byArn(arn);
      if (queue !== undefined) send(world, queue, { MessageBody: body }, sender);
      return queue !== undefined;
    },
    measure(arn) {
      const queue = queues.byArn(arn);
      if (queue === undefined) return undefined;
      const now = world.now();
      const retentionMs = effectiveNumber(queue, "MessageRetentionPeriod") * 1000;
      const oldestMs = queue.messages.oldestVisibleMs(now, retentionMs);
      return { ...queue.messages.counts(now, retentionMs), oldestAgeMs: oldestMs === undefined ? 0 : now - oldestMs };
    },
  };
}

function letsIn(policy: string, resource: string, { principal, sourceArn, sourceAccount }: ServiceSender): boolean {
  const document = parsePolicy(policy, "resource");
  if ("problem" in document) return false;
  const Statement = document.Statement.filter(
    ({ Principal }) => Principal === "*" || listOf(Principal?.Service).includes(principal),
  );
  const context: Readonly<Record<string, string>> = {
    "aws:sourcearn": sourceArn,
    "aws:sourceaccount": sourceAccount,
    "aws:securetransport": "true",
  };
  const need = { action: "sqs:SendMessage", resource };
  return (
    evaluate([{ ...document, Statement }], need, (key) => (key in context ? [context[key]!] : undefined)) === "allow"
  );
}

function checkedName(input: api.CreateQueueCommandInput): string {
  const name = input.QueueName;
  if (!name) throw missingParameter("QueueName");
  if (name.endsWith(".fifo") || input.Attributes?.FifoQueue !== undefined) {
    throw prefixed("UnsupportedOperation", "The local cloud has no FIFO queues.");
  }
  if (!/^[\w-]{1,80}$/.test(name)) {
    throw invalidParameterValue("Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length");
  }
  return name;
}

/** Creating a queue that is there succeeds, unless a given attribute says otherwise than the queue; tags are not compared. */
function refuseOtherAttributes(queue: Queue, attributes: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(attributes)) {
    if ((effective(queue, name) ?? "") === value) continue;
    throw new AwsError(
      "QueueNameExists",
      `A queue already exists with the same name and a different value for attribute ${name}`,
      { legacyCode: "QueueAlreadyExists" },
    );
  }
}

function setTags(queue: Queue, tags: Readonly<Record<string, string>>): void {
  const merged = new Map([...queue.tags, ...Object.entries(tags)]);
  const problem = tagProblem(merged);
  if (problem !== undefined) throw invalidParameterValue(problem);
  for (const [key, value] of merged) queue.tags.set(key, value);
}

function pageOptions(input: { MaxResults?: number | undefined; NextToken?: string | undefined }) {
  const limit = input.MaxResults ?? 1000;
  if (limit < 1 || limit > 1000) {
    throw invalidParameterValue(
      `Value ${limit} for parameter MaxResults is invalid. Reason: Must be between 1 and 1000.`,
    );
  }
  return {
    limit,
    token: input.NextToken,
    badToken: () => invalidParameterValue("Invalid or expired next token."),
  };
}

function present<T>(list: T[]): T[] | undefined {
  return list.length === 0 ? undefined : list;
}
