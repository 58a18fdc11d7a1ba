/** The SDK's clients, as far as a run of the scaler uses them. */
import type { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import type { EC2Client } from "@aws-sdk/client-ec2";
import type { ECSClient } from "@aws-sdk/client-ecs";
import type { S3Client } from "@aws-sdk/client-s3";
import type { SQSClient } from "@aws-sdk/client-sqs";

export interface Clients {
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  readonly ecs: ECSClient;
  readonly ec2: EC2Client;
  readonly cloudwatch: CloudWatchClient;
}
