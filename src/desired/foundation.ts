/** What all workflows of an account and region share. It stands while any workflow does. */
import { TAG } from "../core/owner.ts";
import { type Desired, FOUNDATION, keyOf } from "../core/resource.ts";
import type { SecurityGroupSpec } from "../kinds/security-group.ts";
import type { Workflow } from "../workflow/workflow.ts";
import { arnsOf, ec2Service } from "./arns.ts";
import { bucketSpec } from "./bucket.ts";
import { type Declare, declaring } from "./declare.ts";
import type { Facts } from "./facts.ts";
import { lambdaPolicies } from "./lambda-policy.ts";
import {
  controlBucket,
  EC2_ACTIONS_ROLE,
  executionRole,
  INSTANCE_ROLE,
  LAMBDA_ROLE,
  MANAGED_POLICY,
  SECURITY_GROUP,
  workerKey,
} from "./names.ts";
import { registrySecrets, taskTrust, trust } from "./policies.ts";
import { scalerResources } from "./scaler.ts";
import { type Share, shareOf } from "./share.ts";

/**
 * @param workflows every workflow that is in force; with none, there is no foundation
 * @param elsewhere what workflows ask for whose files are somewhere else; it stays as long as they stand
 */
export function compileFoundation(
  workflows: readonly Workflow[],
  facts: Facts,
  elsewhere: readonly Share[] = [],
): Desired[] {
  if (workflows.length === 0) return [];
  const shares = [...workflows.map(shareOf), ...elsewhere];
  const declare = declaringFor(
    shares.flatMap((share) => share.adopt),
    facts,
  );
  const clusters = sortedSet(shares.map((share) => share.cluster));
  return [
    ...serviceLinkedRoles(shares, declare),
    ...instanceRoles(declare, facts),
    lambdaRole(clusters, declare, facts),
    executionRoleOf(shares, declare, facts),
    controlBucketOf(facts, declare),
    ...workerBundle(facts, declare),
    declare.tagged("security-group", SECURITY_GROUP, securityGroupSpec(shares)),
    ...clusters.flatMap((cluster) => {
      const sharing = shares.filter((share) => share.cluster === cluster);
      const retentionDays = Math.max(...sharing.map((share) => share.retentionDays));
      return scalerResources(cluster, retentionDays, declare, facts);
    }),
  ];
}

/** The one role of `create-lambda-exec-role`, which needs no workflow. */
export function lambdaExecRole(facts: Facts, { clusters = [], adopt = false }: LambdaRoleOptions = {}): Desired {
  return lambdaRole(sortedSet(clusters), declaringFor(adopt ? [keyOf("role", LAMBDA_ROLE)] : [], facts), facts);
}

export interface LambdaRoleOptions {
  /** Those that workflows of this region use. @default that of workflows that name none */
  readonly clusters?: readonly string[];
  /** Take over a role that a person made. @default false */
  readonly adopt?: boolean;
}

/** The bucket that holds step descriptions, and the lease, which may be wanted before any workflow is. */
export const controlBucketOf = (facts: Facts, declare: Declare = declaringFor([], facts)): Desired =>
  declare.tagged("bucket", controlBucket(facts), bucketSpec(controlBucket(facts), facts));

function workerBundle(facts: Facts, declare: Declare): Desired[] {
  if (!facts.packedWorker) return [];
  const bucket = controlBucket(facts);
  const { sha256 } = facts.packedWorker;
  const needs = [keyOf("bucket", bucket)];
  return [declare.plain("worker-bundle", `${bucket}/${workerKey(facts.workerVersion)}`, { sha256 }, { needs })];
}

/** Shared things carry no tags of a user's: whose would they be? */
function declaringFor(adopt: readonly string[], facts: Facts): Declare {
  return declaring({ owner: facts.owner, workflow: FOUNDATION, onDelete: "delete", userTags: {} }, adopt);
}

/** Some are there in most accounts, made by whoever used the service first; they are only checked. */
function serviceLinkedRoles(shares: readonly Share[], declare: Declare): Desired[] {
  const spot = shares.some((share) => share.spot);
  return ["events", "ecs", ...(spot ? ["spot"] : [])].map((service) =>
    declare.plain("service-linked-role", `${service}.amazonaws.com`, {}, { claim: "verify" }),
  );
}

/** Roles that today's instructions have people make by hand: what is there is only checked. */
function instanceRoles(declare: Declare, facts: Facts): Desired[] {
  const arns = arnsOf(facts);
  const shared = { claim: "verify", extraTags: inThisRegion(facts) } as const;
  return [
    declare.tagged(
      "role",
      EC2_ACTIONS_ROLE,
      {
        path: "/actions/",
        trust: trust("swf.amazonaws.com"),
        inline: {},
        attached: [arns.managedPolicy(MANAGED_POLICY.ec2Actions)],
      },
      shared,
    ),
    declare.tagged(
      "role",
      INSTANCE_ROLE,
      {
        path: "/",
        trust: trust(ec2Service(facts)),
        inline: {},
        attached: [arns.managedPolicy(MANAGED_POLICY.instance)],
      },
      shared,
    ),
    declare.tagged(
      "instance-profile",
      INSTANCE_ROLE,
      { path: "/", role: INSTANCE_ROLE },
      { ...shared, needs: [keyOf("role", INSTANCE_ROLE)] },
    ),
  ];
}

const lambdaRole = (clusters: readonly string[], declare: Declare, facts: Facts): Desired =>
  declare.tagged(
    "role",
    LAMBDA_ROLE,
    {
      path: "/",
      trust: trust("lambda.amazonaws.com"),
      inline: lambdaPolicies(clusters, facts),
      attached: [],
    },
    { claim: "verify", extraTags: inThisRegion(facts) },
  );

function executionRoleOf(shares: readonly Share[], declare: Declare, facts: Facts): Desired {
  const secrets = sortedSet(shares.flatMap((share) => share.secrets));
  return declare.tagged("role", executionRole(facts), {
    path: "/",
    trust: taskTrust(facts),
    inline: secrets.length > 0 ? { Secrets: registrySecrets(secrets) } : {},
    attached: [arnsOf(facts).managedPolicy(MANAGED_POLICY.execution)],
  });
}

function securityGroupSpec(shares: readonly Share[]): Omit<SecurityGroupSpec, "tags"> {
  const rules = shares.flatMap((share) => share.ingress);
  const unique = new Map(rules.map((rule) => [`${rule.protocol} ${rule.port} ${rule.cidr}`, rule]));
  return {
    description: "Instances of Pipewright: no way in but published ports",
    ingress: sortedSet(unique.keys()).map((text) => unique.get(text)!),
    egressOpen: true,
  };
}

/** An account-wide thing goes with the last region that it serves. */
const inThisRegion = ({ region }: Facts) => ({ [`${TAG.region}${region}`]: "true" });

const sortedSet = (texts: Iterable<string>): string[] => [...new Set(texts)].sort();
