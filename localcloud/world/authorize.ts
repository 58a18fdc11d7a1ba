import { refusal } from "../failures.ts";
import type { AwsError, Call, RoleSession, World } from "../service.ts";
import type { Iam } from "../services/iam.ts";
import { listOf, type PolicyDocument, type PolicyStatement, parsePolicy } from "../services/policy-document.ts";
import type { S3 } from "../services/s3.ts";
import type { Sqs } from "../services/sqs.ts";
import type { ServiceEntry } from "../wire/catalog.ts";
import type { Ask } from "./permissions/ask.ts";
import { needsOf } from "./permissions/index.ts";
import type { Context } from "./policy/conditions.ts";
import { evaluate, type Need } from "./policy/evaluate.ts";

/** Why a call with a role's keys is refused, in AWS's words, or undefined. A person's keys may do everything. */
export function refusalOf(ask: Ask & { readonly service: ServiceEntry }): AwsError | undefined {
  const { world, call, service } = ask;
  const { role } = call;
  if (role === undefined) return undefined;
  for (const need of needsOf(ask)) {
    const why = obstacle(world, role, need, call);
    if (why !== undefined) return refusal(service, need, call, why);
  }
  return undefined;
}

/** Whether a role may do one thing, for services that act in its name. */
export function isAllowed(
  world: World,
  role: RoleSession,
  need: Need,
  place: Pick<Call, "account" | "region">,
): boolean {
  return obstacle(world, role, need, place) === undefined;
}

/** The end of AWS's sentence about a refusal. */
function obstacle(
  world: World,
  role: RoleSession,
  need: Need,
  place: Pick<Call, "account" | "region">,
): string | undefined {
  const context = contextOf(world, role, need, place);
  const identity = evaluate(world.service<Iam>("iam").policiesOf(role.roleArn), need, context);
  if (identity === "deny") return "with an explicit deny in an identity-based policy";
  const ofResource = resourcePolicies(world, need.resource, role, place.account);
  if (evaluate(ofResource, need, context) === "deny") return "with an explicit deny in a resource-based policy";
  // Within an account, one of the two kinds is enough.
  if (identity === "allow" || evaluate(ofResource, need, context) === "allow") return undefined;
  return `because no identity-based policy allows the ${need.action} action`;
}

function contextOf(
  world: World,
  role: RoleSession,
  need: Need,
  { account, region }: Pick<Call, "account" | "region">,
): Context {
  const global: Record<string, readonly string[]> = {
    "aws:principalarn": [role.roleArn],
    "aws:principalaccount": [account],
    "aws:requestedregion": [region],
    // The loopback interface stands for a connection that nobody can listen to.
    "aws:securetransport": ["true"],
  };
  return (key) => {
    const tag = /^(?:aws|ec2):resourcetag\/(.+)$/.exec(key)?.[1];
    if (tag !== undefined) return tagOf(world, need.resource, tag);
    return need.context?.[key] ?? global[key];
  };
}

/** Names of tags are found whatever their case, as all condition keys. */
function tagOf(world: World, arn: string, name: string): readonly string[] | undefined {
  for (const service of world.services()) {
    for (const thing of service.taggables?.() ?? []) {
      if (thing.arn !== arn) continue;
      const value = [...thing.tags].find(([key]) => key.toLowerCase() === name)?.[1];
      return value === undefined ? undefined : [value];
    }
  }
  return undefined;
}

/** The policies of buckets and queues, as far as they speak of this role. */
function resourcePolicies(world: World, arn: string, role: RoleSession, account: string): PolicyDocument[] {
  const text = policyText(world, arn);
  const document = text === undefined ? undefined : parsePolicy(text, "resource");
  if (document === undefined || "problem" in document) return [];
  return [{ ...document, Statement: document.Statement.filter((statement) => concerns(statement, role, account)) }];
}

function policyText(world: World, arn: string): string | undefined {
  if (arn.startsWith("arn:aws:s3:::")) return world.service<S3>("s3").policyOf(arn.slice(13).split("/")[0]!);
  if (arn.startsWith("arn:aws:sqs:")) return world.service<Sqs>("sqs").queuePolicy(arn);
  return undefined;
}

function concerns({ Principal, Effect }: PolicyStatement, role: RoleSession, account: string): boolean {
  if (Principal === "*") return true;
  const names = listOf(Principal?.AWS);
  // A statement for the account allows its people what their own policies allow; to deny, it needs nobody's help.
  const ofAccount = [account, `arn:aws:iam::${account}:root`];
  return names.some((name) => name === "*" || name === role.roleArn || (Effect === "Deny" && ofAccount.includes(name)));
}
