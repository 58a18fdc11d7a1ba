import { AwsError } from "../../service.ts";
import { required } from "./filters.ts";
import type { Ec2State, LaunchTemplateRecord, LaunchTemplateVersionRecord } from "./state.ts";

/** A template by identifier or by name; the two have error names of their own. */
export function templateOf(
  { launchTemplates }: Ec2State,
  {
    LaunchTemplateId: id,
    LaunchTemplateName: name,
  }: { LaunchTemplateId?: string | undefined; LaunchTemplateName?: string | undefined },
): LaunchTemplateRecord {
  if (id === undefined && name === undefined) required(undefined, "LaunchTemplateId or LaunchTemplateName");
  if (id !== undefined && name !== undefined) {
    throw new AwsError(
      "InvalidParameterCombination",
      "The parameters LaunchTemplateId and LaunchTemplateName cannot be used together.",
    );
  }
  if (id === undefined) {
    const template = [...launchTemplates.values()].find((one) => one.name === name);
    if (template !== undefined) return template;
    throw new AwsError(
      "InvalidLaunchTemplateName.NotFoundException",
      "At least one of the launch templates specified in the request does not exist.",
    );
  }
  if (!/^lt-[0-9a-f]+$/.test(id)) {
    throw new AwsError("InvalidLaunchTemplateId.Malformed", `Invalid launch template ID: ${id}`);
  }
  const template = launchTemplates.get(id);
  if (template !== undefined) return template;
  throw new AwsError(
    "InvalidLaunchTemplateId.NotFound",
    `The specified launch template, with template ID ${id}, does not exist.`,
  );
}

/** A version by number or as `$Latest` or `$Default`. */
export function versionOf(template: LaunchTemplateRecord, version: string): LaunchTemplateVersionRecord {
  const record = template.versions.get(numberOf(template, version));
  if (record === undefined) throw versionNotFound(template, version);
  return record;
}

/** What a version is called by: its number, `$Latest` or `$Default`. */
export function numberOf(template: LaunchTemplateRecord, version: string): number {
  if (version === "$Default") return template.defaultNumber;
  if (version === "$Latest") return Math.max(...template.versions.keys());
  return Number(version);
}

export function versionNotFound(template: LaunchTemplateRecord, version: string): AwsError {
  return new AwsError(
    "InvalidLaunchTemplateId.VersionNotFound",
    `Could not find the specified version ${version} for the launch template with ID ${template.id}.`,
  );
}
