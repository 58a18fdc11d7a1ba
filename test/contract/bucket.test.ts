import { after } from "node:test";
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteBucketPolicyCommand,
  DeletePublicAccessBlockCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketPolicyCommand,
  GetBucketTaggingCommand,
  type LifecycleRule,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  PutPublicAccessBlockCommand,
} from "@aws-sdk/client-s3";
import { tagList, tagsOf } from "../../src/aws/tags.ts";
import type { Tags } from "../../src/core/owner.ts";
import { policy, type Statement } from "../../src/core/policy.ts";
import { type BucketSpec, bucket } from "../../src/kinds/bucket.ts";
import { startBackend } from "../support/backend.ts";
import type { Others, Stage, Tamper } from "./case.ts";
import { contract } from "./contract.ts";
import { othersTag, type TagCalls, tagTampers } from "./tags.ts";

const backend = await startBackend();
after(() => backend.stop());

const tagsNow = async ({ sdk, name }: Stage): Promise<Tags> =>
  tagsOf((await sdk.s3.send(new GetBucketTaggingCommand({ Bucket: name })).catch(() => undefined))?.TagSet);
const putTags = ({ sdk, name }: Stage, tags: Tags) =>
  sdk.s3.send(new PutBucketTaggingCommand({ Bucket: name, Tagging: { TagSet: tagList(tags) } }));

const tagCalls: TagCalls = {
  set: async (stage, tags) => putTags(stage, { ...(await tagsNow(stage)), ...tags }),
  async remove(stage, names) {
    const left = Object.entries(await tagsNow(stage)).filter(([name]) => !names.includes(name));
    await putTags(stage, Object.fromEntries(left));
  },
  get: tagsNow,
};

const tlsOnly = (stage: Stage): Statement => ({
  Sid: "PipewrightTlsOnly",
  Effect: "Deny",
  Principal: "*",
  Action: "s3:*",
  Resource: [`arn:aws:s3:::${stage.name}`, `arn:aws:s3:::${stage.name}/*`],
  Condition: { Bool: { "aws:SecureTransport": "false" } },
});
const theirStatement = (stage: Stage): Statement => ({
  Sid: "Theirs",
  Effect: "Allow",
  Principal: { AWS: `arn:aws:iam::${stage.account.account}:root` },
  Action: "s3:GetObject",
  Resource: `arn:aws:s3:::${stage.name}/*`,
});

const statementsNow = async ({ sdk, name }: Stage): Promise<Statement[]> => {
  const answer = await sdk.s3.send(new GetBucketPolicyCommand({ Bucket: name })).catch(() => undefined);
  return answer?.Policy ? JSON.parse(answer.Policy).Statement : [];
};
async function changeStatements(stage: Stage, change: (standing: Statement[]) => Statement[]) {
  const statements = change(await statementsNow(stage));
  const { s3 } = stage.sdk;
  if (statements.length === 0) return s3.send(new DeleteBucketPolicyCommand({ Bucket: stage.name }));
  const Policy = JSON.stringify(policy(...statements));
  return s3.send(new PutBucketPolicyCommand({ Bucket: stage.name, Policy }));
}

const ABORT = "pipewright-abort-uploads";
const EXPIRE = "pipewright-expire";

const rulesNow = async ({ sdk, name }: Stage): Promise<LifecycleRule[]> =>
  (await sdk.s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket: name })).catch(() => undefined))?.Rules ?? [];
async function changeRules(stage: Stage, change: (rule: LifecycleRule) => LifecycleRule | undefined) {
  const Rules = (await rulesNow(stage)).flatMap((rule) => change(rule) ?? []);
  await putRules(stage, Rules);
}
const putRules = ({ sdk, name }: Stage, Rules: LifecycleRule[]) =>
  sdk.s3.send(new PutBucketLifecycleConfigurationCommand({ Bucket: name, LifecycleConfiguration: { Rules } }));

const ruleTamper = (
  field: string,
  what: string,
  id: string,
  change: (rule: LifecycleRule) => LifecycleRule | undefined,
): Tamper => ({
  field: `lifecycle[].${field}`,
  what,
  change: (stage) => changeRules(stage, (rule) => (rule.ID === id ? change(rule) : rule)),
  paths: ["lifecycle"],
});

