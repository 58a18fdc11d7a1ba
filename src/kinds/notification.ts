/** Our one entry in a bucket's notification configuration; all others survive. Name = bucket. */

import { GetPolicyCommand } from "@aws-sdk/client-lambda";
import type {
  Event,
  FilterRule,
  LambdaFunctionConfiguration,
  QueueConfiguration,
  TopicConfiguration,
} from "@aws-sdk/client-s3";
import { z } from "zod";
import type { Aws } from "../aws/aws.ts";
import { orUndefined } from "../aws/errors.ts";
import { field, sameSet } from "../core/compare.ts";
import { readPolicy } from "../core/policy.ts";
import { type Change, keyOf, type Pass, type Resource } from "../core/resource.ts";
import { NO_SUCH_BUCKET } from "./bucket-tags.ts";
import { withChanges } from "./changes.ts";
import { FUNCTION_GONE, functionArn, ourFunctions } from "./functions.ts";
import { bucketsIn, configurationOf, isOurs, rewriteEntries } from "./notification-entries.ts";
import { filterText, filterValue } from "./notification-filter.ts";
import { overlaps } from "./notification-overlap.ts";

export const notificationSchema = z.strictObject({
  /** Starts with `pw-`. */
  id: z.string(),
  functionArn: z.string(),
  events: z.array(z.string()),
  prefix: z.string(),
  suffix: z.string(),
});
export type NotificationSpec = z.infer<typeof notificationSchema>;

export interface NotificationActual {
  /** Entries of ours, filters as they are written: one, unless someone copied it or an older name of ours stayed behind. */
  readonly ours: readonly NotificationSpec[];
  /** Entries of others, for functions, queues and topics alike. */
  readonly others: readonly NotificationEntry[];
}

export interface NotificationEntry {
  readonly id: string;
  readonly events: readonly string[];
  readonly prefix: string;
  readonly suffix: string;
}

export function notification(aws: Aws): Resource<NotificationSpec, NotificationActual> {
  /** @param entry what ours is to be, from those of ours that stand; undefined takes it away */
  const put = (
    name: string,
    entry: (standing: readonly NotificationSpec[]) => NotificationSpec | undefined,
    pass: Pass,
  ): Promise<void> =>
    rewriteEntries(aws, name, pass, (entries) => {
      const ours = entry(entries.filter(isOurs).map(readOurs));
      return [...entries.filter((one) => !isOurs(one)), ...(ours ? [entryFor(ours)] : [])];
    });

  return {
    kind: "notification",
    schema: notificationSchema,
    eventSource: true,

    async read(name, pass) {
      const configuration = await configurationOf(aws, name, pass);
      if (!configuration) return { is: "absent" };
      const { LambdaFunctionConfigurations = [], QueueConfigurations = [], TopicConfigurations = [] } = configuration;
      const foreign = LambdaFunctionConfigurations.filter((entry) => !isOurs(entry));
      const actual = {
        ours: LambdaFunctionConfigurations.filter(isOurs).map(readOurs),
        others: [...foreign, ...QueueConfigurations, ...TopicConfigurations].map(readEntry).map(asText),
      };
      return { is: actual.ours.length > 0 ? "owned" : "absent", actual };
    },

    diff(spec, { ours, others }): Change[] {
      const obstacle = others.find((other) => overlaps(spec, other));
      if (obstacle) {
        const advice = 'S3 refuses both: give another "input" prefix or suffix, or remove the other entry';
        return [{ path: "overlap", want: null, have: obstacle, replace: true, advice }];
      }
      const entry = entryOf(ours, spec);
      const { prefix, suffix } = asWritten(spec);
      const ids = ours.map(({ id }) => id);
      return [
        ...field("id", spec.id, ids.length === 1 ? ids[0] : ids),
        ...field("functionArn", spec.functionArn, entry?.functionArn),
        ...field("events", spec.events, entry?.events, sameSet),
        ...field("prefix", prefix, entry?.prefix),
        ...field("suffix", suffix, entry?.suffix),
      ];
    },

    create: (name, spec, pass) => put(name, () => asWritten(spec), pass),

    update(name, spec, _actual, changes, pass) {
      const changed = (standing: NotificationSpec | undefined) =>
        standing ? withChanges(standing, asWritten(spec), changes) : asWritten(spec);
      return put(name, (ours) => changed(entryOf(ours, spec)), pass);
    },

    async delete(name, _actual, pass) {
      await orUndefined(
        put(name, () => undefined, pass),
        ...NO_SUCH_BUCKET,
      );
    },

    /**
     * A used bucket carries no tag of ours: the permission of our function says which bucket may invoke it. The bucket of a
     * function that is asked for is asked for as well, and GetPolicy has the smallest of all quotas that passes live by.
     */
    async *list(pass) {
      const rows = [];
      for await (const row of ourFunctions(aws, pass)) {
        if (!pass.live?.has(keyOf("function", row.name))) rows.push(row);
      }
      const buckets = await Promise.all(rows.map((row) => bucketsFeeding(row.name, pass)));
      for (const [index, row] of rows.entries()) {
        for (const name of buckets[index] ?? []) yield { ...row, name, adopted: false };
      }
    },
  };

  /** Buckets whose entry of ours invokes this function. */
  async function bucketsFeeding(functionName: string, pass: Pass): Promise<string[]> {
    const answer = await orUndefined(
      aws.clients.lambda.send(new GetPolicyCommand({ FunctionName: functionName }), { abortSignal: pass.signal }),
      FUNCTION_GONE,
    );
    const feeding = await Promise.all(
      bucketsIn(readPolicy(answer?.Policy)?.Statement).map(async (bucket) => {
        const configuration = await configurationOf(aws, bucket, pass);
        const entries = configuration?.LambdaFunctionConfigurations ?? [];
        const arn = functionArn(functionName, pass);
        return entries.some((entry) => isOurs(entry) && entry.LambdaFunctionArn === arn) ? [bucket] : [];
      }),
    );
    return feeding.flat();
  }
}

