/** Objects in the control bucket, for the kinds that keep something there. Name = bucket/key. */
import { DeleteObjectCommand, paginateListObjectsV2 } from "@aws-sdk/client-s3";
import type { Aws } from "../aws/aws.ts";
import { orUndefined } from "../aws/errors.ts";
import { isOurs } from "../core/owner.ts";
import type { Pass } from "../core/resource.ts";
import { inAccount } from "./bucket-place.ts";
import { bucketTags, NO_SUCH_BUCKET } from "./bucket-tags.ts";

export function objectPlace(name: string, pass: Pass) {
  const slash = name.indexOf("/");
  return { ...inAccount(name.slice(0, slash), pass), Key: name.slice(slash + 1) };
}

export async function deleteObject(aws: Aws, name: string, pass: Pass): Promise<void> {
  const deleting = aws.clients.s3.send(new DeleteObjectCommand(objectPlace(name, pass)), { abortSignal: pass.signal });
  await orUndefined(deleting, "NoSuchKey", ...NO_SUCH_BUCKET);
}

/** What stands in our own bucket is ours: objects carry no tags. Undefined where the bucket is not. */
export async function ourControlBucket(aws: Aws, pass: Pass): Promise<string | undefined> {
  const bucket = `pipewright-${pass.account.account}-${pass.account.region}`;
  return isOurs(await bucketTags(aws, bucket, pass), pass.owner) ? bucket : undefined;
}

export async function* keysUnder(aws: Aws, bucket: string, prefix: string, pass: Pass): AsyncGenerator<string> {
  const where = { ...inAccount(bucket, pass), Prefix: prefix };
  for await (const page of paginateListObjectsV2({ client: aws.clients.s3 }, where, { abortSignal: pass.signal })) {
    for (const { Key = "" } of page.Contents ?? []) yield Key;
  }
}
