import { randomUUID } from "node:crypto";
import type { Target } from "@aws-sdk/client-eventbridge";
import type { World, WorldEvent } from "../service.ts";
import { arn, parseArn } from "../services/arn.ts";
import type { Eventbridge, RuleView } from "../services/eventbridge.ts";
import type { Lambda } from "../services/lambda.ts";
import type { Place } from "../services/regions.ts";
import type { Sqs } from "../services/sqs.ts";
import type { AsyncEvents } from "./functions/async-events.ts";

/** The services whose events reach rules, as EventBridge names them. */
const SOURCES: Readonly<Record<string, string>> = { ecs: "aws.ecs", ec2: "aws.ec2", cloudwatch: "aws.cloudwatch" };

export interface RuleDeps {
  readonly world: World;
  readonly events: AsyncEvents;
}

/** What rules do: with the events that fit their pattern, and when their time has come. */
export interface RuleEngine {
  hear(event: WorldEvent): void;
  /** To be called each minute. */
  tick(): void;
  reset(): void;
  /** When each rule by rate is due next, for a snapshot. */
  save(): ReadonlyMap<string, number>;
  resume(due: ReadonlyMap<string, number>): void;
}

export function createRuleEngine({ world, events }: RuleDeps): RuleEngine {
  /** When each scheduled rule is due next. */
  const dueMs = new Map<string, number>();
  /** The rules by rate that there are at this tick. */
  const seen = new Set<string>();
  const eventbridge = () => world.service<Eventbridge>("eventbridge");

  function deliver(rule: RuleView, event: object): void {
    for (const target of rule.targets) invoke(rule, target, JSON.stringify(inputOf(target, event)));
  }

  function invoke(rule: RuleView, { Arn = "" }: Target, input: string): void {
    const service = parseArn(Arn)?.service;
    const principal = "events.amazonaws.com";
    const sourceAccount = parseArn(rule.arn)!.account;
    const sender = { principal, sourceArn: rule.arn, sourceAccount };
    const sqs = world.service<Sqs>("sqs");
    if (service === "sqs" && sqs.maySend(Arn, sender)) sqs.deliver(Arn, input, principal);
    else if (service === "lambda" && world.service<Lambda>("lambda").mayInvoke({ functionArn: Arn, ...sender })) {
      events.accept(Arn, randomUUID(), input);
    }
  }

  function isDueByRate(arn: string, everyMs: number): boolean {
    seen.add(arn);
    // A rule that is new has come within the last minute.
    const due = dueMs.get(arn) ?? world.now() + everyMs - 60_000;
    const isDue = world.now() >= due;
    dueMs.set(arn, isDue ? due + everyMs : due);
    return isDue;
  }

  return {
    hear(event) {
      const source = SOURCES[event.source];
      if (source === undefined) return;
      const told = envelope(world, event, {
        source,
        type: event.type,
        resources: resourcesOf(event),
        // As it would travel: dates as texts, and what is not set not there.
        detail: JSON.parse(JSON.stringify(event.detail)),
      });
      for (const rule of eventbridge().enabledRules(event)) if (rule.matches(told)) deliver(rule, told);
    },
    tick() {
      seen.clear();
      // The one that has begun since the last tick.
      const minute = new Date(Math.floor(world.now() / 60_000) * 60_000);
      for (const place of eventbridge().places()) {
        for (const rule of eventbridge().enabledRules(place)) {
          if (rule.everyMs === undefined ? !rule.isDue(minute) : !isDueByRate(rule.arn, rule.everyMs)) continue;
          const told = { source: "aws.events", type: "Scheduled Event", resources: [rule.arn], detail: {} };
          deliver(rule, envelope(world, place, told));
        }
      }
      for (const known of dueMs.keys()) if (!seen.has(known)) dueMs.delete(known);
    },
    reset: () => dueMs.clear(),
    save: () => dueMs,
    resume(due) {
      for (const [arn, ms] of due) dueMs.set(arn, ms);
    },
  };
}

interface Told {
  readonly source: string;
  readonly type: string;
  readonly resources: readonly string[];
  readonly detail: object;
}

/** The form of every event of EventBridge. */
function envelope(world: World, { account, region }: Place, { source, type, resources, detail }: Told): object {
  const time = `${new Date(world.now()).toISOString().slice(0, 19)}Z`;
  return { version: "0", id: randomUUID(), "detail-type": type, source, account, time, region, resources, detail };
}

function resourcesOf({ detail, account, region }: WorldEvent): string[] {
  const id = detail["instance-id"];
  if (typeof id === "string") return [arn("ec2", region, account, `instance/${id}`)];
  const named = detail.taskArn ?? detail.containerInstanceArn ?? detail.alarmArn;
  return typeof named === "string" ? [named] : [];
}

/** The whole event, a text of the target's own, or a part. */
function inputOf({ Input, InputPath }: Target, event: object): unknown {
  if (Input !== undefined) return JSON.parse(Input);
  const path = InputPath?.split(".").slice(1) ?? [];
  return path.reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], event);
}
