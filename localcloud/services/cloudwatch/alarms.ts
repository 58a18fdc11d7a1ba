import type {
  DeleteAlarmsInput,
  DescribeAlarmsInput,
  DescribeAlarmsOutput,
  DisableAlarmActionsInput,
  EnableAlarmActionsInput,
  ListTagsForResourceInput,
  ListTagsForResourceOutput,
  MetricAlarm,
  PutMetricAlarmInput,
  SetAlarmStateInput,
  StateValue,
  Tag,
  TagResourceInput,
  UntagResourceInput,
} from "@aws-sdk/client-cloudwatch";
import { AwsError, type Call, type Operation, type World } from "../../service.ts";
import { arn } from "../arn.ts";
import { pageOf } from "../pages.ts";
import type { Place, Regional } from "../regions.ts";
import { tagProblem, tagsFromList, tagsToList } from "../tags.ts";
import { checkAlarm } from "./alarm-checks.ts";
import { invalidNextToken, resourceNotFound, validationError } from "./errors.ts";
import type { AlarmRecord, CloudWatchState } from "./state.ts";

export function alarmOperations(states: Regional<CloudWatchState>, world: World): Record<string, Operation> {
  return {
    /** Replaces everything but the state and the tags, which count only when the alarm is new. */
    PutMetricAlarm(input: PutMetricAlarmInput, call: Call) {
      const { alarms } = states.in(call);
      checkAlarm(input);
      const now = new Date(world.now());
      const before = alarms.get(input.AlarmName!);
      const tags = before?.tags ?? checkedTags(input.Tags);
      const { Tags: _, ...given } = structuredClone(input);
      const AlarmArn = arn("cloudwatch", call.region, call.account, `alarm:${input.AlarmName}`);
      alarms.set(input.AlarmName!, {
        name: input.AlarmName!,
        tags,
        alarm: {
          ...given,
          AlarmArn,
          ActionsEnabled: input.ActionsEnabled ?? true,
          AlarmActions: input.AlarmActions ?? [],
          OKActions: input.OKActions ?? [],
          InsufficientDataActions: input.InsufficientDataActions ?? [],
          Dimensions: input.Dimensions ?? [],
          AlarmConfigurationUpdatedTimestamp: now,
          ...(before === undefined ? initialState(now) : stateIn(before.alarm)),
        },
      });
      return {};
    },

    DescribeAlarms(input: DescribeAlarmsInput, call: Call): DescribeAlarmsOutput {
      const { alarms } = states.in(call);
      if (input.AlarmNames !== undefined && input.AlarmNamePrefix !== undefined) {
        throw validationError("AlarmNamePrefix and AlarmNames are mutually exclusive.");
      }
      if ((input.AlarmNames ?? []).length > 100) {
        throw validationError(
          "Value at 'alarmNames' failed to satisfy constraint: Member must have length less than or equal to 100",
        );
      }
      const limit = input.MaxRecords ?? 100;
      if (limit < 1 || limit > 100) throw validationError("MaxRecords must be between 1 and 100.");
      const types = input.AlarmTypes ?? ["MetricAlarm"];
      const names = new Set(input.AlarmNames);
      const found = [...alarms.values()].filter(
        ({ name, alarm }) =>
          types.includes("MetricAlarm") &&
          (names.size === 0 || names.has(name)) &&
          name.startsWith(input.AlarmNamePrefix ?? "") &&
          (input.StateValue ?? alarm.StateValue) === alarm.StateValue &&
          (input.ActionPrefix === undefined ||
            actionsOf(alarm).some((action) => action.startsWith(input.ActionPrefix!))),
      );
      const page = pageOf(found, ({ name }) => name, { limit, token: input.NextToken, badToken: invalidNextToken });
      return {
        MetricAlarms: page.items.map(({ alarm }) => structuredClone(alarm)),
        CompositeAlarms: [],
        NextToken: page.next,
      };
    },

    /** A name that is not there is told, and keeps no other alive. */
    DeleteAlarms(input: DeleteAlarmsInput, call: Call) {
      const { alarms } = states.in(call);
      const names = input.AlarmNames ?? [];
      if (names.length > 100) throw validationError("At most 100 alarms can be deleted in one call.");
      const absent = names.filter((name) => !alarms.delete(name));
      if (absent.length > 0) throw resourceNotFound(`Unable to find alarm(s) ${absent.join(", ")}`);
      return {};
    },

    EnableAlarmActions(input: EnableAlarmActionsInput, call: Call) {
      for (const name of input.AlarmNames ?? []) enableActions(states.in(call).alarms.get(name), true);
      return {};
    },

    DisableAlarmActions(input: DisableAlarmActionsInput, call: Call) {
      for (const name of input.AlarmNames ?? []) enableActions(states.in(call).alarms.get(name), false);
      return {};
    },

    SetAlarmState(input: SetAlarmStateInput, call: Call) {
      const record = alarmOf(states.in(call).alarms, input.AlarmName ?? "");
      if (!["OK", "ALARM", "INSUFFICIENT_DATA"].includes(input.StateValue ?? "")) {
        throw validationError(`Invalid state value ${input.StateValue}.`);
      }
      if (input.StateReasonData !== undefined && !isJson(input.StateReasonData)) {
        throw new AwsError("InvalidFormatFault", "StateReasonData must be valid JSON.");
      }
      setAlarmState(world, call, record, {
        value: input.StateValue!,
        reason: input.StateReason ?? "",
        data: input.StateReasonData,
      });
      return {};
    },

    TagResource(input: TagResourceInput, call: Call) {
      const { tags } = byArn(states.in(call), input.ResourceARN);
      const added = checkedTags(input.Tags);
      checkedTags(tagsToList(new Map([...tags, ...added])));
      for (const [key, value] of added) tags.set(key, value);
      return {};
    },

    UntagResource(input: UntagResourceInput, call: Call) {
      const { tags } = byArn(states.in(call), input.ResourceARN);
      for (const key of input.TagKeys ?? []) tags.delete(key);
      return {};
    },

    ListTagsForResource(input: ListTagsForResourceInput, call: Call): ListTagsForResourceOutput {
      return { Tags: tagsToList(byArn(states.in(call), input.ResourceARN).tags) };
    },
  };
}

