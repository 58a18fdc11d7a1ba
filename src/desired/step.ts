/** What one step of a workflow becomes, each thing with what must stand before it. */
import { type Desired, type Key, keyOf } from "../core/resource.ts";
import type { Workflow } from "../workflow/workflow.ts";
import { arnsOf, queueUrl } from "./arns.ts";
import type { Link } from "./chain.ts";
import type { Declare } from "./declare.ts";
import { describeStep } from "./describe-step.ts";
import type { Facts } from "./facts.ts";
import { functionSpec } from "./function.ts";
import { launchTemplateSpec } from "./launch-template.ts";
import { controlBucket, executionRole, INSTANCE_ROLE, LAMBDA_ROLE, SECURITY_GROUP, scaler, taskRole } from "./names.ts";
import { stepAlarms, stepQueues } from "./queues.ts";
import { writeStepDescription } from "./step-description.ts";
import { taskDefinitionSpec } from "./task-definition.ts";

/** All but the notification, which turns the step on. */
export function stepResources(workflow: Workflow, link: Link, declare: Declare, facts: Facts): Desired[] {
  return [
    ...stepQueues(workflow, link, declare, facts),
    ...logGroups(workflow, link, declare),
    taskDefinition(workflow, link, declare, facts),
    launchTemplate(workflow, link, declare),
    ...enqueuer(workflow, link, declare, facts),
    description(workflow, link, declare, facts),
    ...stepAlarms(link, declare),
  ];
}

/** Uploads call the enqueuer from here on. */
export function notification(link: Link, needs: readonly Key[], declare: Declare, facts: Facts): Desired {
  return declare.plain(
    "notification",
    link.inputBucket,
    {
      id: link.names.notificationId,
      functionArn: arnsOf(facts).lambda(link.names.enqueuer),
      events: ["s3:ObjectCreated:*"],
      ...link.filter,
    },
    { needs: [...needs, keyOf("bucket", link.inputBucket), keyOf("bucket", link.outputBucket)] },
  );
}

const logGroups = (workflow: Workflow, { names }: Link, declare: Declare): Desired[] =>
  [names.enqueuerLogs, names.taskLogs].map((name) =>
    declare.tagged("log-group", name, { retentionInDays: workflow.logs.retentionDays }),
  );

function taskDefinition(workflow: Workflow, link: Link, declare: Declare, facts: Facts): Desired {
  return declare.tagged("task-definition", link.names.family, taskDefinitionSpec(workflow, link, facts), {
    needs: [
      keyOf("role", taskRole(workflow.name, facts)),
      keyOf("role", executionRole(facts)),
      keyOf("log-group", link.names.taskLogs),
    ],
  });
}

function launchTemplate(workflow: Workflow, link: Link, declare: Declare): Desired {
  const { keyPair, compute } = workflow;
  const key = keyOf("launch-template", link.names.launchTemplate);
  const ownGroup = compute.securityGroups.length === 0;
  return declare.tagged(
    "launch-template",
    link.names.launchTemplate,
    launchTemplateSpec(workflow, link, declare.tagsFor(key)),
    {
      needs: [
        keyOf("instance-profile", INSTANCE_ROLE),
        keyOf("cluster", compute.cluster),
        ...(ownGroup ? [keyOf("security-group", SECURITY_GROUP)] : []),
        ...(keyPair === undefined ? [] : [keyOf("key-pair", keyPair)]),
      ],
    },
  );
}

function enqueuer(workflow: Workflow, link: Link, declare: Declare, facts: Facts): Desired[] {
  const { names, inputBucket } = link;
  const arns = arnsOf(facts);
  const scalerName = scaler(workflow.compute.cluster);
  const key = keyOf("function", names.enqueuer);
  return [
    declare.tagged(
      "function",
      names.enqueuer,
      functionSpec(names.enqueuer, {
        codeSha256: facts.functions.enqueue({ queueUrl: queueUrl(names.queue, facts), scaler: scalerName }),
        memorySize: 256,
        timeoutSeconds: 60,
        // A throttled event may be lost, a queued message is not: as many at once as there are events.
        reservedConcurrency: null,
      }),
      {
        needs: [
          keyOf("role", LAMBDA_ROLE),
          keyOf("log-group", names.enqueuerLogs),
          keyOf("queue", names.queue),
          keyOf("function", scalerName),
        ],
      },
    ),
    declare.plain(
      "function-permission",
      names.enqueuer,
      {
        statements: [
          {
            sid: "PipewrightUploads",
            principal: "s3.amazonaws.com",
            sourceArn: arns.bucket(inputBucket),
            // A bucket's name alone is no proof: once deleted, anybody may take it.
            sourceAccount: facts.account,
          },
        ],
      },
      { needs: [key] },
    ),
    declare.plain(
      "event-invoke-config",
      names.enqueuer,
      { maximumEventAgeSeconds: 21_600, maximumRetryAttempts: 2, onFailureArn: arns.queue(names.undelivered) },
      { needs: [key, keyOf("queue", names.undelivered)] },
    ),
  ];
}

/** The scaler acts on a step as soon as it is described: all that it would use must stand. */
function description(workflow: Workflow, link: Link, declare: Declare, facts: Facts): Desired {
  const { names } = link;
  const bucket = controlBucket(facts);
  return declare.plain(
    "object",
    `${bucket}/${names.descriptionKey}`,
    {
      body: writeStepDescription(describeStep(workflow, link, declare, facts)),
      contentType: "application/json",
    },
    {
      needs: [
        keyOf("bucket", bucket),
        keyOf("queue", names.queue),
        keyOf("queue", names.deadLetters),
        keyOf("task-definition", names.family),
        keyOf("launch-template", names.launchTemplate),
        ...workflow.compute.subnets.map((id) => keyOf("subnet", id)),
      ],
    },
  );
}
