/** Every policy document that we write. Each statement has a Sid, so that a person can see what it is for. */
import { TAG } from "../core/owner.ts";
import { type Policy, policy, type Statement } from "../core/policy.ts";
import type { AccountFacts } from "../core/resource.ts";
import { arnsOf, dnsSuffix } from "./arns.ts";
import type { Facts } from "./facts.ts";
import { controlBucket, workerKey } from "./names.ts";

/** All inline policies of a role together, white space not counted (IAM User Guide, "IAM and AWS STS quotas"). */
export const INLINE_POLICY_MOST = 10_240;

export const policyLength = (document: Policy): number => JSON.stringify(document).length;

/** Lets a service take on a role. Without a Sid, as the console writes it: roles made by hand are compared with this. */
export const trust = (service: string): Policy =>
  policy({
    Effect: "Allow",
    Principal: { Service: service },
    Action: "sts:AssumeRole",
  });

/** ECS takes on a role for tasks of this account only: it serves every account, and could be asked by another. */
export const taskTrust = ({ account }: AccountFacts): Policy =>
  policy({
    Effect: "Allow",
    Principal: { Service: "ecs-tasks.amazonaws.com" },
    Action: "sts:AssumeRole",
    Condition: { StringEquals: { "aws:SourceAccount": account } },
  });

/** Denies everything over plain HTTP, unless that is how AWS is reached at all. */
export function tlsOnly(bucket: string, facts: AccountFacts & Pick<Facts, "plainHttp">): Policy {
  if (facts.plainHttp) return policy();
  const arns = arnsOf(facts);
  return policy({
    Sid: "PipewrightTlsOnly",
    Effect: "Deny",
    Principal: "*",
    Action: "s3:*",
    Resource: [arns.bucket(bucket), arns.objects(bucket, "*")],
    Condition: { Bool: { "aws:SecureTransport": "false" } },
  });
}

/** What ECS itself must read before a task starts. */
export const registrySecrets = (secretArns: readonly string[]): Policy =>
  policy(allow("ReadRegistryCredentials", "secretsmanager:GetSecretValue", [...secretArns]));

export interface TaskPolicyOf {
  /** Buckets that steps read files from. */
  readonly inputs: readonly string[];
  /** Buckets that steps leave results in; those between two steps are both. */
  readonly outputs: readonly string[];
  /** Buckets that a person may have encrypted with a key of KMS. */
  readonly foreignKeys: readonly string[];
  readonly queues: readonly string[];
  readonly deadLetters: readonly string[];
}

/** What the worker does: read a file, write a result, see whether a result is there, and look after its messages. */
export function taskPolicy(of: TaskPolicyOf, facts: AccountFacts): Policy {
  const arns = arnsOf(facts);
  const buckets = [...new Set([...of.inputs, ...of.outputs])];
  return policy(
    allow("ListBuckets", "s3:ListBucket", buckets.map(arns.bucket)),
    allow(
      "ReadFiles",
      ["s3:GetObject", "s3:GetObjectVersion"],
      buckets.map((name) => arns.objects(name, "*")),
    ),
    allow(
      "WriteResults",
      ["s3:PutObject", "s3:AbortMultipartUpload"],
      of.outputs.map((name) => arns.objects(name, "*")),
    ),
    allow(
      "TakeMessages",
      ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"],
      of.queues.map(arns.queue),
    ),
    allow("HandOnMessages", "sqs:SendMessage", [...of.queues, ...of.deadLetters].map(arns.queue)),
    allow("ReadWorker", "s3:GetObject", arns.objects(controlBucket(facts), workerKey("*"))),
    ...(of.foreignKeys.length > 0 ? [bucketKeys(of.foreignKeys, facts)] : []),
  );
}

/** Only where S3 itself asks KMS, and only for these buckets: without effect on buckets that no key of KMS encrypts. */
function bucketKeys(buckets: readonly string[], facts: AccountFacts): Statement {
  const arns = arnsOf(facts);
  return {
    Sid: "UseKeysOfBuckets",
    Effect: "Allow",
    Action: ["kms:Decrypt", "kms:GenerateDataKey"],
    Resource: arns.key("*"),
    Condition: {
      StringEquals: { "kms:ViaService": `s3.${facts.region}.${dnsSuffix(facts.partition)}` },
      StringLike: {
        "kms:EncryptionContext:aws:s3:arn": buckets.flatMap((name) => [arns.bucket(name), arns.objects(name, "*")]),
      },
    },
  };
}

/** The condition that a resource carries our owner tag. */
export const ownedBy = (owner: string) => ({ [`aws:ResourceTag/${TAG.owner}`]: owner });

export const allow = (Sid: string, Action: string | string[], Resource: string | string[]): Statement => ({
  Sid,
  Effect: "Allow",
  Action,
  Resource,
});
