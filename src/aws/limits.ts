/**
 * Published rates per service and operation, and the token buckets that keep us below half of them.
 * Source: aws-semantics, section 5 (AWS's quota pages; S17–S20 there). Where AWS publishes nothing, a figure of the
 * community stands, marked C.
 */
import type { Clock } from "../core/ports.ts";

export interface Rate {
  /** Tokens that may be taken at once. */
  readonly burst: number;
  /** Tokens that come back per second. */
  readonly perSecond: number;
}

/** Operations that share one quota bear the same name. */
interface Quota extends Rate {
  readonly name: string;
  readonly operations: RegExp;
}

const quota = (name: string, operations: RegExp, perSecond: number, burst = perSecond): Quota => ({
  name,
  operations,
  perSecond,
  burst,
});

/** First match wins. */
const QUOTAS: readonly Quota[] = [
  quota("lambda:GetFunction", /^lambda:GetFunction$/, 100),
  quota("lambda:GetPolicy", /^lambda:GetPolicy$/, 15),
  quota("lambda:Invoke", /^lambda:Invoke$/, 1_000),
  quota("lambda:control", /^lambda:/, 15),
  quota("ecs:cluster-read", /^ecs:(DescribeClusters|ListClusters)$/, 20, 50),
  quota("ecs:cluster-modify", /^ecs:(Create|Update|Delete)Cluster$/, 1, 20),
  quota("ecs:definition-read", /^ecs:(DescribeTaskDefinition|ListTaskDefinitions|ListTaskDefinitionFamilies)$/, 20, 50),
  quota("ecs:definition-modify", /^ecs:(Register|Deregister)TaskDefinition$/, 1, 20),
  quota("ecs:definition-delete", /^ecs:DeleteTaskDefinitions$/, 1, 5),
  quota("ecs:tag-read", /^ecs:ListTagsForResource$/, 20, 50),
  quota("ecs:tag-modify", /^ecs:(Tag|Untag)Resource$/, 10, 20),
  quota("ecs:run", /^ecs:(RunTask|StartTask|StopTask)$/, 40, 100),
  quota("ecs:describe", /^ecs:/, 20, 100),
  quota("ec2:DescribeSecurityGroups", /^ec2:DescribeSecurityGroups$/, 10, 50),
  quota("ec2:RunInstances", /^ec2:RunInstances$/, 2, 5),
  quota("ec2:CreateTags", /^ec2:(Create|Delete)Tags$/, 10, 100),
  quota("ec2:template-modify", /^ec2:(CreateLaunchTemplateVersion|ModifyLaunchTemplate)$/, 5, 100),
  // EC2 limits each API on its own: the name is completed with the operation below.
  quota("ec2:*", /^ec2:Describe/, 20, 100),
  quota("ec2:*", /^ec2:/, 5, 50),
  quota("cloudwatch:DescribeAlarms", /^cloudwatch:DescribeAlarms$/, 9),
  quota("cloudwatch:PutMetricAlarm", /^cloudwatch:PutMetricAlarm$/, 3),
  quota("cloudwatch:DeleteAlarms", /^cloudwatch:DeleteAlarms$/, 3),
  quota("cloudwatch:ListTagsForResource", /^cloudwatch:ListTagsForResource$/, 10),
  quota("cloudwatch:TagResource", /^cloudwatch:(Tag|Untag)Resource$/, 20),
  quota("logs:*", /^logs:(DescribeLogGroups|CreateLogGroup|DeleteLogGroup)$/, 10),
  quota("logs:*", /^logs:(PutRetentionPolicy|DeleteRetentionPolicy|ListTagsForResource|TagResource|UntagResource)$/, 5),
  quota("tagging:GetResources", /^tagging:GetResources$/, 15),
  quota("tagging:TagResources", /^tagging:/, 5),
  // C: documented once at 5 a second, no longer listed; the burst is a guess.
  quota("sqs:tags", /^sqs:(ListQueueTags|TagQueue|UntagQueue)$/, 5, 40),
  // C: Steampipe settled on 15 a second per API.
  quota("iam:*", /^iam:/, 15),
];

/** Never more than this share of a published quota: people and other tools live in the account too. */
export const SHARE = 0.5;

export interface Limiter {
  /** Resolves when the call may be sent. Rejects with the signal's reason. */
  take(service: string, operation: string, signal?: AbortSignal): Promise<void>;
}

/** For a cloud of our own in this very process, where no one else could be disturbed. */
export const UNLIMITED: Limiter = { take: async () => {} };

export function createLimiter(clock: Clock, share: number = SHARE): Limiter {
  const buckets = new Map<string, { tokens: number; at: number }>();
  return {
    async take(service, operation, signal) {
      const call = `${service}:${operation}`;
      const limit = QUOTAS.find((one) => one.operations.test(call));
      if (!limit) return;
      const name = limit.name.endsWith("*") ? call : limit.name;
      const burst = Math.max(1, limit.burst * share);
      const perMs = (limit.perSecond * share) / 1_000;
      const now = clock.monotonic();
      const bucket = buckets.get(name) ?? { tokens: burst, at: now };
      buckets.set(name, bucket);
      bucket.tokens = Math.min(burst, bucket.tokens + (now - bucket.at) * perMs);
      bucket.at = now;
      // Taken at once, even below zero: those who wait stand in line by what they owe.
      bucket.tokens -= 1;
      if (bucket.tokens >= 0) return;
      await clock.sleep(Math.ceil(-bucket.tokens / perMs), signal);
    },
  };
}
