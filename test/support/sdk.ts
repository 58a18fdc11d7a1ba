/** Plain SDK clients for what others do behind the product's back, and for looking at what really stands. Never the product's own. */
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { EC2Client } from "@aws-sdk/client-ec2";
import { ECSClient } from "@aws-sdk/client-ecs";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { IAMClient } from "@aws-sdk/client-iam";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { ResourceGroupsTaggingAPIClient } from "@aws-sdk/client-resource-groups-tagging-api";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import { STSClient } from "@aws-sdk/client-sts";
import { assertLoopback } from "./loopback.ts";

export interface Place {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** How often a call is made before its failure counts. @default as the SDK does */
  readonly maxAttempts?: number;
}

export type Sdk = ReturnType<typeof createSdk>;

/** @throws when the endpoint is not loopback */
export function createSdk({ endpoint, region, credentials, maxAttempts }: Place) {
  const attempts = maxAttempts === undefined ? {} : { maxAttempts };
  const common = { endpoint: assertLoopback(endpoint), region, credentials, ...attempts };
  return {
    s3: new S3Client({ ...common, forcePathStyle: true }),
    // With the URL as endpoint the SDK would send to whatever host a queue's URL names.
    sqs: new SQSClient({ ...common, useQueueUrlAsEndpoint: false }),
    iam: new IAMClient(common),
    lambda: new LambdaClient(common),
    ecs: new ECSClient(common),
    ec2: new EC2Client(common),
    cloudwatch: new CloudWatchClient(common),
    logs: new CloudWatchLogsClient(common),
    events: new EventBridgeClient(common),
    sts: new STSClient(common),
    tagging: new ResourceGroupsTaggingAPIClient(common),
  };
}
