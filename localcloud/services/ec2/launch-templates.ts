import type {
  CreateLaunchTemplateRequest,
  CreateLaunchTemplateResult,
  DeleteLaunchTemplateRequest,
  DeleteLaunchTemplateResult,
  DescribeLaunchTemplatesRequest,
  DescribeLaunchTemplatesResult,
  LaunchTemplate,
  ModifyLaunchTemplateRequest,
  ModifyLaunchTemplateResult,
} from "@aws-sdk/client-ec2";
import { callerArn } from "../../caller.ts";
import { AwsError, type Call, type Operation, type World } from "../../service.ts";
import { arn } from "../arn.ts";
import type { Place, Regional } from "../regions.ts";
import { tagsToList } from "../tags.ts";
import { madeBefore, useOf } from "./client-tokens.ts";
import { describedPage, filtered, required } from "./filters.ts";
import { templateOf, versionOf } from "./launch-template-lookup.ts";
import { checkedData } from "./launch-template-versions.ts";
import type { Ec2State, LaunchTemplateRecord } from "./state.ts";
import { tagsAtBirth } from "./tags.ts";

/** Templates themselves; what concerns single versions stands in launch-template-versions.ts. */
export function launchTemplateOperations(states: Regional<Ec2State>, world: World): Record<string, Operation> {
  return {
    CreateLaunchTemplate(input: CreateLaunchTemplateRequest, call: Call): CreateLaunchTemplateResult {
      const { launchTemplates } = states.in(call);
      const name = required(input.LaunchTemplateName, "LaunchTemplateName");
      if (!/^[a-zA-Z0-9().\-/_]{3,128}$/.test(name)) {
        throw new AwsError(
          "InvalidLaunchTemplateName.MalformedException",
          "A launch template name must be between 3 and 128 characters, and may contain letters, numbers, and the following characters: - ( ) . / _.",
        );
      }
      const data = checkedData(input.LaunchTemplateData);
      const before = madeBefore(launchTemplates.values(), input);
      if (before !== undefined) return { LaunchTemplate: answered(before, call) };
      if ([...launchTemplates.values()].some((template) => template.name === name)) {
        throw new AwsError("InvalidLaunchTemplateName.AlreadyExistsException", "Launch template name already in use.");
      }
      const tags = tagsAtBirth(input.TagSpecifications, "launch-template");
      const createdAt = new Date(world.now());
      const version = { number: 1, description: input.VersionDescription, createdAt, data };
      const record: LaunchTemplateRecord = {
        id: world.id("lt-", 17),
        name,
        tags,
        createdAt,
        versions: new Map([[1, version]]),
        latestNumber: 1,
        defaultNumber: 1,
        use: useOf(input),
      };
      launchTemplates.set(record.id, record);
      return { LaunchTemplate: answered(record, call) };
    },

    ModifyLaunchTemplate(input: ModifyLaunchTemplateRequest, call: Call): ModifyLaunchTemplateResult {
      const template = templateOf(states.in(call), input);
      const version = versionOf(template, required(input.DefaultVersion, "SetDefaultVersion"));
      template.defaultNumber = version.number;
      return { LaunchTemplate: answered(template, call) };
    },

    DescribeLaunchTemplates(input: DescribeLaunchTemplatesRequest, call: Call): DescribeLaunchTemplatesResult {
      const state = states.in(call);
      const ids = new Set([
        ...(input.LaunchTemplateIds ?? []).map((LaunchTemplateId) => templateOf(state, { LaunchTemplateId }).id),
        ...(input.LaunchTemplateNames ?? []).map((LaunchTemplateName) => templateOf(state, { LaunchTemplateName }).id),
      ]);
      const named = [...state.launchTemplates.values()].filter(({ id }) => ids.size === 0 || ids.has(id));
      const found = filtered(named, input.Filters, {
        "launch-template-name": (template) => [template.name],
        "create-time": (template) => [template.createdAt.toISOString()],
      });
      const page = describedPage(found, input, { least: 1, most: 200 });
      return { LaunchTemplates: page.items.map((template) => answered(template, call)), NextToken: page.next };
    },

    DeleteLaunchTemplate(input: DeleteLaunchTemplateRequest, call: Call): DeleteLaunchTemplateResult {
      const state = states.in(call);
      const template = templateOf(state, input);
      state.launchTemplates.delete(template.id);
      return { LaunchTemplate: answered(template, call) };
    },
  };
}

export function launchTemplateArn(place: Place, id: string): string {
  return arn("ec2", place.region, place.account, `launch-template/${id}`);
}

function answered(template: LaunchTemplateRecord, place: Place): LaunchTemplate {
  return {
    LaunchTemplateId: template.id,
    LaunchTemplateName: template.name,
    CreateTime: template.createdAt,
    CreatedBy: callerArn(place),
    DefaultVersionNumber: template.defaultNumber,
    LatestVersionNumber: Math.max(...template.versions.keys()),
    Tags: tagsToList(template.tags),
  };
}
