import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type AlarmActual, type AlarmSpec, alarm } from "../../src/kinds/alarm.ts";
import { adopted, eachDifferenceIsOneChange, offline, tagsOf } from "./diff-table.ts";

const kind = alarm(offline);
const pager = "arn:aws:sns:us-east-1:123456789012:pager";
const mailer = "arn:aws:sns:us-east-1:123456789012:mailer";
const { tags, ...wanted }: AlarmSpec = {
  description: "Files that failed for good",
  namespace: "AWS/SQS",
  metricName: "ApproximateNumberOfMessagesVisible",
  dimensions: { QueueName: "pw-plants-grey-dead-letters" },
  statistic: "Maximum",
  periodSeconds: 300,
  evaluationPeriods: 1,
  threshold: 0,
  comparisonOperator: "GreaterThanThreshold",
  treatMissingData: "notBreaching",
  alarmActions: [pager, mailer],
  actionsEnabled: true,
  tags: tagsOf("alarm/pw-plants-grey-dead-letters"),
};
const spec: AlarmSpec = { ...wanted, tags };
const standing: AlarmActual = {
  arn: "arn:aws:cloudwatch:us-east-1:123456789012:alarm:pw-plants-grey-dead-letters",
  // Actions come back in any order.
  fields: { ...wanted, alarmActions: [mailer, pager] },
  otherActions: {},
  tags,
};
const fields = (changed: Partial<AlarmActual["fields"]>) => (actual: AlarmActual) => ({
  ...actual,
  fields: { ...actual.fields, ...changed },
});

describe("alarms, compared", () => {
  eachDifferenceIsOneChange(kind, spec, standing, {
    description: fields({ description: "" }),
    namespace: fields({ namespace: "AWS/EC2" }),
    metricName: fields({ metricName: "Other" }),
    dimensions: fields({ dimensions: { QueueName: "other" } }),
    statistic: fields({ statistic: "Average" }),
    "statistic (a percentile instead)": fields({ statistic: undefined }),
    periodSeconds: fields({ periodSeconds: 60 }),
    evaluationPeriods: fields({ evaluationPeriods: 2 }),
    threshold: fields({ threshold: 10 }),
    comparisonOperator: fields({ comparisonOperator: "LessThanThreshold" }),
    treatMissingData: fields({ treatMissingData: "missing" }),
    "alarmActions (one is missing)": fields({ alarmActions: [pager] }),
    "alarmActions (an intruder's)": fields({ alarmActions: [pager, mailer, `${pager}-evil`] }),
    actionsEnabled: fields({ actionsEnabled: false }),
    "tags.team": (actual) => ({ ...actual, tags: { ...actual.tags, team: "red" } }),
  });

  it("adds to the actions of an adopted alarm, and takes none away", () => {
    const mine = adopted(tags);
    const actual = { ...fields({ alarmActions: [`${pager}-theirs`, pager] })(standing), tags: mine };
    const changes = kind.diff({ ...spec, tags: mine }, actual);
    assert.deepEqual(
      changes.map(({ path, want }) => [path, want]),
      [["alarmActions", [`${pager}-theirs`, pager, mailer]]],
    );
  });
});
