/** What a cluster consists of: the cluster itself, and the scaler that fills and empties it. */
import { type Desired, keyOf } from "../core/resource.ts";
import { arnsOf } from "./arns.ts";
import type { Declare } from "./declare.ts";
import type { Facts } from "./facts.ts";
import { functionSpec } from "./function.ts";
import { controlBucket, functionLogs, LAMBDA_ROLE, scaler } from "./names.ts";

/**
 * An event that comes late is no use: the next run sees the same world. A Spot warning is no exception. One that is lost while
 * runs follow one another shows in the next of them, because the instance's agent, which asks once a second, has drained it.
 */
const EVENT_AGE_SECONDS = 60;

export function scalerResources(cluster: string, retentionDays: number, declare: Declare, facts: Facts): Desired[] {
  const name = scaler(cluster);
  const arns = arnsOf(facts);
  const key = keyOf("function", name);
  return [
    declare.tagged("cluster", cluster, {}, { needs: [keyOf("service-linked-role", "ecs.amazonaws.com")] }),
    declare.tagged("log-group", functionLogs(name), { retentionInDays: retentionDays }),
    declare.tagged(
      "function",
      name,
      functionSpec(name, {
        codeSha256: facts.functions.scale({ cluster, controlBucket: controlBucket(facts), owner: facts.owner }),
        memorySize: 512,
        timeoutSeconds: 120,
        // Two at a time would launch for the same backlog twice.
        reservedConcurrency: 1,
      }),
      { needs: [keyOf("role", LAMBDA_ROLE), keyOf("log-group", functionLogs(name)), keyOf("cluster", cluster)] },
    ),
    declare.plain(
      "function-permission",
      name,
      {
        statements: [
          {
            sid: "PipewrightEvents",
            principal: "events.amazonaws.com",
            sourceArn: arns.rule(name),
            sourceAccount: null,
          },
        ],
      },
      { needs: [key] },
    ),
    declare.plain(
      "event-invoke-config",
      name,
      { maximumEventAgeSeconds: EVENT_AGE_SECONDS, maximumRetryAttempts: 0, onFailureArn: null },
      { needs: [key] },
    ),
    declare.tagged(
      "rule",
      name,
      {
        description: `What the scaler of the cluster ${cluster} must hear of`.slice(0, DESCRIPTION_MOST),
        scheduleExpression: "rate(1 minute)",
        eventPattern: eventPattern(arns.cluster(cluster)),
        state: "ENABLED",
        targets: [{ id: "scaler", arn: arns.lambda(name) }],
      },
      {
        needs: [
          keyOf("function-permission", name),
          keyOf("event-invoke-config", name),
          // From its first tick on, the scaler gives instances an alarm that ends them.
          keyOf("service-linked-role", "events.amazonaws.com"),
        ],
      },
    ),
  ];
}

/** Of a rule, in EventBridge. */
const DESCRIPTION_MOST = 512;

/**
 * Of tasks only their end changes what is to be done; each goes through six states more, and a thousand of them would keep
 * the scaler, of which one runs at a time, from hearing of anything else. An instance tells of each task that it gets and
 * gives back; of that, what counts is that it is there and empty, as when it has joined, and that it is drained, by the
 * scaler or by its own agent, which has heard of a Spot warning. The warning itself names an instance, not a cluster: every
 * scaler hears of all of them.
 */
const eventPattern = (clusterArn: string) => {
  const ofCluster = (type: string, detail: object) => ({
    source: ["aws.ecs"],
    "detail-type": [type],
    detail: { clusterArn: [clusterArn], ...detail },
  });
  const EMPTY = { agentConnected: [true], runningTasksCount: [0], pendingTasksCount: [0] };
  return {
    $or: [
      ofCluster("ECS Task State Change", { lastStatus: ["STOPPED"] }),
      ofCluster("ECS Container Instance State Change", EMPTY),
      ofCluster("ECS Container Instance State Change", { status: ["DRAINING"] }),
      { source: ["aws.ec2"], "detail-type": ["EC2 Spot Instance Interruption Warning"] },
    ],
  };
};
