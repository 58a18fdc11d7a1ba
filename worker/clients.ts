import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";

/** About half a minute of patience with a service that throttles or fails; beyond it the file's try has failed. */
const ATTEMPTS = 8;
const CONNECT_WITHIN_MS = 5_000;
/** A connection on which nothing moves; a long poll is silent for 20 s. */
const SILENT_MOST_MS = 60_000;

export interface Clients {
  readonly s3: Pick<S3Client, "send">;
  readonly sqs: Pick<SQSClient, "send">;
}

/** Region, credentials and endpoint come from the environment: on AWS, the task's role. */
export function createClients(environment: Readonly<Record<string, string | undefined>>): Clients {
  const common = {
    maxAttempts: ATTEMPTS,
    requestHandler: { connectionTimeout: CONNECT_WITHIN_MS, socketTimeout: SILENT_MOST_MS },
  };
  return {
    // An emulator's buckets have no DNS names of their own.
    s3: new S3Client({ ...common, forcePathStyle: environment.AWS_ENDPOINT_URL !== undefined }),
    // Otherwise the SDK sends to the host of the queue's URL, which may be the real service's.
    sqs: new SQSClient({ ...common, useQueueUrlAsEndpoint: false }),
  };
}

/** HTTP status of a refused call; undefined for all other errors. */
export const statusOf = (error: unknown): number | undefined =>
  (error as { $metadata?: { httpStatusCode?: number } } | undefined)?.$metadata?.httpStatusCode;
