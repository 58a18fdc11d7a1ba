/** What probes make before they ask. */
import * as iam from "@aws-sdk/client-iam";
import * as lambda from "@aws-sdk/client-lambda";
import * as s3 from "@aws-sdk/client-s3";
import * as sqs from "@aws-sdk/client-sqs";
import { zipOf } from "../../support/hangers-on.ts";
import type { Sdk } from "../../support/sdk.ts";

export async function bucket({ s3: client }: Sdk, Bucket: string): Promise<{ Bucket: string }> {
  await client.send(new s3.CreateBucketCommand({ Bucket }));
  return { Bucket };
}

export async function versionedBucket(sdk: Sdk, name: string): Promise<{ Bucket: string }> {
  const at = await bucket(sdk, name);
  const VersioningConfiguration = { Status: "Enabled" as const };
  await sdk.s3.send(new s3.PutBucketVersioningCommand({ ...at, VersioningConfiguration }));
  return at;
}

/** Objects with these keys, each holding its key. */
export async function objects({ s3: client }: Sdk, at: { Bucket: string }, ...keys: string[]): Promise<void> {
  for (const Key of keys) await client.send(new s3.PutObjectCommand({ ...at, Key, Body: Key }));
}

/** A queue into which S3 may send. */
export async function openQueue(sdk: Sdk, name: string): Promise<{ QueueUrl: string; QueueArn: string }> {
  const { QueueUrl } = await queue(sdk, name);
  const QueueArn = await attribute(sdk, { QueueUrl }, "QueueArn");
  const sender = { Effect: "Allow", Principal: { Service: "s3.amazonaws.com" }, Action: "sqs:SendMessage" };
  const Attributes = { Policy: policy({ ...sender, Resource: QueueArn }) };
  await sdk.sqs.send(new sqs.SetQueueAttributesCommand({ QueueUrl, Attributes }));
  return { QueueUrl, QueueArn };
}

export async function queue({ sqs: client }: Sdk, QueueName: string, Attributes: Record<string, string> = {}) {
  const { QueueUrl } = await client.send(new sqs.CreateQueueCommand({ QueueName, Attributes }));
  return { QueueUrl: QueueUrl! };
}

export async function attribute({ sqs: client }: Sdk, at: { QueueUrl: string }, name: string): Promise<string> {
  const { Attributes } = await client.send(new sqs.GetQueueAttributesCommand({ ...at, AttributeNames: ["All"] }));
  return Attributes?.[name as "Policy"] ?? "absent";
}

export const policy = (statement: object) => JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
export const trust = (Service: string) => policy({ Effect: "Allow", Principal: { Service }, Action: "sts:AssumeRole" });

export async function role({ iam: client }: Sdk, RoleName: string, service: string): Promise<string> {
  const AssumeRolePolicyDocument = trust(service);
  const { Role } = await client.send(new iam.CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
  return Role!.Arn!;
}

export async function makeFunction(
  sdk: Sdk,
  FunctionName: string,
  more: Partial<lambda.CreateFunctionCommandInput> = {},
) {
  const Role = more.Role ?? (await role(sdk, `${FunctionName}-function`, "lambda.amazonaws.com"));
  const code = { Runtime: "nodejs22.x" as const, Handler: "index.handler", Code: { ZipFile: zipOf("one").zip } };
  const made = await sdk.lambda.send(new lambda.CreateFunctionCommand({ FunctionName, ...code, ...more, Role }));
  return { FunctionName, FunctionArn: made.FunctionArn! };
}
