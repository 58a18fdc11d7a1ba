import type {
  Dimension as ApiDimension,
  Datapoint,
  GetMetricDataInput,
  GetMetricDataOutput,
  GetMetricStatisticsInput,
  GetMetricStatisticsOutput,
  ListMetricsInput,
  ListMetricsOutput,
  MetricDataQuery,
  MetricDatum,
  PutMetricDataInput,
  StandardUnit,
} from "@aws-sdk/client-cloudwatch";
import { AwsError, type Call, type Operation, type World } from "../../service.ts";
import { pageOf } from "../pages.ts";
import type { Regional } from "../regions.ts";
import { invalidNextToken, validationError } from "./errors.ts";
import { metricKey, periodsOf, record, statistic } from "./samples.ts";
import type { CloudWatchState, Dimension, Sample } from "./state.ts";

const FORTNIGHT_MS = 14 * 86_400_000;
const TWO_HOURS_MS = 7_200_000;

export function metricOperations(states: Regional<CloudWatchState>, world: World): Record<string, Operation> {
  return {
    PutMetricData(input: PutMetricDataInput, call: Call) {
      const namespace = input.Namespace ?? "";
      if (namespace === "") throw missing("Namespace");
      if (namespace.startsWith("AWS/")) {
        throw new AwsError(
          "InvalidParameterValueException",
          `The value ${namespace} for parameter Namespace is invalid.`,
        );
      }
      const data = (input.MetricData ?? []).map((datum, index) => ({
        metric: { namespace, name: datum.MetricName ?? "", dimensions: dimensionsOf(datum.Dimensions) },
        sample: sampleOf(datum, `MetricData.member.${index + 1}`, world.now()),
      }));
      for (const { metric, sample } of data) record(states.in(call), metric, sample, world.now());
      return {};
    },

    GetMetricStatistics(input: GetMetricStatisticsInput, call: Call): GetMetricStatisticsOutput {
      const wanted = [...(input.Statistics ?? []), ...(input.ExtendedStatistics ?? [])];
      if (wanted.length === 0) throw missing("Statistics or ExtendedStatistics");
      const periods = periodsOf(metricIn(states.in(call), input), windowOf(input));
      if (periods.length > 1440) {
        throw new AwsError(
          "InvalidParameterCombinationException",
          "You have requested more than the limit of 1,440 datapoints.",
        );
      }
      return {
        Label: input.MetricName,
        Datapoints: periods.map(({ startMs, samples }) => {
          const point: Datapoint = {
            Timestamp: new Date(startMs),
            Unit: (samples[0]?.unit ?? "None") as StandardUnit,
          };
          for (const name of input.Statistics ?? []) point[name] = statistic(samples, name);
          const extended = (input.ExtendedStatistics ?? []).map((name) => [name, statistic(samples, name)]);
          if (extended.length > 0) point.ExtendedStatistics = Object.fromEntries(extended);
          return point;
        }),
      };
    },

    GetMetricData(input: GetMetricDataInput, call: Call): GetMetricDataOutput {
      const queries = input.MetricDataQueries ?? [];
      if (queries.length > 500) throw validationError("At most 500 metrics can be read in one call.");
      const results = queries
        .filter((query) => query.ReturnData !== false)
        .map((query) => {
          const { metric, stat, window } = readable(query, input);
          const periods = periodsOf(metricIn(states.in(call), metric), window);
          if (input.ScanBy !== "TimestampAscending") periods.reverse();
          return {
            Id: query.Id,
            Label: query.Label ?? metric.MetricName,
            Timestamps: periods.map(({ startMs }) => new Date(startMs)),
            Values: periods.map(({ samples }) => statistic(samples, stat) ?? 0),
            StatusCode: "Complete" as const,
          };
        });
      return { MetricDataResults: results, Messages: [] };
    },

    ListMetrics(input: ListMetricsInput, call: Call): ListMetricsOutput {
      const found = [...states.in(call).metrics.values()].filter(
        ({ namespace, name, dimensions }) =>
          (input.Namespace ?? namespace) === namespace &&
          (input.MetricName ?? name) === name &&
          (input.Dimensions ?? []).every((wanted) =>
            dimensions.some((has) => has.name === wanted.Name && (wanted.Value ?? has.value) === has.value),
          ),
      );
      const page = pageOf(found, metricKey, { limit: 500, token: input.NextToken, badToken: invalidNextToken });
      return {
        Metrics: page.items.map(({ namespace, name, dimensions }) => ({
          Namespace: namespace,
          MetricName: name,
          Dimensions: dimensions.map((dimension) => ({ Name: dimension.name, Value: dimension.value })),
        })),
        NextToken: page.next,
      };
    },
  };
}

