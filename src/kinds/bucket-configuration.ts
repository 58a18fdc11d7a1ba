/** The five configurations that an owned bucket has, read together and written one after the other. */
import {
  DeleteBucketLifecycleCommand,
  DeleteBucketPolicyCommand,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  type GetBucketLifecycleConfigurationCommandOutput,
  GetBucketOwnershipControlsCommand,
  GetBucketPolicyCommand,
  GetPublicAccessBlockCommand,
  type LifecycleRule,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutPublicAccessBlockCommand,
} from "@aws-sdk/client-s3";
import type { Aws } from "../aws/aws.ts";
import { orUndefined } from "../aws/errors.ts";
import { field, sameSet } from "../core/compare.ts";
import { type Policy, readPolicy, type Statement, samePolicy } from "../core/policy.ts";
import type { Change, Pass } from "../core/resource.ts";
import type { BucketSpec } from "./bucket.ts";
import { inAccount } from "./bucket-place.ts";
import { touches } from "./changes.ts";

export interface BucketConfiguration {
  /** Are all four settings on? */
  readonly publicAccessBlocked: boolean;
  /** SSE algorithm of the default encryption. */
  readonly encryption: string | null;
  readonly ownership: string | null;
  readonly policy: Policy | undefined;
  readonly lifecycle: readonly LifecycleRule[];
}

/** @throws NoSuchBucket where the bucket is gone */
export async function readConfiguration(aws: Aws, name: string, pass: Pass): Promise<BucketConfiguration> {
  const { s3 } = aws.clients;
  const at = inAccount(name, pass);
  const options = { abortSignal: pass.signal };
  const [access, encryption, ownership, policy, lifecycle] = await Promise.all([
    orUndefined(s3.send(new GetPublicAccessBlockCommand(at), options), "NoSuchPublicAccessBlockConfiguration"),
    orUndefined(s3.send(new GetBucketEncryptionCommand(at), options), "ServerSideEncryptionConfigurationNotFoundError"),
    orUndefined(s3.send(new GetBucketOwnershipControlsCommand(at), options), "OwnershipControlsNotFoundError"),
    orUndefined(s3.send(new GetBucketPolicyCommand(at), options), "NoSuchBucketPolicy"),
    orUndefined(s3.send(new GetBucketLifecycleConfigurationCommand(at), options), "NoSuchLifecycleConfiguration"),
  ]);
  const blocks = access?.PublicAccessBlockConfiguration;
  const byDefault = encryption?.ServerSideEncryptionConfiguration?.Rules?.[0]?.ApplyServerSideEncryptionByDefault;
  return {
    publicAccessBlocked: ACCESS_SETTINGS.every((setting) => blocks?.[setting] === true),
    encryption: byDefault?.SSEAlgorithm ?? null,
    ownership: ownership?.OwnershipControls?.Rules?.[0]?.ObjectOwnership ?? null,
    policy: readPolicy(policy?.Policy),
    lifecycle: lifecycle?.Rules ?? [],
  };
}

/** @param othersStay the bucket is an adopted one: whatever encryption a person chose will do */
export function configurationChanges(spec: BucketSpec, actual: BucketConfiguration, othersStay: boolean): Change[] {
  return [
    ...field("publicAccessBlocked", spec.publicAccessBlocked, actual.publicAccessBlocked),
    ...(othersStay && actual.encryption !== null ? [] : field("encryption", spec.encryption, actual.encryption)),
    ...field("ownership", spec.ownership, actual.ownership),
    ...field("policy", spec.policy, ownStatements(actual.policy), samePolicy),
    ...field("lifecycle", spec.lifecycle, actual.lifecycle.filter(isOwnRule).map(readRule), sameSet),
  ];
}

/** One after the other: S3 answers writes to one bucket that meet with OperationAborted. */
export async function writeConfiguration(
  aws: Aws,
  name: string,
  spec: BucketSpec,
  changes: readonly Change[],
  pass: Pass,
): Promise<void> {
  const { s3 } = aws.clients;
  const at = inAccount(name, pass);
  const options = { abortSignal: pass.signal };
  if (touches(changes, "publicAccessBlocked")) {
    const settings = ACCESS_SETTINGS.map((setting) => [setting, spec.publicAccessBlocked]);
    const PublicAccessBlockConfiguration = Object.fromEntries(settings);
    await s3.send(new PutPublicAccessBlockCommand({ ...at, PublicAccessBlockConfiguration }), options);
  }
  if (touches(changes, "ownership")) {
    const OwnershipControls = { Rules: [{ ObjectOwnership: spec.ownership }] };
    await s3.send(new PutBucketOwnershipControlsCommand({ ...at, OwnershipControls }), options);
  }
  if (touches(changes, "encryption")) {
    const rule = { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: spec.encryption } };
    const ServerSideEncryptionConfiguration = { Rules: [rule] };
    await s3.send(new PutBucketEncryptionCommand({ ...at, ServerSideEncryptionConfiguration }), options);
  }
  if (touches(changes, "policy", "lifecycle")) {
    const standing = await readMerged(aws, name, pass);
    if (touches(changes, "policy")) await putPolicy(aws, name, spec, standing, pass);
    if (touches(changes, "lifecycle")) await putLifecycle(aws, name, spec, standing, pass);
  }
}

