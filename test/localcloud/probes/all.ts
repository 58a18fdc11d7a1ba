import { computeProbes } from "./compute.ts";
import { iamProbes } from "./iam.ts";
import { lambdaProbes } from "./lambda.ts";
import type { Probe } from "./probe.ts";
import { s3BucketProbes } from "./s3-buckets.ts";
import { s3ConfigurationProbes } from "./s3-configuration.ts";
import { s3MultipartProbes } from "./s3-multipart.ts";
import { s3ObjectProbes } from "./s3-objects.ts";
import { sqsMessageProbes } from "./sqs-messages.ts";
import { sqsQueueProbes } from "./sqs-queues.ts";

export const probes: readonly Probe[] = [
  ...s3BucketProbes,
  ...s3ConfigurationProbes,
  ...s3ObjectProbes,
  ...s3MultipartProbes,
  ...sqsQueueProbes,
  ...sqsMessageProbes,
  ...iamProbes,
  ...lambdaProbes,
  ...computeProbes,
];
