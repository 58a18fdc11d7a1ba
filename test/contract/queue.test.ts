import { after } from "node:test";
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  ListQueueTagsCommand,
  type QueueAttributeName,
  SetQueueAttributesCommand,
  TagQueueCommand,
  UntagQueueCommand,
} from "@aws-sdk/client-sqs";
import { policy } from "../../src/core/policy.ts";
import { type QueueSpec, queue } from "../../src/kinds/queue.ts";
import { startBackend } from "../support/backend.ts";
import type { Stage } from "./case.ts";
import { contract } from "./contract.ts";
import { othersTag, type TagCalls, tagTampers } from "./tags.ts";

const backend = await startBackend();
after(() => backend.stop());

const urlOf = ({ backend, account }: Stage, name: string) => `${backend.endpoint}/${account.account}/${name}`;
const deadLetters = ({ unique }: Stage) => `pw-contract-letters-${unique}`;
/** Elsewhere it is not asked for, so that what the others' tampering takes along is not missed. */
const keepsPolicy = backend.cannot("queue-policy-kept") === undefined;
const stranger = "pw-contract-stranger";

const set = (stage: Stage, attributes: Partial<Record<QueueAttributeName, string>>) =>
  stage.sdk.sqs.send(new SetQueueAttributesCommand({ QueueUrl: urlOf(stage, stage.name), Attributes: attributes }));

const tagCalls: TagCalls = {
  set: (stage, Tags) => stage.sdk.sqs.send(new TagQueueCommand({ QueueUrl: urlOf(stage, stage.name), Tags })),
  remove: (stage, TagKeys) =>
    stage.sdk.sqs.send(new UntagQueueCommand({ QueueUrl: urlOf(stage, stage.name), TagKeys })),
  get: async (stage) =>
    (await stage.sdk.sqs.send(new ListQueueTagsCommand({ QueueUrl: urlOf(stage, stage.name) }))).Tags ?? {},
};

const statement = (stage: Stage, Sid: string) => ({
  Sid,
  Effect: "Allow" as const,
  Principal: { AWS: `arn:aws:iam::${stage.account.account}:root` },
  Action: "sqs:SendMessage",
  Resource: stage.arn("sqs", stage.name),
});

contract<QueueSpec>(backend, {
  kind: "queue",
  make: queue,
  spec: (stage) => ({
    visibilityTimeoutSeconds: 300,
    messageRetentionPeriodSeconds: 864_000,
    receiveMessageWaitTimeSeconds: 20,
    sqsManagedSseEnabled: true,
    redrivePolicy: { deadLetterTargetArn: stage.arn("sqs", deadLetters(stage)), maxReceiveCount: 13 },
    redriveAllowPolicy: { redrivePermission: "byQueue", sourceQueueArns: [stage.arn("sqs", stranger)] },
    policy: keepsPolicy ? policy(statement(stage, "Ours")) : null,
    tags: stage.tags,
  }),
  async prepare(stage) {
    const { sqs } = stage.sdk;
    const names = [deadLetters(stage), `${deadLetters(stage)}-2`];
    for (const QueueName of names) await sqs.send(new CreateQueueCommand({ QueueName }));
    return async () => {
      for (const name of names) await sqs.send(new DeleteQueueCommand({ QueueUrl: urlOf(stage, name) }));
    };
  },
  tampers: [
    { field: "visibilityTimeoutSeconds", change: (stage) => set(stage, { VisibilityTimeout: "31" }) },
    { field: "messageRetentionPeriodSeconds", change: (stage) => set(stage, { MessageRetentionPeriod: "60" }) },
    { field: "receiveMessageWaitTimeSeconds", change: (stage) => set(stage, { ReceiveMessageWaitTimeSeconds: "0" }) },
    { field: "sqsManagedSseEnabled", change: (stage) => set(stage, { SqsManagedSseEnabled: "false" }) },
    {
      field: "redrivePolicy.maxReceiveCount",
      change: (stage) => set(stage, { RedrivePolicy: redrive(stage, deadLetters(stage), 2) }),
      paths: ["redrivePolicy"],
    },
    {
      field: "redrivePolicy.deadLetterTargetArn",
      change: (stage) => set(stage, { RedrivePolicy: redrive(stage, `${deadLetters(stage)}-2`, 13) }),
      paths: ["redrivePolicy"],
    },
    {
      field: "redrivePolicy.deadLetterTargetArn",
      what: "the redrive policy taken off",
      change: (stage) => set(stage, { RedrivePolicy: "" }),
      paths: ["redrivePolicy"],
    },
    {
      field: "redriveAllowPolicy.redrivePermission",
      change: (stage) => set(stage, { RedriveAllowPolicy: JSON.stringify({ redrivePermission: "denyAll" }) }),
      paths: ["redriveAllowPolicy"],
    },
    {
      field: "redriveAllowPolicy.sourceQueueArns",
      change: (stage) =>
        set(stage, {
          RedriveAllowPolicy: JSON.stringify({
            redrivePermission: "byQueue",
            sourceQueueArns: [stage.arn("sqs", stranger), stage.arn("sqs", "pw-contract-intruder")],
          }),
        }),
      paths: ["redriveAllowPolicy"],
    },
    {
      field: "policy",
      what: "a statement that an intruder added",
      change: (stage) =>
        set(stage, { Policy: JSON.stringify(policy(statement(stage, "Ours"), statement(stage, "Intruder"))) }),
    },
    {
      field: "policy",
      what: "the policy taken off",
      change: (stage) => set(stage, { Policy: "" }),
      skip: ({ cannot }) => cannot("queue-policy-kept"),
    },
    ...tagTampers(tagCalls),
  ],
  skip: ({ cannot }) => ({ "ignored fields": cannot("queue-policy-kept") }),
  others: [othersTag(tagCalls)],
  remove: (stage) => stage.sdk.sqs.send(new DeleteQueueCommand({ QueueUrl: urlOf(stage, stage.name) })),
  foreign: (stage) => stage.sdk.sqs.send(new CreateQueueCommand({ QueueName: stage.name, tags: { colour: "green" } })),
});

const redrive = (stage: Stage, name: string, maxReceiveCount: number) =>
  JSON.stringify({ deadLetterTargetArn: stage.arn("sqs", name), maxReceiveCount });