/** Moves an alarm to a state and tells the world when that is another one than before: actions fire on transitions only. */
export function setAlarmState(
  world: World,
  { account, region }: Place,
  { alarm }: AlarmRecord,
  state: { value: StateValue; reason: string; data: string | undefined },
): void {
  const previous = alarm.StateValue;
  const now = new Date(world.now());
  alarm.StateValue = state.value;
  alarm.StateReason = state.reason;
  alarm.StateReasonData = state.data;
  alarm.StateUpdatedTimestamp = now;
  if (previous === state.value) return;
  alarm.StateTransitionedTimestamp = now;
  const detail = {
    alarmName: alarm.AlarmName,
    state: { value: state.value, reason: state.reason },
    previousState: { value: previous },
  };
  world.emit({ source: "cloudwatch", type: "CloudWatch Alarm State Change", account, region, detail });
}

function initialState(now: Date): Partial<MetricAlarm> {
  return {
    StateValue: "INSUFFICIENT_DATA",
    StateReason: "Unchecked: Initial alarm creation",
    StateUpdatedTimestamp: now,
    StateTransitionedTimestamp: now,
  };
}

function stateIn(alarm: MetricAlarm): Partial<MetricAlarm> {
  const { StateValue, StateReason, StateReasonData, StateUpdatedTimestamp, StateTransitionedTimestamp } = alarm;
  return { StateValue, StateReason, StateReasonData, StateUpdatedTimestamp, StateTransitionedTimestamp };
}

function actionsOf(alarm: MetricAlarm): string[] {
  return [alarm.AlarmActions, alarm.OKActions, alarm.InsufficientDataActions].flatMap((actions) => actions ?? []);
}

function enableActions(record: AlarmRecord | undefined, enabled: boolean): void {
  if (record !== undefined) record.alarm.ActionsEnabled = enabled;
}

function alarmOf(alarms: ReadonlyMap<string, AlarmRecord>, name: string): AlarmRecord {
  const record = alarms.get(name);
  if (record === undefined) throw resourceNotFound(`Unable to find alarm(s) ${name}`);
  return record;
}

/** The tag operations have an error name of their own for what is not there. */
function byArn({ alarms }: CloudWatchState, alarmArn: string | undefined): AlarmRecord {
  const name = /^arn:aws[a-z-]*:cloudwatch:[^:]*:[^:]*:alarm:(.+)$/.exec(alarmArn ?? "")?.[1];
  const record = name === undefined ? undefined : alarms.get(name);
  if (record?.alarm.AlarmArn !== alarmArn || record === undefined) {
    throw new AwsError("ResourceNotFoundException", `Unknown resource ${alarmArn}`, { status: 404 });
  }
  return record;
}

function checkedTags(list: readonly Tag[] | undefined): Map<string, string> {
  const tags = tagsFromList(list);
  const problem = tagProblem(tags);
  if (problem !== undefined) throw validationError(problem);
  return tags;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
