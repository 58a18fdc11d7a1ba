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
import { inventoried, isOurs, type Tags, tagChanges } from "../core/owner.ts";
import { type Policy, readPolicy, samePolicy } from "../core/policy.ts";
import type { Change, Pass, Resource } from "../core/resource.ts";
import { touches, touchesMoreThanTags, writeTags } from "./changes.ts";
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
          new CreateQueueCommand({ QueueName: name, Attributes: birthAttributes(spec), tags: { ...spec.tags } }),
          { abortSignal: pass.signal },
        );
      } catch (error) {
        // It stands with other attributes: the next read judges.
        if (!is(error, "QueueNameExists", "QueueAlreadyExists")) throw error;
      }
      aws.tags.forget(arnOf(name, pass));
    },

    async update(name, spec, { attributes }, changes, pass) {
      const QueueUrl = urlOf(name, pass);
      const options = { abortSignal: pass.signal };
      if (touchesMoreThanTags(changes)) {
        const Attributes = {
          ...changedAttributes(spec, changes),
          // A queue has one kind of encryption: with a key of somebody's, SQS refuses its own (InvalidAttributeValue).
          ...(touches(changes, "sqsManagedSseEnabled") && attributes.KmsMasterKeyId ? { KmsMasterKeyId: "" } : {}),
        };
        await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }), options);
      }
      await writeTags(changes, {
        set: (Tags) => sqs.send(new TagQueueCommand({ QueueUrl, Tags: { ...Tags } }), options),
        remove: (TagKeys) => sqs.send(new UntagQueueCommand({ QueueUrl, TagKeys }), options),
      });
      aws.tags.forget(arnOf(name, pass));
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

type Attributes = Partial<Record<QueueAttributeName, string>>;

/** At birth an attribute without a value must not be sent at all. */
function birthAttributes(spec: QueueSpec): Attributes {
  const all = Object.values(ATTRIBUTES).map(({ name, text }) => [name, text(spec)] as const);
  return Object.fromEntries(all.filter(([, value]) => value !== ""));
}

const changedAttributes = (spec: QueueSpec, changes: readonly Change[]): Attributes =>
  Object.fromEntries(
    Object.entries(ATTRIBUTES)
      .filter(([field]) => touches(changes, field))
      .map(([, { name, text }]) => [name, text(spec)]),
  );

/** Each field as SQS wants it; an empty text removes the attribute. */
const ATTRIBUTES: Record<
  keyof Omit<QueueSpec, "tags">,
  { readonly name: QueueAttributeName; text(spec: QueueSpec): string }
> = {
  visibilityTimeoutSeconds: { name: "VisibilityTimeout", text: (spec) => String(spec.visibilityTimeoutSeconds) },
  messageRetentionPeriodSeconds: {
    name: "MessageRetentionPeriod",
    text: (spec) => String(spec.messageRetentionPeriodSeconds),
  },
  receiveMessageWaitTimeSeconds: {
    name: "ReceiveMessageWaitTimeSeconds",
    text: (spec) => String(spec.receiveMessageWaitTimeSeconds),
  },
  sqsManagedSseEnabled: { name: "SqsManagedSseEnabled", text: (spec) => String(spec.sqsManagedSseEnabled) },
  redrivePolicy: { name: "RedrivePolicy", text: (spec) => json(spec.redrivePolicy) },
  redriveAllowPolicy: {
    name: "RedriveAllowPolicy",
    text({ redriveAllowPolicy: allow }) {
      const { redrivePermission } = allow ?? {};
      // Sources are named for this one permission alone.
      return json(allow === null || redrivePermission === "byQueue" ? allow : { redrivePermission });
    },
  },
  policy: { name: "Policy", text: (spec) => json(spec.policy) },
};

const json = (value: unknown): string => (value === null ? "" : JSON.stringify(value));

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
