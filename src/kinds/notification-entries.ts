/** The entries of a bucket's notification configuration: ours, which come and go, among those of others, which stay. */
import {
  GetBucketNotificationConfigurationCommand,
  type LambdaFunctionConfiguration,
  type NotificationConfiguration,
  PutBucketNotificationConfigurationCommand,
} from "@aws-sdk/client-s3";
import type { Aws } from "../aws/aws.ts";
import { is } from "../aws/errors.ts";
import { same } from "../core/compare.ts";
import type { Statement } from "../core/policy.ts";
import type { Pass } from "../core/resource.ts";
import { elsewhere, inAccount } from "./bucket-place.ts";
import { NO_SUCH_BUCKET } from "./bucket-tags.ts";

type Entry = LambdaFunctionConfiguration;

export const isOurs = ({ Id }: Entry): boolean => Id?.startsWith("pw-") ?? false;

/** undefined: there is no such bucket here. What stands elsewhere is the bucket's own kind to refuse. */
export async function configurationOf(
  aws: Aws,
  bucket: string,
  pass: Pass,
): Promise<NotificationConfiguration | undefined> {
  try {
    const command = new GetBucketNotificationConfigurationCommand(inAccount(bucket, pass));
    return await aws.clients.s3.send(command, { abortSignal: pass.signal });
  } catch (error) {
    if (is(error, ...NO_SUCH_BUCKET) || (await elsewhere(aws, bucket, error, pass))) return undefined;
    throw error;
  }
}

/** The call replaces the whole configuration and knows no condition: others' part is read right before. */
export const rewriteEntries = (
  aws: Aws,
  bucket: string,
  pass: Pass,
  rewritten: (entries: readonly Entry[]) => readonly Entry[],
): Promise<void> =>
  aws.exclusive(`bucket/${bucket}`, async () => {
    const standing = await configurationOf(aws, bucket, pass);
    const entries = standing?.LambdaFunctionConfigurations ?? [];
    const wanted = rewritten(entries);
    if (same(wanted, entries)) return;
    const NotificationConfiguration: NotificationConfiguration = {
      ...(standing?.TopicConfigurations ? { TopicConfigurations: standing.TopicConfigurations } : {}),
      ...(standing?.QueueConfigurations ? { QueueConfigurations: standing.QueueConfigurations } : {}),
      ...(standing?.EventBridgeConfiguration ? { EventBridgeConfiguration: {} } : {}),
      LambdaFunctionConfigurations: [...wanted],
    };
    // S3 asks every destination that stays, others' too: one that is no more would hold ours in the bucket (InvalidArgument).
    const SkipDestinationValidation = wanted.every((one) => entries.some((other) => same(one, other)));
    await aws.clients.s3.send(
      new PutBucketNotificationConfigurationCommand({
        ...inAccount(bucket, pass),
        NotificationConfiguration,
        SkipDestinationValidation,
      }),
      { abortSignal: pass.signal },
    );
  });

/** Takes out what tells this function of uploads; in a bucket that is not there, nothing does. */
export const removeEntriesFor = (aws: Aws, bucket: string, functionArn: string, pass: Pass): Promise<void> =>
  rewriteEntries(aws, bucket, pass, (entries) =>
    entries.filter((entry) => !(isOurs(entry) && entry.LambdaFunctionArn === functionArn)),
  );

/** Buckets that a function's policy names as a source. A pattern, which nobody but a stranger writes, names none. */
export function bucketsIn(statements: readonly Statement[] = []): string[] {
  const values = statements
    .flatMap((statement) => Object.values(statement.Condition ?? {}))
    .flatMap((tests) => Object.values(tests).flat());
  const names = values.flatMap((value) => /^arn:[^:]+:s3:::([^/*?$]+)$/.exec(String(value))?.[1] ?? []);
  return [...new Set(names)];
}
