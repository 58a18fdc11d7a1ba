import { actionOf } from "../../action.ts";
import { resourceOf } from "../../resource.ts";
import type { ServiceEntry } from "../../wire/catalog.ts";
import type { Need } from "../policy/evaluate.ts";
import type { Ask, NeedsOf } from "./ask.ts";
import { withBirthTags } from "./births.ts";
import { ec2Needs } from "./ec2.ts";
import { ecsNeeds } from "./ecs.ts";
import { cloudWatchNeeds, logsNeeds, sqsNeeds, stsNeeds } from "./others.ts";
import { iamNeeds, lambdaNeeds } from "./roles.ts";
import { s3Needs } from "./s3.ts";

const SPECIAL: Readonly<Record<string, NeedsOf>> = {
  s3: s3Needs,
  ecs: ecsNeeds,
  ec2: ec2Needs,
  iam: iamNeeds,
  lambda: lambdaNeeds,
  cloudwatch: cloudWatchNeeds,
  "cloudwatch-logs": logsNeeds,
  sqs: sqsNeeds,
  sts: stsNeeds,
};

/** All that a call must be allowed, each for itself. */
export const needsOf = (ask: Ask): readonly Need[] => withBirthTags(ask, needsOfCall(ask));

function needsOfCall(ask: Ask): readonly Need[] {
  const { service, operation, input, call } = ask;
  const special = SPECIAL[service.id]?.[operation];
  if (special) return special(ask);
  const isOfNone = NO_RESOURCE[service.id]?.test(operation) ?? false;
  const resource = isOfNone ? undefined : resourceOf(service.id, input, call);
  return [{ action: actionOf(service as ServiceEntry, operation), resource: resource ?? "*" }];
}

/** Operations that know no resources, whatever their input names. */
const NO_RESOURCE: Readonly<Record<string, RegExp>> = {
  ec2: /^Describe/,
  eventbridge: /^ListRules$/,
  sqs: /^ListQueues$/,
  lambda: /^(ListFunctions|GetAccountSettings)$/,
};
