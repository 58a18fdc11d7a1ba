/** An S3 object whose writes depend on what it was: what a lease is kept in. */
import { GetObjectCommand, PutObjectCommand, type PutObjectCommandInput } from "@aws-sdk/client-s3";
import type { Clients } from "./clients.ts";
import { is, orUndefined, statusOf } from "./errors.ts";

export interface ConditionalObjectDeps {
  readonly s3: Clients["s3"];
  readonly bucket: string;
  readonly key: string;
  readonly account: string;
  /** Aborts when the program stops: what is only read is not waited for any longer. */
  readonly stopping?: AbortSignal;
  /** Makes the bucket: the first daemon of an account finds none. "Exists" is success. */
  createBucket(): Promise<void>;
}

export function createConditionalObject(deps: ConditionalObjectDeps) {
  const { s3, bucket, key, account, createBucket, stopping } = deps;
  const place = { Bucket: bucket, Key: key, ExpectedBucketOwner: account };

  /** Undefined: the condition did not hold (412), or another write was under way (409). */
  const put = async (body: string, condition: Partial<PutObjectCommandInput>): Promise<string | undefined> => {
    try {
      const answer = await s3.send(new PutObjectCommand({ ...place, Body: body, ...condition }));
      return answer.ETag;
    } catch (error) {
      if (statusOf(error) === 412 || statusOf(error) === 409 || is(error, "NoSuchKey")) return undefined;
      throw error;
    }
  };

  return {
    async get() {
      const reading = s3.send(new GetObjectCommand(place), stopping ? { abortSignal: stopping } : {});
      const answer = await orUndefined(reading, "NoSuchKey", "NoSuchBucket");
      if (!answer?.ETag) return undefined;
      return { etag: answer.ETag, body: (await answer.Body?.transformToString()) ?? "" };
    },
    async putIfAbsent(body: string) {
      try {
        return await put(body, { IfNoneMatch: "*" });
      } catch (error) {
        if (!is(error, "NoSuchBucket")) throw error;
        await createBucket();
        return put(body, { IfNoneMatch: "*" });
      }
    },
    putIfMatch: (body: string, etag: string) => put(body, { IfMatch: etag }),
  };
}
