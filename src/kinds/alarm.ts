/** CloudWatch metric alarms. */
import {
  DeleteAlarmsCommand,
  ListTagsForResourceCommand,
  type MetricAlarm,
  PutMetricAlarmCommand,
  paginateDescribeAlarms,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-cloudwatch";
import { z } from "zod";
import { arnOf } from "../aws/arn.ts";
import type { Aws } from "../aws/aws.ts";
import { orUndefined } from "../aws/errors.ts";
import { createSeats } from "../aws/seats.ts";
import { BATCH_MAX_AGE_MS, tagList, tagsOf } from "../aws/tags.ts";
import { field, sameSet } from "../core/compare.ts";
import { inventoried, isAdopted, isOurs, type Tags, tagChanges } from "../core/owner.ts";
import type { Change, Inventoried, Pass, Resource } from "../core/resource.ts";
import { touchesMoreThanTags, withChanges, writeTags } from "./changes.ts";
import { knownInstances } from "./instances.ts";
import { byTags } from "./inventory.ts";

export const alarmSchema = z.strictObject({
  description: z.string(),
  namespace: z.string(),
  metricName: z.string(),
  dimensions: z.record(z.string(), z.string()),
  statistic: z.enum(["Average", "Maximum", "Minimum", "Sum"]),
  periodSeconds: z.int(),
  evaluationPeriods: z.int(),
  threshold: z.number(),
  comparisonOperator: z.enum(["GreaterThanThreshold", "LessThanThreshold"]),
  treatMissingData: z.enum(["missing", "notBreaching", "breaching", "ignore"]),
  alarmActions: z.array(z.string()),
  actionsEnabled: z.boolean(),
  tags: z.record(z.string(), z.string()),
});
export type AlarmSpec = z.infer<typeof alarmSchema>;

/** What PutMetricAlarm replaces, as it stands, in the words of the spec. */
type AlarmFields = { readonly [K in keyof Omit<AlarmSpec, "tags">]: AlarmSpec[K] | undefined };

export interface AlarmActual {
  readonly arn: string;
  readonly fields: AlarmFields;
  /** Not ours to judge, yet part of what PutMetricAlarm replaces. */
  readonly otherActions: Pick<MetricAlarm, "OKActions" | "InsufficientDataActions">;
  readonly tags: Tags | undefined;
}

/** The scaler's alarm that ends an idle instance: `<instance-id>-shutdown`. */
const INSTANCE_ALARM = /^(i-[0-9a-f]+)-shutdown$/;

/** An instance that was launched so long ago and that EC2 does not know is gone; EC2's answers lag by seconds. */
const YOUNG_MS = 600_000;

export function alarm(aws: Aws): Resource<AlarmSpec, AlarmActual> {
  const { cloudwatch } = aws.clients;
  const alarmArn = (name: string, pass: Pass) => arnOf("cloudwatch", `alarm:${name}`, pass);

  const alarms = createSeats<MetricAlarm>({
    clock: aws.clock,
    seats: 100,
    maxAgeMs: BATCH_MAX_AGE_MS,
    async load(names) {
      const found = new Map<string, MetricAlarm>();
      // A page holds 50 unless more are asked for.
      const pages = paginateDescribeAlarms({ client: cloudwatch, pageSize: 100 }, { AlarmNames: [...names] });
      for await (const page of pages) for (const one of page.MetricAlarms ?? []) found.set(one.AlarmName ?? "", one);
      return found;
    },
  });

  const nativeTags = async (name: string, pass: Pass): Promise<Tags | undefined> => {
    const answer = await orUndefined(
      cloudwatch.send(new ListTagsForResourceCommand({ ResourceARN: alarmArn(name, pass) }), {
        abortSignal: pass.signal,
      }),
      "ResourceNotFoundException",
      "ResourceNotFound",
    );
    return answer && tagsOf(answer.Tags);
  };

  const put = async (
    name: string,
    fields: AlarmFields,
    more: Partial<Pick<AlarmActual, "otherActions" | "tags">>,
    pass: Pass,
  ) => {
    await cloudwatch.send(
      new PutMetricAlarmCommand({
        AlarmName: name,
        AlarmDescription: fields.description,
        Namespace: fields.namespace,
        MetricName: fields.metricName,
        Dimensions: Object.entries(fields.dimensions ?? {}).map(([Name, Value]) => ({ Name, Value })),
        Statistic: fields.statistic,
        Period: fields.periodSeconds,
        EvaluationPeriods: fields.evaluationPeriods,
        Threshold: fields.threshold,
        ComparisonOperator: fields.comparisonOperator,
        TreatMissingData: fields.treatMissingData,
        AlarmActions: [...(fields.alarmActions ?? [])],
        ActionsEnabled: fields.actionsEnabled,
        ...more.otherActions,
        ...(more.tags ? { Tags: tagList(more.tags) } : {}),
      }),
      { abortSignal: pass.signal },
    );
  };

  /** Its instance may be younger than what EC2 answers. */
  const isYoung = async (name: string): Promise<boolean> => {
    const writtenAt = (await alarms.get(name, true))?.AlarmConfigurationUpdatedTimestamp?.getTime() ?? 0;
    return aws.clock.now() - writtenAt < YOUNG_MS;
  };

  const forget = (name: string, pass: Pass) => {
    alarms.forget(name);
    aws.tags.forget(alarmArn(name, pass));
  };

  return {
    kind: "alarm",
    schema: alarmSchema,

    async read(name, pass) {
      const arn = alarmArn(name, pass);
      const reading = alarms.get(name, pass.fresh);
      const [found, tags] = await Promise.all([reading, aws.tags.of(arn, pass, () => nativeTags(name, pass), reading)]);
      if (!found) return { is: "absent" };
      const { OKActions, InsufficientDataActions } = found;
      const actual = { arn, fields: fieldsOf(found), otherActions: { OKActions, InsufficientDataActions }, tags };
      return { is: isOurs(tags, pass.owner) ? "owned" : "foreign", actual };
    },

    diff(spec, { fields, tags }): Change[] {
      const othersStay = isAdopted(spec.tags) || isAdopted(tags);
      const standing = fields.alarmActions ?? [];
      const actions = othersStay ? [...standing, ...spec.alarmActions] : spec.alarmActions;
      return [
        ...field("description", spec.description, fields.description),
        ...field("namespace", spec.namespace, fields.namespace),
        ...field("metricName", spec.metricName, fields.metricName),
        ...field("dimensions", spec.dimensions, fields.dimensions),
        ...field("statistic", spec.statistic, fields.statistic),
        ...field("periodSeconds", spec.periodSeconds, fields.periodSeconds),
        ...field("evaluationPeriods", spec.evaluationPeriods, fields.evaluationPeriods),
        ...field("threshold", spec.threshold, fields.threshold),
        ...field("comparisonOperator", spec.comparisonOperator, fields.comparisonOperator),
        ...field("treatMissingData", spec.treatMissingData, fields.treatMissingData),
        ...field("alarmActions", [...new Set(actions)], standing, sameSet),
        ...field("actionsEnabled", spec.actionsEnabled, fields.actionsEnabled),
        ...tagChanges(spec.tags, tags),
      ];
    },

    async create(name, spec, pass) {
      await put(name, spec, { tags: spec.tags }, pass);
      forget(name, pass);
    },

    async update(name, spec, { arn: ResourceARN, fields, otherActions }, changes, pass) {
      const options = { abortSignal: pass.signal };
      if (touchesMoreThanTags(changes)) {
        const actions = changes.find((change) => change.path === "alarmActions")?.want;
        const wanted = actions ? { ...spec, alarmActions: actions as string[] } : spec;
        await put(name, withChanges<AlarmFields>(fields, wanted, changes), { otherActions }, pass);
      }
      // PutMetricAlarm ignores the tags of an alarm that stands.
      await writeTags(changes, {
        set: (tags) => cloudwatch.send(new TagResourceCommand({ ResourceARN, Tags: tagList(tags) }), options),
        remove: (TagKeys) => cloudwatch.send(new UntagResourceCommand({ ResourceARN, TagKeys }), options),
      });
      forget(name, pass);
    },

    async delete(name, _actual, pass) {
      await orUndefined(
        cloudwatch.send(new DeleteAlarmsCommand({ AlarmNames: [name] }), { abortSignal: pass.signal }),
        "ResourceNotFound",
      );
      forget(name, pass);
    },

    async *list(pass) {
      const rows: Inventoried[] = [];
      const found = byTags({
        listed: () => aws.tags.list("cloudwatch:alarm", pass),
        nameOf: (arn) => arn.split(":").slice(6).join(":"),
        async *native() {
          for (const AlarmNamePrefix of ["pw-", "i-"]) {
            const pages = paginateDescribeAlarms({ client: cloudwatch, pageSize: 100 }, { AlarmNamePrefix });
            for await (const page of pages) {
              for (const { AlarmName = "" } of page.MetricAlarms ?? []) {
                const tags = await nativeTags(AlarmName, pass);
                if (tags && isOurs(tags, pass.owner)) yield inventoried(AlarmName, tags);
              }
            }
          }
        },
      });
      for await (const row of found) rows.push(row);

      // An instance's alarm lives as long as the instance; after that nobody asks for it any more.
      const instanceOf = ({ name }: Inventoried) => INSTANCE_ALARM.exec(name)?.[1];
      const ids = rows.map(instanceOf).filter((id) => id !== undefined);
      const known = await knownInstances(aws, ids, pass);
      for (const row of rows) {
        const id = instanceOf(row);
        const belongs =
          id !== undefined && (known.get(id) ?? ((await isYoung(row.name)) ? "live" : "going")) === "live";
        yield belongs ? { ...row, runtime: true } : row;
      }
    },
  };
}

const fieldsOf = (found: MetricAlarm): AlarmFields => ({
  description: found.AlarmDescription ?? "",
  namespace: found.Namespace,
  metricName: found.MetricName,
  dimensions: Object.fromEntries((found.Dimensions ?? []).map(({ Name = "", Value = "" }) => [Name, Value])),
  statistic: found.Statistic as AlarmSpec["statistic"] | undefined,
  periodSeconds: found.Period,
  evaluationPeriods: found.EvaluationPeriods,
  threshold: found.Threshold,
  comparisonOperator: found.ComparisonOperator as AlarmSpec["comparisonOperator"] | undefined,
  treatMissingData: (found.TreatMissingData ?? "missing") as AlarmSpec["treatMissingData"],
  alarmActions: found.AlarmActions ?? [],
  actionsEnabled: found.ActionsEnabled ?? true,
});
