import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { cronMatcher } from "../../localcloud/services/eventbridge/cron.ts";

/** Sources of the examples: EventBridge User Guide, "Schedule pattern"; the days by the calendar of 2026. */
describe("a cron expression", () => {
  const cases: readonly (readonly [expression: string, yes: readonly string[], no: readonly string[]])[] = [
    ["15 10 * * ? *", ["2026-02-28T10:15Z", "2026-03-01T10:15Z"], ["2026-03-01T10:16Z", "2026-03-01T22:15Z"]],
    ["0 18 ? * MON-FRI *", ["2026-05-01T18:00Z"], ["2026-05-02T18:00Z", "2026-05-03T18:00Z"]],
    ["0/15 8-17 ? * 2,6 *", ["2026-05-01T08:45Z", "2026-05-04T17:00Z"], ["2026-05-01T08:50Z", "2026-05-05T08:45Z"]],
    ["0 8 1 JAN,7 ? 2026", ["2026-01-01T08:00Z", "2026-07-01T08:00Z"], ["2027-01-01T08:00Z", "2026-02-01T08:00Z"]],
    ["0 0 L * ? *", ["2026-02-28T00:00Z", "2028-02-29T00:00Z"], ["2028-02-28T00:00Z"]],
    ["0 0 LW * ? *", ["2026-01-30T00:00Z", "2026-05-29T00:00Z"], ["2026-01-31T00:00Z"]],
    ["0 0 1W * ? *", ["2026-08-03T00:00Z", "2026-09-01T00:00Z"], ["2026-08-01T00:00Z", "2026-07-31T00:00Z"]],
    ["0 0 31W * ? *", ["2026-05-29T00:00Z", "2026-01-30T00:00Z"], ["2026-04-30T00:00Z"]],
    ["0 0 ? * L *", ["2026-05-02T00:00Z", "2026-05-09T00:00Z"], ["2026-05-03T00:00Z"]],
    ["0 0 ? * 6L *", ["2026-05-29T00:00Z"], ["2026-05-22T00:00Z", "2026-05-30T00:00Z"]],
    ["0 9 ? * 3#2 *", ["2026-05-12T09:00Z"], ["2026-05-05T09:00Z", "2026-05-19T09:00Z"]],
  ];
  for (const [expression, yes, no] of cases) {
    it(`"${expression}" names its minutes, and no others`, () => {
      const matches = cronMatcher(`cron(${expression})`)!;
      for (const minute of yes) assert.ok(matches(new Date(minute)), minute);
      for (const minute of no) assert.ok(!matches(new Date(minute)), minute);
    });
  }

  it("is refused where it is none", () => {
    const wrong = [
      "* * * * ? ",
      "* * * * * *",
      "0 0 ? * ? *",
      "60 * * * ? *",
      "0 24 * * ? *",
      "0 0 32 * ? *",
      "0 0 ? * 8 *",
    ];
    for (const one of [...wrong, "0 0 ? * 3#6 *", "0 0 * FOO ? *", "5-1 * * * ? *", "0/0 * * * ? *", "a b c d ? *"]) {
      assert.equal(cronMatcher(`cron(${one})`), undefined, one);
    }
    assert.equal(cronMatcher("rate(5 minutes)"), undefined);
  });
});