/** Dimensions as requests carry them. */
export function dimensionsOf(dimensions: readonly ApiDimension[] | undefined): Dimension[] {
  return (dimensions ?? []).map(({ Name, Value }) => ({ name: Name ?? "", value: Value ?? "" }));
}

interface ApiMetric {
  Namespace?: string | undefined;
  MetricName?: string | undefined;
  Dimensions?: ApiDimension[] | undefined;
}

function metricIn(state: CloudWatchState, { Namespace, MetricName, Dimensions }: ApiMetric) {
  const metric = { namespace: Namespace ?? "", name: MetricName ?? "", dimensions: dimensionsOf(Dimensions) };
  return state.metrics.get(metricKey(metric));
}

interface ApiWindow {
  StartTime?: Date | undefined;
  EndTime?: Date | undefined;
  Period?: number | undefined;
  Unit?: string | undefined;
}

function windowOf({ StartTime, EndTime, Period, Unit }: ApiWindow) {
  if (StartTime === undefined || EndTime === undefined) throw missing("StartTime or EndTime");
  if (StartTime >= EndTime) {
    throw validationError("The parameter StartTime must be less than the parameter EndTime.");
  }
  if (Period === undefined || Period < 1) throw missing("Period");
  if (Period < 60 ? ![1, 5, 10, 20, 30].includes(Period) : Period % 60 !== 0) {
    throw new AwsError("InvalidParameterValueException", "Period must be 1, 5, 10, 20, 30 or a multiple of 60.");
  }
  return { startMs: StartTime.getTime(), endMs: EndTime.getTime(), periodMs: Period * 1000, unit: Unit };
}

function readable(query: MetricDataQuery, input: GetMetricDataInput) {
  if (query.MetricStat === undefined) {
    throw validationError(`Query ${query.Id}: the local cloud reads single metrics, not expressions.`);
  }
  const { Metric, Period, Stat, Unit } = query.MetricStat;
  const window = windowOf({ StartTime: input.StartTime, EndTime: input.EndTime, Period, Unit });
  return { metric: Metric ?? {}, stat: Stat ?? "", window };
}

function sampleOf(datum: MetricDatum, where: string, now: number): Sample {
  if (!datum.MetricName) throw missing(`${where}.MetricName`);
  const atMs = datum.Timestamp?.getTime() ?? now;
  if (atMs < now - FORTNIGHT_MS || atMs > now + TWO_HOURS_MS) {
    throw new AwsError(
      "InvalidParameterValueException",
      `The parameter ${where}.Timestamp must specify a time within the past two weeks and two hours ahead.`,
    );
  }
  const unit = datum.Unit ?? "None";
  if (datum.StatisticValues !== undefined) {
    const { SampleCount = 0, Sum = 0, Minimum = 0, Maximum = 0 } = datum.StatisticValues;
    return { atMs, unit, count: SampleCount, sum: Sum, least: Minimum, most: Maximum, values: undefined };
  }
  const numbers = datum.Values ?? (datum.Value === undefined ? [] : [datum.Value]);
  if (numbers.length === 0) throw missing(`${where}.Value`);
  if (datum.Counts !== undefined && datum.Counts.length !== numbers.length) {
    throw new AwsError("InvalidParameterValueException", `${where}: Values and Counts must have the same length.`);
  }
  return sampleOfValues(
    atMs,
    unit,
    numbers.map((value, index) => [value, datum.Counts?.[index] ?? 1]),
  );
}

/** A sample of single values with how often each came. */
export function sampleOfValues(atMs: number, unit: string, values: readonly (readonly [number, number])[]): Sample {
  return {
    atMs,
    unit,
    count: values.reduce((total, [, count]) => total + count, 0),
    sum: values.reduce((total, [value, count]) => total + value * count, 0),
    least: Math.min(...values.map(([value]) => value)),
    most: Math.max(...values.map(([value]) => value)),
    values,
  };
}

function missing(parameter: string): AwsError {
  return new AwsError("MissingRequiredParameterException", `The parameter ${parameter} is required.`);
}