/** What others may have a part in: the calls that write it replace the whole, so it is read right before. */
export interface MergedConfiguration {
  /** As it stands, text for text: its id and version stay. */
  readonly policy: string | undefined;
  readonly lifecycle: GetBucketLifecycleConfigurationCommandOutput | undefined;
}

export async function readMerged(aws: Aws, name: string, pass: Pass): Promise<MergedConfiguration> {
  const { s3 } = aws.clients;
  const at = inAccount(name, pass);
  const options = { abortSignal: pass.signal };
  const [policy, lifecycle] = await Promise.all([
    orUndefined(s3.send(new GetBucketPolicyCommand(at), options), "NoSuchBucketPolicy"),
    orUndefined(s3.send(new GetBucketLifecycleConfigurationCommand(at), options), "NoSuchLifecycleConfiguration"),
  ]);
  return { policy: policy?.Policy, lifecycle };
}

/** Writes our statements among those of others. */
export async function putPolicy(
  aws: Aws,
  name: string,
  spec: BucketSpec,
  { policy }: MergedConfiguration,
  pass: Pass,
): Promise<void> {
  const { s3 } = aws.clients;
  const at = inAccount(name, pass);
  const others = (readPolicy(policy)?.Statement ?? []).filter((one) => !isOwnStatement(one));
  const Statement = [...others, ...spec.policy.Statement];
  // The version of others' document decides how its variables are understood.
  const Policy = JSON.stringify({ ...spec.policy, ...JSON.parse(policy ?? "{}"), Statement });
  const options = { abortSignal: pass.signal };
  if (Statement.length > 0) await s3.send(new PutBucketPolicyCommand({ ...at, Policy }), options);
  else if (policy !== undefined) await s3.send(new DeleteBucketPolicyCommand(at), options);
}

/** Writes our rules among those of others. */
export async function putLifecycle(
  aws: Aws,
  name: string,
  spec: BucketSpec,
  { lifecycle }: MergedConfiguration,
  pass: Pass,
): Promise<void> {
  const { s3 } = aws.clients;
  const at = inAccount(name, pass);
  const others = (lifecycle?.Rules ?? []).filter((rule) => !isOwnRule(rule)).map(withFilter);
  const Rules = [...others, ...spec.lifecycle.map(ruleFor)];
  // A setting of the whole configuration, of others' making.
  const { TransitionDefaultMinimumObjectSize } = lifecycle ?? {};
  const whole = {
    LifecycleConfiguration: { Rules },
    ...(TransitionDefaultMinimumObjectSize ? { TransitionDefaultMinimumObjectSize } : {}),
  };
  const options = { abortSignal: pass.signal };
  if (Rules.length > 0) await s3.send(new PutBucketLifecycleConfigurationCommand({ ...at, ...whole }), options);
  else if (lifecycle !== undefined) await s3.send(new DeleteBucketLifecycleCommand(at), options);
}

const ACCESS_SETTINGS = ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"] as const;

const isOwnStatement = ({ Sid }: Statement): boolean => Sid?.startsWith("Pipewright") ?? false;

const ownStatements = (document: Policy | undefined): Policy => ({
  Version: "2012-10-17",
  Statement: document?.Statement.filter(isOwnStatement) ?? [],
});

const isOwnRule = ({ ID }: LifecycleRule): boolean => ID?.startsWith("pipewright-") ?? false;

type RuleSpec = BucketSpec["lifecycle"][number];

const ruleFor = (rule: RuleSpec): LifecycleRule => ({
  ID: rule.id,
  Status: "Enabled",
  Filter: { Prefix: rule.prefix },
  ...(rule.abortIncompleteMultipartUploadDays === null
    ? {}
    : { AbortIncompleteMultipartUpload: { DaysAfterInitiation: rule.abortIncompleteMultipartUploadDays } }),
  ...(rule.expirationDays === null ? {} : { Expiration: { Days: rule.expirationDays } }),
});

/** A rule of the older form, with its prefix beside the filter: S3 takes none of them beside one of today's (InvalidRequest). */
const withFilter = ({ Prefix, ...rule }: LifecycleRule): LifecycleRule => ({
  ...rule,
  Filter: rule.Filter ?? { Prefix: Prefix ?? "" },
});

/** A rule as the spec would say it, with whatever else someone wrote into it beside. */
function readRule(rule: LifecycleRule): RuleSpec & { readonly beside?: unknown } {
  const { ID, Status, Filter, Prefix, AbortIncompleteMultipartUpload, Expiration, ...rest } = rule;
  const { Prefix: filterPrefix, ...restOfFilter } = Filter ?? {};
  const { Days, ExpiredObjectDeleteMarker, ...restOfExpiration } = Expiration ?? {};
  const beside = {
    ...rest,
    ...restOfFilter,
    ...restOfExpiration,
    ...(ExpiredObjectDeleteMarker ? { ExpiredObjectDeleteMarker } : {}),
    ...(Status === "Enabled" ? {} : { Status }),
  };
  const isPlain = Object.values(beside).every((value) => value === undefined);
  return {
    id: ID ?? "",
    // The older form has the prefix beside the filter.
    prefix: filterPrefix ?? Prefix ?? "",
    abortIncompleteMultipartUploadDays: AbortIncompleteMultipartUpload?.DaysAfterInitiation ?? null,
    expirationDays: Days ?? null,
    ...(isPlain ? {} : { beside }),
  };
}
