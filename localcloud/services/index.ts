import type { ServiceFactory } from "../service.ts";
import { createCloudWatch } from "./cloudwatch.ts";
import { createCloudWatchLogs } from "./cloudwatch-logs.ts";
import { createEc2 } from "./ec2.ts";
import { createEcs } from "./ecs.ts";
import { createEventbridge } from "./eventbridge.ts";
import { createIam } from "./iam.ts";
import { createLambda } from "./lambda.ts";
import { createResourceGroupsTaggingApi } from "./resource-groups-tagging-api.ts";
import { createS3 } from "./s3.ts";
import { createSqs } from "./sqs.ts";
import { createSts } from "./sts.ts";

/** Every service of the local cloud, by the id of its SDK client. */
export const factories: Readonly<Record<string, ServiceFactory>> = {
  s3: createS3,
  sts: createSts,
  sqs: createSqs,
  iam: createIam,
  lambda: createLambda,
  eventbridge: createEventbridge,
  ecs: createEcs,
  ec2: createEc2,
  cloudwatch: createCloudWatch,
  "cloudwatch-logs": createCloudWatchLogs,
  "resource-groups-tagging-api": createResourceGroupsTaggingApi,
};
