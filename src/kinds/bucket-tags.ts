/** A bucket's tags: who it belongs to, also where two workflows share it. */
import { GetBucketTaggingCommand, PutBucketTaggingCommand } from "@aws-sdk/client-s3";
import type { Aws } from "../aws/aws.ts";
import { orUndefined } from "../aws/errors.ts";
import { tagList, tagsOf } from "../aws/tags.ts";
import { TAG, type Tags, tagChanges } from "../core/owner.ts";
import type { Change, Pass } from "../core/resource.ts";
import { inAccount } from "./bucket-place.ts";
import { withEntries } from "./changes.ts";

/** HeadBucket's answer has no body to name it in, hence the second name. */
export const NO_SUCH_BUCKET = ["NoSuchBucket", "NotFound"] as const;

export const bucketArn = (name: string, { account }: Pass): string => `arn:${account.partition}:s3:::${name}`;

/** undefined: there is no such bucket. */
export function bucketTags(aws: Aws, name: string, pass: Pass): Promise<Tags | undefined> {
  const arn = bucketArn(name, pass);
  const native = () => nativeBucketTags(aws, name, pass);
  if (aws.tags.knows(arn) || pass.fresh) return aws.tags.of(arn, pass, native);
  // S3 has no published quota for it: of a bucket never seen before, both are asked at once.
  const asked = native();
  asked.catch(() => {});
  return aws.tags.of(arn, pass, () => asked);
}

export async function nativeBucketTags(aws: Aws, name: string, pass: Pass): Promise<Tags | undefined> {
  const command = new GetBucketTaggingCommand(inAccount(name, pass));
  const call = aws.clients.s3.send(command, { abortSignal: pass.signal });
  const answer = await orUndefined(orUntagged(call), ...NO_SUCH_BUCKET);
  return answer && tagsOf(answer.TagSet);
}

const orUntagged = async <T>(call: Promise<T>) => (await orUndefined(call, "NoSuchTagSet")) ?? { TagSet: [] };

/** PutBucketTagging replaces the whole set: the changes go into what stands right now. */
export async function updateBucketTags(aws: Aws, name: string, changes: readonly Change[], pass: Pass): Promise<void> {
  const standing = (await nativeBucketTags(aws, name, pass)) ?? {};
  await putBucketTags(aws, name, withEntries("tags", standing, changes), pass);
}

export async function putBucketTags(aws: Aws, name: string, tags: Tags, pass: Pass): Promise<void> {
  const command = new PutBucketTaggingCommand({ ...inAccount(name, pass), Tagging: { TagSet: tagList(tags) } });
  await aws.clients.s3.send(command, { abortSignal: pass.signal });
  aws.tags.forget(bucketArn(name, pass));
}

/**
 * A shared bucket (the output of one workflow, the input of another) keeps the workflow tag of its birth, and what the
 * file of that workflow says of it; the other workflow asks only that it is ours.
 */
export function bucketTagChanges(want: Tags, have: Tags): Change[] {
  const bornFor = have[TAG.workflow];
  if (bornFor === undefined || bornFor === want[TAG.workflow]) return tagChanges(want, have);
  const everyones = Object.fromEntries(Object.entries(want).filter(([name]) => EVERYONES.includes(name)));
  const { [TAG.userKeys]: _theirs, ...standing } = have;
  return tagChanges(everyones, standing);
}

const EVERYONES: readonly string[] = [TAG.owner, TAG.resource, TAG.adopted];
