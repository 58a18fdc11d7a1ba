import type { Target } from "@aws-sdk/client-eventbridge";
import type { Service } from "../service.ts";
import { cronMatcher } from "./eventbridge/cron.ts";
import { compilePattern } from "./eventbridge/event-pattern.ts";
import { Rules, ruleOperations } from "./eventbridge/rules.ts";
import { rateMs } from "./eventbridge/schedule.ts";
import { targetOperations } from "./eventbridge/targets.ts";
import type { Place } from "./regions.ts";
import { taggable } from "./tags.ts";

/** What whoever delivers events asks of the rules. */
export interface Eventbridge extends Service {
  /** The rules that are switched on, in one account and region. */
  enabledRules(place: Place): Iterable<RuleView>;
  /** Every account and region that has rules. */
  places(): Iterable<Place>;
}

export interface RuleView {
  readonly arn: string;
  readonly name: string;
  readonly targets: readonly Target[];
  /** Milliseconds between two ticks; undefined where the rule has no schedule, or one by `cron`. */
  readonly everyMs: number | undefined;
  /** Whether a schedule by `cron` names this minute; false where there is none. */
  isDue(minute: Date): boolean;
  /** Whether the rule's pattern fits this event; false where it has none. */
  matches(event: unknown): boolean;
}

export function createEventbridge(): Eventbridge {
  const rules = new Rules();
  return {
    id: "eventbridge",
    state: rules.state,
    operations: { ...ruleOperations(rules), ...targetOperations(rules) },
    *taggables() {
      for (const { arn, tags } of rules.all()) yield taggable(arn, tags);
    },
    places: () => new Map([...rules.all()].map(({ place }) => [`${place.account}/${place.region}`, place])).values(),
    *enabledRules(place) {
      for (const { arn, name, targets, given } of rules.in(place).values()) {
        if (given.state === "DISABLED") continue;
        const { schedule, pattern } = given;
        yield {
          arn,
          name,
          targets: [...targets.values()],
          everyMs: schedule === undefined ? undefined : rateMs(schedule),
          isDue: (schedule === undefined ? undefined : cronMatcher(schedule)) ?? (() => false),
          matches: pattern === undefined ? () => false : compilePattern(pattern),
        };
      }
    },
  };
}
