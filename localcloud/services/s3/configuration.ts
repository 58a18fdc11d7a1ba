import type * as api from "@aws-sdk/client-s3";
import { AwsError, type Call } from "../../service.ts";
import { tagProblem, tagsFromList, tagsToList } from "../tags.ts";
import { checkBucketPolicy } from "./bucket-policy.ts";
import { invalidArgument, malformedXml, notConfigured } from "./errors.ts";
import { type Buckets, completeRule, defaultEncryption } from "./state.ts";

/** What can be set on a bucket, except its notifications. Every put replaces the whole. */
export function configurationOperations(buckets: Buckets) {
  return {
    GetBucketVersioning(input: api.GetBucketVersioningCommandInput, call: Call) {
      return { Status: buckets.of(input, call).versioning };
    },
    PutBucketVersioning(input: api.PutBucketVersioningCommandInput, call: Call) {
      const bucket = buckets.of(input, call);
      const status = input.VersioningConfiguration?.Status;
      if (status !== "Enabled" && status !== "Suspended") {
        const message = "The Versioning element must be specified";
        throw new AwsError("IllegalVersioningConfigurationException", message);
      }
      bucket.versioning = status;
    },

    GetBucketEncryption(input: api.GetBucketEncryptionCommandInput, call: Call) {
      return { ServerSideEncryptionConfiguration: buckets.of(input, call).encryption };
    },
    PutBucketEncryption(input: api.PutBucketEncryptionCommandInput, call: Call) {
      const bucket = buckets.of(input, call);
      const [rule, ...others] = input.ServerSideEncryptionConfiguration?.Rules ?? [];
      if (!rule || others.length > 0) throw malformedXml();
      bucket.encryption = { Rules: [completeRule(rule)] };
    },
    DeleteBucketEncryption(input: api.DeleteBucketEncryptionCommandInput, call: Call) {
      buckets.of(input, call).encryption = defaultEncryption;
    },

    GetPublicAccessBlock(input: api.GetPublicAccessBlockCommandInput, call: Call) {
      const bucket = buckets.of(input, call);
      if (!bucket.publicAccessBlock) {
        const message = "The public access block configuration was not found";
        throw notConfigured("NoSuchPublicAccessBlockConfiguration", message, bucket.name);
      }
      return { PublicAccessBlockConfiguration: bucket.publicAccessBlock };
    },
    PutPublicAccessBlock(input: api.PutPublicAccessBlockCommandInput, call: Call) {
      const bucket = buckets.of(input, call);
      const wanted = input.PublicAccessBlockConfiguration;
      if (!wanted) throw malformedXml();
      bucket.publicAccessBlock = {
        BlockPublicAcls: wanted.BlockPublicAcls ?? false,
        IgnorePublicAcls: wanted.IgnorePublicAcls ?? false,
        BlockPublicPolicy: wanted.BlockPublicPolicy ?? false,
        RestrictPublicBuckets: wanted.RestrictPublicBuckets ?? false,
      };
    },
    DeletePublicAccessBlock(input: api.DeletePublicAccessBlockCommandInput, call: Call) {
      buckets.of(input, call).publicAccessBlock = undefined;
    },

    GetBucketOwnershipControls(input: api.GetBucketOwnershipControlsCommandInput, call: Call) {
      const bucket = buckets.of(input, call);
      if (!bucket.ownershipControls) {
        const message = "The bucket ownership controls were not found";
        throw notConfigured("OwnershipControlsNotFoundError", message, bucket.name);
      }
      return { OwnershipControls: bucket.ownershipControls };
    },
    PutBucketOwnershipControls(input: api.PutBucketOwnershipControlsCommandInput, call: Call) {
      const bucket = buckets.of(input, call);
      if (input.OwnershipControls?.Rules?.length !== 1) throw malformedXml();
      bucket.ownershipControls = input.OwnershipControls;
    },
    DeleteBucketOwnershipControls(input: api.DeleteBucketOwnershipControlsCommandInput, call: Call) {
      buckets.of(input, call).ownershipControls = undefined;
    },

    GetBucketPolicy(input: api.GetBucketPolicyCommandInput, call: Call) {
      const bucket = buckets.of(input, call);
      if (bucket.policy === undefined) {
        throw notConfigured("NoSuchBucketPolicy", "The bucket policy does not exist", bucket.name);
      }
      return { Policy: bucket.policy };
    },
    PutBucketPolicy(input: api.PutBucketPolicyCommandInput, call: Call) {
      const bucket = buckets.of(input, call);
      checkBucketPolicy(bucket, input.Policy ?? "", call);
      bucket.policy = input.Policy;
    },
    DeleteBucketPolicy(input: api.DeleteBucketPolicyCommandInput, call: Call) {
      buckets.of(input, call).policy = undefined;
    },

    GetBucketLifecycleConfiguration(input: api.GetBucketLifecycleConfigurationCommandInput, call: Call) {
      const bucket = buckets.of(input, call);
      if (!bucket.lifecycle) {
        const message = "The lifecycle configuration does not exist";
        throw notConfigured("NoSuchLifecycleConfiguration", message, bucket.name);
      }
      const { rules, minimumObjectSize } = bucket.lifecycle;
      return { Rules: rules, TransitionDefaultMinimumObjectSize: minimumObjectSize };
    },
    PutBucketLifecycleConfiguration(input: api.PutBucketLifecycleConfigurationCommandInput, call: Call) {
      const bucket = buckets.of(input, call);
      const rules = checkedRules(input.LifecycleConfiguration?.Rules);
      const minimumObjectSize = input.TransitionDefaultMinimumObjectSize ?? "all_storage_classes_128K";
      bucket.lifecycle = { rules, minimumObjectSize };
      return { TransitionDefaultMinimumObjectSize: minimumObjectSize };
    },
    DeleteBucketLifecycle(input: api.DeleteBucketLifecycleCommandInput, call: Call) {
      buckets.of(input, call).lifecycle = undefined;
    },

    GetBucketTagging(input: api.GetBucketTaggingCommandInput, call: Call) {
      const bucket = buckets.of(input, call);
      if (bucket.tags.size === 0) throw notConfigured("NoSuchTagSet", "The TagSet does not exist", bucket.name);
      return { TagSet: tagsToList(bucket.tags) };
    },
    PutBucketTagging(input: api.PutBucketTaggingCommandInput, call: Call) {
      const bucket = buckets.of(input, call);
      const tags = checkedTags(input.Tagging?.TagSet);
      bucket.tags.clear();
      for (const [key, value] of tags) bucket.tags.set(key, value);
    },
    DeleteBucketTagging(input: api.DeleteBucketTaggingCommandInput, call: Call) {
      buckets.of(input, call).tags.clear();
    },
  };
}

