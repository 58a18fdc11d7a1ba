import type * as api from "@aws-sdk/client-eventbridge";
import type { Call, Operation } from "../../service.ts";
import { parseArn } from "../arn.ts";
import { limitExceeded, validation } from "./errors.ts";
import { type Rules, rulePage } from "./rules.ts";

/** AWS's quota of targets on a rule. */
const TARGETS_LIMIT = 5;

export function targetOperations(rules: Rules): Record<string, Operation> {
  return {
    // A target of an id that is there is replaced whole.
    PutTargets(input: api.PutTargetsCommandInput, call: Call) {
      const rule = rules.named(call, input.Rule, input.EventBusName);
      const targets = input.Targets ?? [];
      if (targets.length === 0) throw validation("Parameter Targets must have at least one member.");
      for (const target of targets) checkTarget(target);
      const merged = new Map([...rule.targets, ...targets.map((target) => [target.Id!, target] as const)]);
      if (merged.size > TARGETS_LIMIT) throw limitExceeded();
      for (const [id, target] of merged) rule.targets.set(id, target);
      return { FailedEntryCount: 0, FailedEntries: [] };
    },
    RemoveTargets(input: api.RemoveTargetsCommandInput, call: Call) {
      const rule = rules.named(call, input.Rule, input.EventBusName);
      const FailedEntries = (input.Ids ?? [])
        .filter((id) => !rule.targets.delete(id))
        .map((TargetId) => ({
          TargetId,
          ErrorCode: "ResourceNotFoundException",
          ErrorMessage: `Rule ${rule.name} does not have a target with the Id ${TargetId}.`,
        }));
      return { FailedEntryCount: FailedEntries.length, FailedEntries };
    },
    ListTargetsByRule(input: api.ListTargetsByRuleCommandInput, call: Call) {
      const rule = rules.named(call, input.Rule, input.EventBusName);
      const { items, next } = rulePage(rule.targets.values(), (target) => target.Id!, input);
      return { Targets: items, NextToken: next };
    },
    ListRuleNamesByTarget(input: api.ListRuleNamesByTargetCommandInput, call: Call) {
      const aiming = [...rules.in(call).values()].filter((rule) =>
        [...rule.targets.values()].some((target) => target.Arn === input.TargetArn),
      );
      const { items, next } = rulePage(aiming, (rule) => rule.name, input);
      return { RuleNames: items.map((rule) => rule.name), NextToken: next };
    },
  };
}

function checkTarget(target: api.Target): void {
  if (!/^[\w.-]{1,64}$/.test(target.Id ?? "")) throw validation(`Parameter Id is not valid: ${target.Id}`);
  if (parseArn(target.Arn ?? "") === undefined) {
    throw validation(`Parameter ${target.Arn} is not valid. Reason: Provided Arn is not in correct format.`);
  }
  const inputs = [target.Input, target.InputPath, target.InputTransformer].filter((one) => one !== undefined);
  if (inputs.length > 1) {
    throw validation(`Only one of Input, InputPath, or InputTransformer must be provided for target ${target.Id}.`);
  }
  const { MaximumRetryAttempts: retries = 0, MaximumEventAgeInSeconds: ageSeconds = 60 } = target.RetryPolicy ?? {};
  if (retries < 0 || retries > 185 || ageSeconds < 60 || ageSeconds > 86_400) {
    throw validation(
      `RetryPolicy of target ${target.Id} must have 0 to 185 attempts and an age of 60 to 86400 seconds.`,
    );
  }
}
