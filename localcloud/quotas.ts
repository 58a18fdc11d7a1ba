/**
 * Token buckets with AWS's published rates: `burst` tokens at most, `rate` more each second, shared by all operations that
 * match. What is not here has no published quota and is not limited. Sources: docs.aws.amazon.com, Lambda
 * `gettingstarted-limits`, ECS `request-throttling`, EC2 `ec2-api-throttling`, CloudWatch and Logs `limits`, Tag Editor `reference`.
 */
export interface Quota {
  readonly service: string;
  readonly operations: RegExp;
  readonly burst: number;
  readonly rate: number;
  /** Each matching operation has a bucket of its own. */
  readonly each?: true;
}

export const publishedQuotas: readonly Quota[] = [
  { service: "lambda", operations: /^GetFunction$/, burst: 100, rate: 100 },
  { service: "lambda", operations: /^GetPolicy$/, burst: 15, rate: 15 },
  { service: "lambda", operations: /^(?!Invoke)/, burst: 15, rate: 15 },
  { service: "ecs", operations: /^(Describe|List)Clusters$/, burst: 50, rate: 20 },
  { service: "ecs", operations: /^(Create|Update|Delete|Put)Cluster/, burst: 20, rate: 1 },
  { service: "ecs", operations: /^(Describe|List)TaskDefinition/, burst: 50, rate: 20 },
  { service: "ecs", operations: /^(Register|Deregister)TaskDefinition$/, burst: 20, rate: 1 },
  { service: "ecs", operations: /^DeleteTaskDefinitions$/, burst: 5, rate: 1 },
  { service: "ecs", operations: /^(RunTask|StartTask|StopTask|UpdateContainerInstancesState)$/, burst: 100, rate: 40 },
  { service: "ecs", operations: /^(Describe|List)(Tasks|ContainerInstances)$/, burst: 100, rate: 20 },
  { service: "ecs", operations: /^ListTagsForResource$/, burst: 50, rate: 20 },
  { service: "ecs", operations: /^(Tag|Untag)Resource$/, burst: 20, rate: 10 },
  { service: "ec2", operations: /^RunInstances$/, burst: 5, rate: 2 },
  { service: "ec2", operations: /^(Describe|Get)/, burst: 100, rate: 20, each: true },
  {
    service: "ec2",
    operations: /^(CreateLaunchTemplateVersion|ModifyLaunchTemplate)$/,
    burst: 100,
    rate: 5,
    each: true,
  },
  { service: "ec2", operations: /^CreateTags$/, burst: 100, rate: 10 },
  { service: "ec2", operations: /./, burst: 50, rate: 5, each: true },
  { service: "cloudwatch", operations: /^DescribeAlarms$/, burst: 9, rate: 9 },
  { service: "cloudwatch", operations: /^(PutMetricAlarm|DeleteAlarms)$/, burst: 3, rate: 3, each: true },
  { service: "cloudwatch", operations: /^ListTagsForResource$/, burst: 10, rate: 10 },
  { service: "cloudwatch", operations: /^TagResource$/, burst: 20, rate: 20 },
  {
    service: "cloudwatch-logs",
    operations: /^(DescribeLogGroups|CreateLogGroup|DeleteLogGroup)$/,
    burst: 10,
    rate: 10,
    each: true,
  },
  {
    service: "cloudwatch-logs",
    operations: /^(PutRetentionPolicy|ListTagsForResource|TagResource)$/,
    burst: 5,
    rate: 5,
    each: true,
  },
  { service: "resource-groups-tagging-api", operations: /^GetResources$/, burst: 15, rate: 15 },
  { service: "resource-groups-tagging-api", operations: /^TagResources$/, burst: 5, rate: 5 },
];

export interface Quotas {
  /** Takes a token; false where there is none, and the call is to be throttled. Always true while they are off. */
  take(service: string, operation: string): boolean;
  /** Buckets are full when they are switched on. */
  switch(on: boolean): void;
  readonly on: boolean;
  /** Full buckets, and on or off as at the start. */
  reset(): void;
}

interface Bucket {
  tokens: number;
  readAtMs: number;
}

/** Buckets refill by the world's clock: a step of it refills them. */
export function createQuotas(quotas: readonly Quota[], now: () => number, onAtStart = true): Quotas {
  const buckets = new Map<string, Bucket>();
  let isOn = onAtStart;
  return {
    take(service, operation) {
      if (!isOn) return true;
      // The first that matches counts, so narrow ones stand before broad ones.
      const index = quotas.findIndex((quota) => quota.service === service && quota.operations.test(operation));
      const quota = quotas[index];
      if (!quota) return true;
      const key = quota.each ? `${index}:${operation}` : String(index);
      const bucket = buckets.get(key) ?? { tokens: quota.burst, readAtMs: now() };
      buckets.set(key, bucket);
      const elapsedMs = Math.max(0, now() - bucket.readAtMs);
      bucket.tokens = Math.min(quota.burst, bucket.tokens + (elapsedMs / 1000) * quota.rate);
      bucket.readAtMs = now();
      if (bucket.tokens < 1) return false;
      bucket.tokens -= 1;
      return true;
    },
    switch(on) {
      isOn = on;
      buckets.clear();
    },
    get on() {
      return isOn;
    },
    reset() {
      isOn = onAtStart;
      buckets.clear();
    },
  };
}
