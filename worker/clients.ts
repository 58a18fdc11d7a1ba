import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import { StandardRetryStrategy } from "@smithy/core/retry";

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
    s3: patient(new S3Client({ ...common, forcePathStyle: environment.AWS_ENDPOINT_URL !== undefined })),
    // Otherwise the SDK sends to the host of the queue's URL, which may be the real service's.
    sqs: patient(new SQSClient({ ...common, useQueueUrlAsEndpoint: false })),
  };
}

/**
 * Each call by itself. The SDK's own strategy keeps one purse of retries for all calls of a client, into which those that
 * find no file never pay back: after some hundred files in bad hours it is empty, and each failure costs a file its try.
 */
function patient<C extends S3Client | SQSClient>(client: C): C {
  const { maxAttempts } = client.config;
  client.config.retryStrategy = async () => new StandardRetryStrategy(maxAttempts);
  return client;
}

/** HTTP status of a refused call; undefined for all other errors. */
export const statusOf = (error: unknown): number | undefined =>
  (error as { $metadata?: { httpStatusCode?: number } } | undefined)?.$metadata?.httpStatusCode;
