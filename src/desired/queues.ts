/** The three queues of a step, and the alarms over them. */
import { type Desired, keyOf } from "../core/resource.ts";
import type { Workflow } from "../workflow/workflow.ts";
import { arnsOf } from "./arns.ts";
import type { Link } from "./chain.ts";
import type { Declare } from "./declare.ts";
import type { Facts } from "./facts.ts";

const DAY_SECONDS = 86_400;
/** A message keeps its age when SQS moves it, so dead letters must be kept for longer than the queue keeps its own. */
const QUEUE_RETENTION_SECONDS = 10 * DAY_SECONDS;
const DEAD_LETTER_RETENTION_SECONDS = 14 * DAY_SECONDS;
/** The longest that SQS lets a receiver wait. */
const LONG_POLL_SECONDS = 20;
const DEAD_LETTER_VISIBILITY_SECONDS = 30;
/** The worker counts tries itself; the queue's own counting only catches what slips through. */
const RECEIVES_BEYOND_TRIES = 10;
/** SQS allows no more (SetQueueAttributes, `maxReceiveCount`). */
const MOST_RECEIVES = 1000;
/**
 * Three days before messages are dropped from the queue. A file that is tried again or handed back travels as a new message,
 * which the queue keeps for ten days more: it is not about to be dropped, and no reason for this alarm.
 */
const BACKLOG_ALARM_SECONDS = 7 * DAY_SECONDS;
const ALARM_PERIOD_SECONDS = 300;

export function stepQueues(workflow: Workflow, { names }: Link, declare: Declare, facts: Facts): Desired[] {
  const arns = arnsOf(facts);
  const { visibilitySeconds, maxReceives } = workflow.queue;
  const aside = {
    visibilityTimeoutSeconds: DEAD_LETTER_VISIBILITY_SECONDS,
    messageRetentionPeriodSeconds: DEAD_LETTER_RETENTION_SECONDS,
    receiveMessageWaitTimeSeconds: LONG_POLL_SECONDS,
    sqsManagedSseEnabled: true,
    redrivePolicy: null,
    policy: null,
  };
  return [
    declare.tagged("queue", names.deadLetters, {
      ...aside,
      redriveAllowPolicy: { redrivePermission: "byQueue", sourceQueueArns: [arns.queue(names.queue)] },
    }),
    declare.tagged("queue", names.undelivered, { ...aside, redriveAllowPolicy: null }),
    declare.tagged(
      "queue",
      names.queue,
      {
        ...aside,
        visibilityTimeoutSeconds: visibilitySeconds,
        messageRetentionPeriodSeconds: QUEUE_RETENTION_SECONDS,
        redrivePolicy: {
          deadLetterTargetArn: arns.queue(names.deadLetters),
          maxReceiveCount: Math.min(MOST_RECEIVES, maxReceives + RECEIVES_BEYOND_TRIES),
        },
        redriveAllowPolicy: null,
      },
      { needs: [keyOf("queue", names.deadLetters)] },
    ),
  ];
}

export function stepAlarms({ names }: Link, declare: Declare): Desired[] {
  const anything = { metricName: "ApproximateNumberOfMessagesVisible", threshold: 0 };
  const oldest = { metricName: "ApproximateAgeOfOldestMessage", threshold: BACKLOG_ALARM_SECONDS };
  const alarm = (name: string, queue: string, what: typeof anything, description: string) =>
    declare.tagged(
      "alarm",
      name,
      {
        ...what,
        description,
        namespace: "AWS/SQS",
        dimensions: { QueueName: queue },
        statistic: "Maximum",
        periodSeconds: ALARM_PERIOD_SECONDS,
        evaluationPeriods: 1,
        comparisonOperator: "GreaterThanThreshold",
        // SQS reports nothing of a queue that lay idle for hours.
        treatMissingData: "notBreaching",
        alarmActions: [],
        actionsEnabled: true,
      },
      { needs: [keyOf("queue", queue)] },
    );
  return [
    alarm(names.alarms.deadLetters, names.deadLetters, anything, "Files that could not be processed wait here"),
    alarm(names.alarms.undelivered, names.undelivered, anything, "Uploads that could not be put into the queue"),
    alarm(
      names.alarms.backlog,
      names.queue,
      oldest,
      "A file has been waiting for a week; after ten days it is dropped",
    ),
  ];
}
