import type * as api from "@aws-sdk/client-eventbridge";
import { AwsError, type Call, type Kept, type Operation } from "../../service.ts";
import { arn, parseArn } from "../arn.ts";
import { pageOf } from "../pages.ts";
import { type Place, type Regional, regional } from "../regions.ts";
import { tagProblem, tagsFromList, tagsToList } from "../tags.ts";
import { limitExceeded, notFound, ruleNotFound, validation } from "./errors.ts";
import { compilePattern } from "./event-pattern.ts";
import { checkSchedule } from "./schedule.ts";

/** One rule of the default event bus, the only one there is. */
export interface RuleRecord {
  readonly name: string;
  readonly arn: string;
  readonly place: Place;
  readonly tags: Map<string, string>;
  readonly targets: Map<string, api.Target>;
  given: RuleSettings;
}

/** What PutRule writes, all of it each time. */
export interface RuleSettings {
  readonly schedule: string | undefined;
  /** JSON text as it was given. */
  readonly pattern: string | undefined;
  readonly state: api.RuleState;
  readonly description: string | undefined;
  readonly roleArn: string | undefined;
}

/** AWS's default quota of rules on a bus. */
const RULES_LIMIT = 300;

/** All rules of the world, found as callers name them. */
export class Rules {
  readonly #places: Regional<Map<string, RuleRecord>> = regional(() => new Map());
  /** For snapshots. */
  readonly state: Kept = this.#places;

  in(place: Place): Map<string, RuleRecord> {
    return this.#places.in(place);
  }

