import type {
  ListAccountSettingsRequest,
  ListAccountSettingsResponse,
  PutAccountSettingRequest,
  PutAccountSettingResponse,
  Setting,
  SettingName,
} from "@aws-sdk/client-ecs";
import type { Call, Operation } from "../../service.ts";
import type { Place, Regional } from "../regions.ts";
import { invalidParameter } from "./errors.ts";
import { listed } from "./lookup.ts";
import type { EcsState } from "./state.ts";

/** AWS's defaults of the settings that matter to clusters and tasks. */
const DEFAULTS: Readonly<Partial<Record<SettingName, string>>> = {
  awsvpcTrunking: "disabled",
  containerInsights: "disabled",
  containerInstanceLongArnFormat: "enabled",
  defaultLogDriverMode: "non-blocking",
  fargateFIPSMode: "disabled",
  serviceLongArnFormat: "enabled",
  tagResourceAuthorization: "on",
  taskLongArnFormat: "enabled",
};

export function accountSettingOperations(states: Regional<EcsState>): Record<string, Operation> {
  return {
    PutAccountSetting(input: PutAccountSettingRequest, call: Call): PutAccountSettingResponse {
      const name = input.name ?? "";
      if (!Object.hasOwn(DEFAULTS, name)) throw invalidParameter(`${name} is not a valid setting name.`);
      if (input.value === undefined || input.value === "") throw invalidParameter("Value should not be null or empty");
      states.in(call).settings.set(name, input.value);
      return { setting: setting(call, name, input.value) };
    },

    /** Only what was set, unless the effective settings are asked for. */
    ListAccountSettings(input: ListAccountSettingsRequest, call: Call): ListAccountSettingsResponse {
      const state = states.in(call);
      const own = Object.fromEntries(state.settings);
      const all = Object.entries(input.effectiveSettings === true ? { ...DEFAULTS, ...own } : own).filter(
        ([name, value]) => (input.name ?? name) === name && (input.value ?? value) === value,
      );
      const page = listed(all, ([name]) => name, input);
      return { settings: page.items.map(([name, value]) => setting(call, name, value)), nextToken: page.nextToken };
    },
  };
}

export function effectiveSetting(state: EcsState, name: SettingName): string {
  return state.settings.get(name) ?? DEFAULTS[name] ?? "disabled";
}

function setting(place: Place, name: string, value: string): Setting {
  return { name: name as SettingName, value, principalArn: `arn:aws:iam::${place.account}:root`, type: "user" };
}
