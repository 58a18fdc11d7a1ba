/** What a bucket holds: objects, their older versions, delete markers, unfinished uploads. */
import {
  AbortMultipartUploadCommand,
  DeleteObjectsCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
} from "@aws-sdk/client-s3";
import type { Aws } from "../aws/aws.ts";
import { orUndefined } from "../aws/errors.ts";
import { Failure } from "../core/failure.ts";
import type { Pass } from "../core/resource.ts";
import { inAccount } from "./bucket-place.ts";

/** What a call lists and deletes at most (DeleteObjects). */
const PAGE = 1_000;

export async function isEmpty(aws: Aws, bucket: string, pass: Pass): Promise<boolean> {
  const [versions, uploads] = await Promise.all([versionsIn(aws, bucket, 1, pass), uploadsIn(aws, bucket, 1, pass)]);
  return versions.length + uploads.length === 0;
}

/** Deletes all that the bucket holds, page by page. What is put there meanwhile goes too. */
export async function emptyBucket(aws: Aws, bucket: string, pass: Pass): Promise<void> {
  for (;;) {
    const versions = await versionsIn(aws, bucket, PAGE, pass);
    if (versions.length === 0) break;
    await deleteVersions(aws, bucket, versions, pass);
  }
  for (;;) {
    const uploads = await uploadsIn(aws, bucket, PAGE, pass);
    if (uploads.length === 0) break;
    await Promise.all(uploads.map((upload) => abort(aws, bucket, upload, pass)));
  }
}

interface Version {
  readonly Key: string;
  readonly VersionId: string;
}

/** The first of them: an object of a bucket without versioning has the version `null`. */
async function versionsIn(aws: Aws, bucket: string, most: number, pass: Pass): Promise<Version[]> {
  const answer = await aws.clients.s3.send(
    new ListObjectVersionsCommand({ ...inAccount(bucket, pass), MaxKeys: most }),
    {
      abortSignal: pass.signal,
    },
  );
  return [...(answer.Versions ?? []), ...(answer.DeleteMarkers ?? [])].map(({ Key = "", VersionId = "null" }) => ({
    Key,
    VersionId,
  }));
}

async function deleteVersions(aws: Aws, bucket: string, Objects: Version[], pass: Pass): Promise<void> {
  const answer = await aws.clients.s3.send(
    new DeleteObjectsCommand({ ...inAccount(bucket, pass), Delete: { Objects, Quiet: true } }),
    { abortSignal: pass.signal },
  );
  const [refused] = answer.Errors ?? [];
  if (!refused) return;
  // The call succeeds though single objects were refused: a retention lock, a policy that denies it.
  throw new Failure(`s3:DeleteObject on ${bucket}/${refused.Key}: ${refused.Code}: ${refused.Message}`, {
    class: refused.Code === "AccessDenied" ? "denied" : "transient",
    code: refused.Code ?? "Unknown",
    action: "s3:DeleteObjectVersion",
    resource: `arn:${pass.account.partition}:s3:::${bucket}/${refused.Key}`,
  });
}

interface Upload {
  readonly Key?: string | undefined;
  readonly UploadId?: string | undefined;
}

async function uploadsIn(aws: Aws, bucket: string, most: number, pass: Pass): Promise<Upload[]> {
  const answer = await aws.clients.s3.send(
    new ListMultipartUploadsCommand({ ...inAccount(bucket, pass), MaxUploads: most }),
    { abortSignal: pass.signal },
  );
  return answer.Uploads ?? [];
}

async function abort(aws: Aws, bucket: string, { Key = "", UploadId = "" }: Upload, pass: Pass): Promise<void> {
  const command = new AbortMultipartUploadCommand({ ...inAccount(bucket, pass), Key, UploadId });
  await orUndefined(aws.clients.s3.send(command, { abortSignal: pass.signal }), "NoSuchUpload");
}
