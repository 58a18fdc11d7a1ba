import { arn } from "../../services/arn.ts";
import type { S3 } from "../../services/s3.ts";
import type { Need } from "../policy/evaluate.ts";
import type { Ask, NeedsOf } from "./ask.ts";

const bucketArn = (bucket: string) => `arn:aws:s3:::${bucket}`;
const objectArn = (bucket: string, key: string) => `${bucketArn(bucket)}/${key}`;

const list = ({ input }: Ask): Need[] => [
  {
    action: "s3:ListBucket",
    resource: bucketArn(input.Bucket),
    context: { "s3:prefix": single(input.Prefix), "s3:delimiter": single(input.Delimiter) },
  },
];

const read = (ask: Ask): Need[] => readOf(ask, ask.input.Bucket, ask.input.Key, ask.input.VersionId);

const write = (ask: Ask): Need[] => {
  const { Bucket, Key, Tagging } = ask.input;
  const resource = objectArn(Bucket, Key);
  return [
    { action: "s3:PutObject", resource },
    ...(Tagging ? [{ action: "s3:PutObjectTagging", resource }] : []),
    ...keyNeeds(ask, Bucket, Key, "kms:GenerateDataKey"),
  ];
};

/** Parts are encrypted one by one, with the key that the first call made. */
const writePart = (ask: Ask): Need[] => [
  ...write(ask),
  ...keyNeeds(ask, ask.input.Bucket, ask.input.Key, "kms:Decrypt"),
];

const copy = (ask: Ask): Need[] => {
  const source = /^\/?([^/]+)\/([^?]*)(?:\?versionId=(.+))?$/.exec(ask.input.CopySource ?? "");
  if (!source) return write(ask);
  const [, bucket = "", key = "", version] = source;
  return [...readOf(ask, decodeURIComponent(bucket), decodeURIComponent(key), version), ...write(ask)];
};

/** S3's operations, whose actions are named otherwise and whose encryption needs a key of KMS besides. */
export const s3Needs: NeedsOf = {
  ListBuckets: () => [{ action: "s3:ListAllMyBuckets", resource: "*" }],
  ListObjects: list,
  ListObjectsV2: list,
  GetObject: read,
  HeadObject: read,
  PutObject: write,
  CreateMultipartUpload: write,
  UploadPart: writePart,
  CompleteMultipartUpload: writePart,
  CopyObject: copy,
  UploadPartCopy: copy,
  DeleteObject: ({ input }) => [deletion(input.Bucket, input)],
  DeleteObjects: ({ input }) =>
    (input.Delete?.Objects ?? []).map((one: { Key?: string; VersionId?: string }) => deletion(input.Bucket, one)),
};

function readOf(ask: Ask, bucket: string, key: string, versionId: string | undefined): Need[] {
  const s3 = ask.world.service<S3>("s3");
  const action = versionId === undefined ? "s3:GetObject" : "s3:GetObjectVersion";
  const isThere = s3.bytesOf(bucket, key, versionId) !== undefined;
  return [
    { action, resource: objectArn(bucket, key) },
    // Whoever may not list a bucket does not learn from S3 whether an object is missing.
    ...(isThere
      ? keyNeeds(ask, bucket, key, "kms:Decrypt")
      : [{ action: "s3:ListBucket", resource: bucketArn(bucket) }]),
  ];
}

function deletion(bucket: string, { Key, VersionId }: { Key?: string; VersionId?: string }): Need {
  const action = VersionId === undefined ? "s3:DeleteObject" : "s3:DeleteObjectVersion";
  return { action, resource: objectArn(bucket, Key ?? "") };
}

/** S3 asks KMS in the caller's name. AWS's own key `aws/s3` lets everybody of the account, a customer's does not. */
function keyNeeds({ world, call }: Ask, bucket: string, key: string, action: string): Need[] {
  const keyId = world.service<S3>("s3").kmsKeyOf(bucket);
  if (keyId === undefined) return [];
  const resource = keyId.startsWith("arn:") ? keyId : arn("kms", call.region, call.account, `key/${keyId}`);
  const context = {
    "kms:viaservice": [`s3.${call.region}.amazonaws.com`],
    "kms:encryptioncontext:aws:s3:arn": [objectArn(bucket, key)],
  };
  return [{ action, resource, context }];
}

function single(value: string | undefined): readonly string[] | undefined {
  return value === undefined ? undefined : [value];
}