/** Of several of ours the one that is asked for, if it is among them. */
const entryOf = (ours: readonly NotificationSpec[], { id }: NotificationSpec): NotificationSpec | undefined =>
  ours.find((one) => one.id === id) ?? ours[0];

/** Compared as it is written: `day 1/` reads like `day+1/`, and no upload fits it. */
const asWritten = (spec: NotificationSpec): NotificationSpec => ({
  ...spec,
  prefix: filterValue(spec.prefix),
  suffix: filterValue(spec.suffix),
});

/** Others may have written the same files in another way. */
const asText = (entry: NotificationEntry): NotificationEntry => ({
  ...entry,
  prefix: filterText(entry.prefix),
  suffix: filterText(entry.suffix),
});

type AnyConfiguration = LambdaFunctionConfiguration | QueueConfiguration | TopicConfiguration;

function readEntry(entry: AnyConfiguration): NotificationEntry {
  // S3 answers the rules' names with a capital letter.
  const filter = (name: string) =>
    entry.Filter?.Key?.FilterRules?.find((rule) => rule.Name?.toLowerCase() === name)?.Value ?? "";
  return { id: entry.Id ?? "", events: entry.Events ?? [], prefix: filter("prefix"), suffix: filter("suffix") };
}

const readOurs = (entry: LambdaFunctionConfiguration): NotificationSpec => {
  const { id, events, prefix, suffix } = readEntry(entry);
  return { id, functionArn: entry.LambdaFunctionArn ?? "", events: [...events], prefix, suffix };
};

function entryFor({ id, functionArn, events, prefix, suffix }: NotificationSpec): LambdaFunctionConfiguration {
  const FilterRules: FilterRule[] = [
    ...(prefix === "" ? [] : [{ Name: "prefix" as const, Value: prefix }]),
    ...(suffix === "" ? [] : [{ Name: "suffix" as const, Value: suffix }]),
  ];
  return {
    Id: id,
    LambdaFunctionArn: functionArn,
    Events: events as Event[],
    ...(FilterRules.length > 0 ? { Filter: { Key: { FilterRules } } } : {}),
  };
}
