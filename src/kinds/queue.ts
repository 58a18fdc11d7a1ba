/** SQS standard queues, owned whole. */
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ListQueueTagsCommand,
  paginateListQueues,
  type QueueAttributeName,
  SetQueueAttributesCommand,
  TagQueueCommand,
  UntagQueueCommand,
} from "@aws-sdk/client-sqs";
import { z } from "zod";
import type { Aws } from "../aws/aws.ts";
import { is, orUndefined } from "../aws/errors.ts";
import { field, same } from "../core/compare.ts";
import { Kept } from "../core/failure.ts";
import { inventoried, isOurs, type Tags, tagChanges, tagsToRemove } from "../core/owner.ts";
import { type Policy, readPolicy, samePolicy } from "../core/policy.ts";
import type { Change, Pass, Resource } from "../core/resource.ts";
import { byTags } from "./inventory.ts";

export const queueSchema = z.strictObject({
  /** 0 to 43,200. */
  visibilityTimeoutSeconds: z.int(),
  /** 60 to 1,209,600. */
  messageRetentionPeriodSeconds: z.int(),
  /** Long poll, 0 to 20. */
  receiveMessageWaitTimeSeconds: z.int(),
  sqsManagedSseEnabled: z.boolean(),
  redrivePolicy: z.strictObject({ deadLetterTargetArn: z.string(), maxReceiveCount: z.int() }).nullable(),
  redriveAllowPolicy: z
    .strictObject({
      redrivePermission: z.enum(["byQueue", "denyAll", "allowAll"]),
      sourceQueueArns: z.array(z.string()),
    })
    .nullable(),
  /** Owned whole: null wants no policy at all. */
  policy: z.custom<Policy>().nullable(),
  tags: z.record(z.string(), z.string()),
});
export type QueueSpec = z.infer<typeof queueSchema>;

/** Attributes as SQS answers them: all strings. */
export interface QueueActual {
  readonly url: string;
  readonly attributes: Readonly<Partial<Record<QueueAttributeName, string>>>;
  readonly tags: Tags | undefined;
}

const GONE = ["QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"];