/** @throws AwsError InvalidTag */
export function checkedTags(list: readonly api.Tag[] | undefined): Map<string, string> {
  const tags = tagsFromList(list);
  if (tags.size < (list?.length ?? 0)) {
    throw new AwsError("InvalidTag", "Cannot provide multiple Tags with the same key");
  }
  const problem = tagProblem(tags);
  if (problem !== undefined) throw new AwsError("InvalidTag", problem);
  return tags;
}

const LIFECYCLE_ACTIONS = [
  "Expiration",
  "Transitions",
  "NoncurrentVersionExpiration",
  "NoncurrentVersionTransitions",
  "AbortIncompleteMultipartUpload",
] as const;

function checkedRules(rules: readonly api.LifecycleRule[] | undefined): api.LifecycleRule[] {
  if (!rules || rules.length === 0 || rules.length > 1000) throw malformedXml();
  // One old form and one new one in the same configuration: the first rule decides which of the two it is.
  const isNew = rules[0]?.Filter !== undefined;
  if (rules.some((rule) => (isNew ? rule.Prefix !== undefined : rule.Filter !== undefined))) {
    const message = isNew
      ? "Base level prefix cannot be used in Lifecycle V2, prefixes are only supported in the Filter."
      : "Filter element can only be used in Lifecycle V2.";
    throw new AwsError("InvalidRequest", message);
  }
  const named = rules.map((rule, index) => ({ ...rule, ID: rule.ID ?? `rule-${index + 1}` }));
  for (const [index, rule] of named.entries()) {
    const isScoped = rule.Filter !== undefined || rule.Prefix !== undefined;
    if (!isScoped || (rule.Status !== "Enabled" && rule.Status !== "Disabled")) throw malformedXml();
    if (LIFECYCLE_ACTIONS.every((action) => rule[action] === undefined)) {
      throw new AwsError("InvalidRequest", "At least one action needs to be specified in a rule.");
    }
    for (const [action, name, days] of periods(rule)) {
      if (days !== undefined && days < 1)
        throw invalidArgument(`'${name}' for ${action} action must be a positive integer`);
    }
    const twin = named.findIndex((other) => other.ID === rule.ID);
    if (twin < index) {
      throw invalidArgument("Rule ID must be unique. Found same ID for more than one rule", {
        ArgumentName: "ID",
        ArgumentValue: rule.ID,
      });
    }
  }
  return named;
}

/** Days that a rule names, as `[action, member, days]`; those of a transition may be none. */
function periods(rule: api.LifecycleRule): (readonly [action: string, member: string, days: number | undefined])[] {
  const abort = rule.AbortIncompleteMultipartUpload?.DaysAfterInitiation;
  return [
    ["Expiration", "Days", rule.Expiration?.Days],
    ["NoncurrentVersionExpiration", "NoncurrentDays", rule.NoncurrentVersionExpiration?.NoncurrentDays],
    ["AbortIncompleteMultipartUpload", "DaysAfterInitiation", abort],
  ];
}