const others: Others[] = [
  othersTag(tagCalls),
  {
    what: "a policy statement",
    put: (stage) => changeStatements(stage, (standing) => [...standing, theirStatement(stage)]),
    stands: async (stage) => (await statementsNow(stage)).some(({ Sid }) => Sid === "Theirs"),
  },
  {
    what: "a lifecycle rule",
    put: async (stage) =>
      putRules(stage, [
        ...(await rulesNow(stage)),
        { ID: "theirs", Status: "Enabled", Filter: { Prefix: "old/" }, Expiration: { Days: 365 } },
      ]),
    stands: async (stage) => (await rulesNow(stage)).some(({ ID }) => ID === "theirs"),
  },
];

contract<BucketSpec>(backend, {
  kind: "bucket",
  make: bucket,
  spec: (stage) => ({
    region: stage.account.region,
    publicAccessBlocked: true,
    encryption: "AES256",
    ownership: "BucketOwnerEnforced",
    policy: policy(tlsOnly(stage)),
    lifecycle: [
      { id: ABORT, prefix: "", abortIncompleteMultipartUploadDays: 7, expirationDays: null },
      { id: EXPIRE, prefix: "tmp/", abortIncompleteMultipartUploadDays: null, expirationDays: 30 },
    ],
    tags: stage.tags,
  }),
  tampers: [
    {
      field: "publicAccessBlocked",
      what: "the public access block taken off",
      change: ({ sdk, name }) => sdk.s3.send(new DeletePublicAccessBlockCommand({ Bucket: name })),
    },
    {
      field: "publicAccessBlocked",
      what: "one of the four settings of the public access block",
      change: ({ sdk, name }) =>
        sdk.s3.send(
          new PutPublicAccessBlockCommand({
            Bucket: name,
            PublicAccessBlockConfiguration: {
              BlockPublicAcls: true,
              IgnorePublicAcls: true,
              BlockPublicPolicy: false,
              RestrictPublicBuckets: true,
            },
          }),
        ),
    },
    {
      field: "encryption",
      change: ({ sdk, name }) =>
        sdk.s3.send(
          new PutBucketEncryptionCommand({
            Bucket: name,
            ServerSideEncryptionConfiguration: {
              Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms" } }],
            },
          }),
        ),
    },
    {
      field: "ownership",
      change: ({ sdk, name }) =>
        sdk.s3.send(
          new PutBucketOwnershipControlsCommand({
            Bucket: name,
            OwnershipControls: { Rules: [{ ObjectOwnership: "ObjectWriter" }] },
          }),
        ),
    },
    {
      field: "policy",
      what: "our statement taken out",
      change: (stage) => changeStatements(stage, (standing) => standing.filter(({ Sid }) => Sid === "Theirs")),
    },
    {
      field: "policy",
      what: "another statement under our name",
      change: (stage) =>
        changeStatements(stage, (standing) => [
          ...standing.filter(({ Sid }) => Sid === "Theirs"),
          { ...theirStatement(stage), Sid: "PipewrightTlsOnly" },
        ]),
    },
    ruleTamper("id", "a lifecycle rule of ours taken out", ABORT, () => undefined),
    ruleTamper("id", "a lifecycle rule of ours renamed", ABORT, (rule) => ({ ...rule, ID: "pipewright-other" })),
    ruleTamper("prefix", "the prefix of a lifecycle rule", EXPIRE, (rule) => ({ ...rule, Filter: { Prefix: "x/" } })),
    ruleTamper("abortIncompleteMultipartUploadDays", "when stale uploads are aborted", ABORT, (rule) => ({
      ...rule,
      AbortIncompleteMultipartUpload: { DaysAfterInitiation: 100 },
    })),
    ruleTamper("expirationDays", "when files expire", EXPIRE, (rule) => ({ ...rule, Expiration: { Days: 1 } })),
    ruleTamper("id", "a lifecycle rule of ours turned off", ABORT, (rule) => ({ ...rule, Status: "Disabled" })),
    ...tagTampers(tagCalls),
  ],
  writtenAtBirth: { region: "a bucket cannot be moved: one that stands elsewhere is refused" },
  others,
  skip: ({ cannot }) => ({ "crash of its creation": cannot("bucket-tags-at-birth") }),
  remove: ({ sdk, name }) => sdk.s3.send(new DeleteBucketCommand({ Bucket: name })),
  async foreign(stage) {
    await stage.sdk.s3.send(new CreateBucketCommand({ Bucket: stage.name }));
    await putTags(stage, { colour: "green" });
  },
});