export function queue(aws: Aws): Resource<QueueSpec, QueueActual> {
  const { sqs } = aws.clients;
  const urlOf = (name: string, pass: Pass) => `${aws.queueBaseUrl}/${pass.account.account}/${name}`;
  const arnOf = (name: string, { account: { partition, region, account } }: Pass) =>
    `arn:${partition}:sqs:${region}:${account}:${name}`;

  const attributesOf = async (name: string, pass: Pass, ...names: QueueAttributeName[]) => {
    const answer = await orUndefined(
      sqs.send(new GetQueueAttributesCommand({ QueueUrl: urlOf(name, pass), AttributeNames: names }), {
        abortSignal: pass.signal,
      }),
      ...GONE,
    );
    return answer && (answer.Attributes ?? {});
  };

  const tagsOf = async (QueueUrl: string, pass: Pass): Promise<Tags | undefined> => {
    const answer = await orUndefined(
      sqs.send(new ListQueueTagsCommand({ QueueUrl }), { abortSignal: pass.signal }),
      ...GONE,
    );
    return answer && (answer.Tags ?? {});
  };

  const messagesIn = async (name: string, pass: Pass): Promise<number> => {
    const attributes = await attributesOf(name, pass, ...MESSAGE_COUNTS);
    return MESSAGE_COUNTS.reduce((sum, count) => sum + Number(attributes?.[count] ?? 0), 0);
  };

  return {
    kind: "queue",
    schema: queueSchema,
    // "Changes can take up to 60 seconds"; retention up to 15 minutes (SetQueueAttributes, S4).
    lagMs: {
      visibilityTimeoutSeconds: 60_000,
      receiveMessageWaitTimeSeconds: 60_000,
      sqsManagedSseEnabled: 60_000,
      redrivePolicy: 60_000,
      redriveAllowPolicy: 60_000,
      policy: 60_000,
      messageRetentionPeriodSeconds: 900_000,
    },

    async read(name, pass) {
      const url = urlOf(name, pass);
      const reading = attributesOf(name, pass, "All");
      const [attributes, tags] = await Promise.all([
        reading,
        aws.tags.of(arnOf(name, pass), pass, () => tagsOf(url, pass), reading),
      ]);
      if (!attributes) return { is: "absent" };
      return { is: isOurs(tags, pass.owner) ? "owned" : "foreign", actual: { url, attributes, tags } };
    },

    diff(spec, { attributes, tags }): Change[] {
      return [
        ...field("visibilityTimeoutSeconds", spec.visibilityTimeoutSeconds, Number(attributes.VisibilityTimeout)),
        ...field(
          "messageRetentionPeriodSeconds",
          spec.messageRetentionPeriodSeconds,
          Number(attributes.MessageRetentionPeriod),
        ),
        ...field(
          "receiveMessageWaitTimeSeconds",
          spec.receiveMessageWaitTimeSeconds,
          Number(attributes.ReceiveMessageWaitTimeSeconds),
        ),
        ...field("sqsManagedSseEnabled", spec.sqsManagedSseEnabled, attributes.SqsManagedSseEnabled === "true"),
        ...field("redrivePolicy", spec.redrivePolicy, readRedrive(attributes.RedrivePolicy)),
        ...field("redriveAllowPolicy", spec.redriveAllowPolicy, readRedriveAllow(attributes.RedriveAllowPolicy), same),
        ...field("policy", spec.policy, readPolicy(attributes.Policy) ?? null, (want, have: Policy | null) =>
          samePolicy(want ?? undefined, have ?? undefined),
        ),
        ...tagChanges(spec.tags, tags),
      ];
    },

    async create(name, spec, pass) {
      try {
        await sqs.send(
          new CreateQueueCommand({ QueueName: name, Attributes: attributesFor(spec, false), tags: { ...spec.tags } }),
          { abortSignal: pass.signal },
        );
      } catch (error) {
        // It stands with other attributes: the next read judges.
        if (!is(error, "QueueNameExists", "QueueAlreadyExists")) throw error;
      }
      aws.tags.forget(arnOf(name, pass));
    },

    async update(name, spec, actual, changes, pass) {
      const QueueUrl = urlOf(name, pass);
      const options = { abortSignal: pass.signal };
      if (changes.some((change) => !change.path.startsWith("tags."))) {
        await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: attributesFor(spec, true) }), options);
      }
      if (changes.some((change) => change.path.startsWith("tags."))) {
        await sqs.send(new TagQueueCommand({ QueueUrl, Tags: { ...spec.tags } }), options);
        const TagKeys = tagsToRemove(spec.tags, actual.tags);
        if (TagKeys.length > 0) await sqs.send(new UntagQueueCommand({ QueueUrl, TagKeys }), options);
        aws.tags.forget(arnOf(name, pass));
      }
    },

    async delete(name, _actual, pass) {
      const messages = pass.mayLoseData ? 0 : await messagesIn(name, pass);
      if (messages > 0) throw new Kept(`${messages} messages are in it`);
      await orUndefined(
        sqs.send(new DeleteQueueCommand({ QueueUrl: urlOf(name, pass) }), { abortSignal: pass.signal }),
        ...GONE,
      );
      aws.tags.forget(arnOf(name, pass));
    },

    /** A queue with a redrive policy is one that workers still drain; what rests in a dead-letter queue holds nobody up. */
    async busy(name, pass) {
      if (pass.mayLoseData) return undefined;
      const attributes = await attributesOf(name, pass, "RedrivePolicy", ...MESSAGE_COUNTS);
      if (!attributes?.RedrivePolicy) return undefined;
      const messages = MESSAGE_COUNTS.reduce((sum, count) => sum + Number(attributes[count] ?? 0), 0);
      return messages > 0 ? `${messages} messages wait in ${name}` : undefined;
    },

    async *list(pass) {
      yield* byTags({
        listed: () => aws.tags.list("sqs", pass),
        nameOf: (arn) => arn.split(":").at(-1) ?? "",
        async *native() {
          for await (const page of paginateListQueues({ client: sqs }, { QueueNamePrefix: "pw-", MaxResults: 1_000 })) {
            for (const url of page.QueueUrls ?? []) {
              const answer = await orUndefined(sqs.send(new ListQueueTagsCommand({ QueueUrl: url })), ...GONE);
              if (isOurs(answer?.Tags, pass.owner)) yield inventoried(url.split("/").at(-1) ?? "", answer?.Tags ?? {});
            }
          }
        },
      });
    },
  };
}

const MESSAGE_COUNTS = [
  "ApproximateNumberOfMessages",
  "ApproximateNumberOfMessagesNotVisible",
  "ApproximateNumberOfMessagesDelayed",
] as const satisfies readonly QueueAttributeName[];

/** An empty string removes an attribute; at birth it must not be sent at all. */
function attributesFor(spec: QueueSpec, clear: boolean): Partial<Record<QueueAttributeName, string>> {
  const optional = (value: unknown): string | undefined =>
    value === null ? (clear ? "" : undefined) : JSON.stringify(value);
  const all: Partial<Record<QueueAttributeName, string | undefined>> = {
    VisibilityTimeout: String(spec.visibilityTimeoutSeconds),
    MessageRetentionPeriod: String(spec.messageRetentionPeriodSeconds),
    ReceiveMessageWaitTimeSeconds: String(spec.receiveMessageWaitTimeSeconds),
    SqsManagedSseEnabled: String(spec.sqsManagedSseEnabled),
    RedrivePolicy: optional(spec.redrivePolicy),
    RedriveAllowPolicy: optional(
      spec.redriveAllowPolicy?.redrivePermission === "byQueue" || spec.redriveAllowPolicy === null
        ? spec.redriveAllowPolicy
        : { redrivePermission: spec.redriveAllowPolicy.redrivePermission },
    ),
    Policy: optional(spec.policy),
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Record<string, string>;
}

/** `maxReceiveCount` comes back as a number or as a string. */
function readRedrive(text: string | undefined): QueueSpec["redrivePolicy"] {
  if (!text) return null;
  const { deadLetterTargetArn, maxReceiveCount } = JSON.parse(text);
  return { deadLetterTargetArn, maxReceiveCount: Number(maxReceiveCount) };
}

function readRedriveAllow(text: string | undefined): QueueSpec["redriveAllowPolicy"] {
  if (!text) return null;
  const { redrivePermission, sourceQueueArns } = JSON.parse(text);
  return { redrivePermission, sourceQueueArns: [...(sourceQueueArns ?? [])].sort() };
}