  *all(): Iterable<RuleRecord> {
    for (const rules of this.#places.all()) yield* rules.values();
  }

  /** Throws ResourceNotFoundException for an absent rule or bus. */
  named(call: Call, name: string | undefined, bus: string | undefined): RuleRecord {
    checkBus(bus);
    const rule = this.in(call).get(name ?? "");
    if (rule === undefined) throw ruleNotFound(name);
    return rule;
  }

  /** Throws ResourceNotFoundException. */
  byArn(text: string | undefined): RuleRecord {
    const parsed = parseArn(text ?? "");
    if (parsed?.service !== "events") throw validation(`Parameter ResourceARN is not valid: ${text}`);
    const name = parsed.resource.replace(/^rule\/(default\/)?/, "");
    const rule = this.in(parsed).get(name);
    if (rule === undefined) throw ruleNotFound(name);
    return rule;
  }
}

export function ruleOperations(rules: Rules): Record<string, Operation> {
  const switchTo = (state: api.RuleState) => (input: api.EnableRuleCommandInput, call: Call) => {
    const rule = rules.named(call, input.Name, input.EventBusName);
    rule.given = { ...rule.given, state };
    return {};
  };
  return {
    PutRule(input: api.PutRuleCommandInput, call: Call) {
      checkBus(input.EventBusName);
      const name = input.Name ?? "";
      if (!/^[\w.-]{1,64}$/.test(name)) throw validation(`Parameter Name is not valid: ${name}`);
      const given = settingsOf(input);
      const here = rules.in(call);
      const existing = here.get(name);
      if (existing !== undefined) {
        // What is not said is taken away; tags alone stay as they are, whatever is said about them.
        existing.given = given;
        return { RuleArn: existing.arn };
      }
      if (here.size >= RULES_LIMIT) throw limitExceeded();
      const tags = tagsFromList(input.Tags);
      checkTags(tags);
      const place = { account: call.account, region: call.region };
      const ruleArn = arn("events", call.region, call.account, `rule/${name}`);
      here.set(name, { name, arn: ruleArn, place, tags, targets: new Map(), given });
      return { RuleArn: ruleArn };
    },
    DescribeRule(input: api.DescribeRuleCommandInput, call: Call) {
      const rule = rules.named(call, input.Name, input.EventBusName);
      return { ...answer(rule), CreatedBy: rule.place.account };
    },
    ListRules(input: api.ListRulesCommandInput, call: Call) {
      checkBus(input.EventBusName);
      const wanted = [...rules.in(call).values()].filter((rule) => rule.name.startsWith(input.NamePrefix ?? ""));
      const { items, next } = rulePage(wanted, (rule) => rule.name, input);
      return { Rules: items.map(answer), NextToken: next };
    },
    DeleteRule(input: api.DeleteRuleCommandInput, call: Call) {
      checkBus(input.EventBusName);
      const rule = rules.in(call).get(input.Name ?? "");
      if (rule !== undefined && rule.targets.size > 0) throw validation("Rule can't be deleted since it has targets.");
      rules.in(call).delete(input.Name ?? "");
      return {};
    },
    EnableRule: switchTo("ENABLED"),
    DisableRule: switchTo("DISABLED"),
    TestEventPattern(input: api.TestEventPatternCommandInput) {
      return { Result: compilePattern(input.EventPattern ?? "")(eventOf(input.Event)) };
    },

    TagResource(input: api.TagResourceCommandInput) {
      const rule = rules.byArn(input.ResourceARN);
      const merged = new Map([...rule.tags, ...tagsFromList(input.Tags)]);
      checkTags(merged);
      for (const [key, value] of merged) rule.tags.set(key, value);
      return {};
    },
    UntagResource(input: api.UntagResourceCommandInput) {
      const rule = rules.byArn(input.ResourceARN);
      for (const key of input.TagKeys ?? []) rule.tags.delete(key);
      return {};
    },
    ListTagsForResource(input: api.ListTagsForResourceCommandInput) {
      return { Tags: tagsToList(rules.byArn(input.ResourceARN).tags) };
    },
  };
}

/** EventBridge's way of paging: `Limit` (1–100) and `NextToken`. */
export function rulePage<T>(
  items: Iterable<T>,
  keyOf: (item: T) => string,
  input: { readonly Limit?: number | undefined; readonly NextToken?: string | undefined },
) {
  const limit = input.Limit ?? 100;
  if (limit < 1 || limit > 100) throw validation("Parameter Limit must be between 1 and 100.");
  return pageOf(items, keyOf, { limit, token: input.NextToken, badToken: () => validation("Invalid token.") });
}

function settingsOf(input: api.PutRuleCommandInput): RuleSettings {
  // An empty text stands for none.
  const schedule = input.ScheduleExpression || undefined;
  const pattern = input.EventPattern || undefined;
  if (schedule === undefined && pattern === undefined) {
    throw validation("Parameter(s) EventPattern or ScheduleExpression must be specified.");
  }
  if (schedule !== undefined) checkSchedule(schedule);
  if (pattern !== undefined) compilePattern(pattern);
  const state = input.State ?? "ENABLED";
  if (!/^(ENABLED|DISABLED|ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS)$/.test(state)) {
    throw validation(`Parameter State is not valid: ${state}`);
  }
  if ((input.Description ?? "").length > 512) throw validation("Parameter Description has more than 512 characters.");
  return { schedule, pattern, state, description: input.Description || undefined, roleArn: input.RoleArn || undefined };
}

function answer(rule: RuleRecord): api.Rule {
  const { given } = rule;
  return {
    Name: rule.name,
    Arn: rule.arn,
    EventPattern: given.pattern,
    ScheduleExpression: given.schedule,
    State: given.state,
    Description: given.description,
    RoleArn: given.roleArn,
    EventBusName: "default",
  };
}

/** By name or ARN. */
function checkBus(bus: string | undefined): void {
  const name = (bus ?? "default").replace(/^arn:.*:event-bus\//, "");
  if (name !== "default") throw notFound(`Event bus ${name} does not exist.`);
}

function eventOf(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    throw new AwsError("ValidationException", "Parameter Event is not valid. Reason: Invalid JSON");
  }
}

function checkTags(tags: ReadonlyMap<string, string>): void {
  const problem = tagProblem(tags);
  if (problem !== undefined) throw validation(problem);
}
