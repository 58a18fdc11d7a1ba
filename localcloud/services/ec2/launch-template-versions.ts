import type {
  CreateLaunchTemplateVersionRequest,
  CreateLaunchTemplateVersionResult,
  DeleteLaunchTemplateVersionsRequest,
  DeleteLaunchTemplateVersionsResponseErrorItem,
  DeleteLaunchTemplateVersionsResult,
  DescribeLaunchTemplateVersionsRequest,
  DescribeLaunchTemplateVersionsResult,
  LaunchTemplateVersion,
  RequestLaunchTemplateData,
  ResponseLaunchTemplateData,
} from "@aws-sdk/client-ec2";
import { callerArn } from "../../caller.ts";
import { AwsError, type Call, type Operation, type World } from "../../service.ts";
import type { Place, Regional } from "../regions.ts";
import { madeBefore, useOf } from "./client-tokens.ts";
import { describedPage, filtered, required } from "./filters.ts";
import { numberOf, templateOf, versionNotFound, versionOf } from "./launch-template-lookup.ts";
import type { Ec2State, LaunchTemplateRecord, LaunchTemplateVersionRecord } from "./state.ts";

export function launchTemplateVersionOperations(states: Regional<Ec2State>, world: World): Record<string, Operation> {
  return {
    /** The default version stays what it was: only ModifyLaunchTemplate moves it. */
    CreateLaunchTemplateVersion(
      input: CreateLaunchTemplateVersionRequest,
      call: Call,
    ): CreateLaunchTemplateVersionResult {
      const template = templateOf(states.in(call), input);
      const given = checkedData(input.LaunchTemplateData);
      const before = madeBefore(template.versions.values(), input);
      if (before !== undefined) return { LaunchTemplateVersion: answeredVersion(template, before, call) };
      const source = input.SourceVersion === undefined ? undefined : versionOf(template, input.SourceVersion).data;
      const number = template.latestNumber + 1;
      const version: LaunchTemplateVersionRecord = {
        number,
        description: input.VersionDescription,
        createdAt: new Date(world.now()),
        data: { ...source, ...given },
        use: useOf(input),
      };
      template.versions.set(number, version);
      template.latestNumber = number;
      return { LaunchTemplateVersion: answeredVersion(template, version, call) };
    },

    /**
     * With a template: all its versions or those asked for, the newest first. Without one: `$Latest` or `$Default` (or
     * both) of every template.
     */
    DescribeLaunchTemplateVersions(
      input: DescribeLaunchTemplateVersionsRequest,
      call: Call,
    ): DescribeLaunchTemplateVersionsResult {
      const state = states.in(call);
      const one = input.LaunchTemplateId !== undefined || input.LaunchTemplateName !== undefined;
      if (!one && (input.Versions ?? []).length === 0) required(undefined, "LaunchTemplateId or LaunchTemplateName");
      if (!one && input.Versions!.some((version) => version !== "$Latest" && version !== "$Default")) {
        throw new AwsError(
          "InvalidParameterCombination",
          "Without a launch template, the versions can only be $Latest and $Default.",
        );
      }
      const templates = one ? [templateOf(state, input)] : [...state.launchTemplates.values()];
      const candidates = templates.flatMap((template) => {
        const asked = (input.Versions ?? []).map((version) => versionOf(template, version));
        const versions = asked.length > 0 ? [...new Set(asked)] : [...template.versions.values()];
        return versions
          .filter(
            ({ number }) => number >= Number(input.MinVersion ?? 0) && number <= Number(input.MaxVersion ?? Infinity),
          )
          .map((version) => ({
            template,
            version,
            // Sorts by template, then from the newest version to the oldest.
            id: `${template.id} ${String(1e6 - version.number)}`,
            tags: template.tags,
          }));
      });
      const found = filtered(candidates, input.Filters, {
        "is-default-version": ({ template, version }) => [version.number === template.defaultNumber],
        "image-id": ({ version }) => [version.data.ImageId],
        "instance-type": ({ version }) => [version.data.InstanceType],
        "iam-instance-profile": ({ version }) => [
          version.data.IamInstanceProfile?.Name ?? version.data.IamInstanceProfile?.Arn,
        ],
        "create-time": ({ version }) => [version.createdAt.toISOString()],
      });
      const page = describedPage(found, input, { least: 1, most: 200 });
      return {
        LaunchTemplateVersions: page.items.map(({ template, version }) => answeredVersion(template, version, call)),
        NextToken: page.next,
      };
    },

    DeleteLaunchTemplateVersions(
      input: DeleteLaunchTemplateVersionsRequest,
      call: Call,
    ): DeleteLaunchTemplateVersionsResult {
      const template = templateOf(states.in(call), input);
      const versions = required(input.Versions, "LaunchTemplateVersion");
      if (versions.length > 200) {
        throw new AwsError("InvalidParameterValue", "At most 200 versions can be deleted in a single request.");
      }
      const deleted: NonNullable<DeleteLaunchTemplateVersionsResult["SuccessfullyDeletedLaunchTemplateVersions"]> = [];
      const failed: DeleteLaunchTemplateVersionsResponseErrorItem[] = [];
      for (const version of versions) {
        const number = numberOf(template, version);
        const what = { LaunchTemplateId: template.id, LaunchTemplateName: template.name, VersionNumber: number };
        if (number === template.defaultNumber) {
          const Message = "The default version of a launch template cannot be deleted.";
          failed.push({ ...what, ResponseError: { Code: "unexpectedError", Message } });
        } else if (template.versions.delete(number)) {
          deleted.push(what);
        } else {
          const Message = versionNotFound(template, version).message;
          failed.push({ ...what, ResponseError: { Code: "launchTemplateVersionDoesNotExist", Message } });
        }
      }
      return {
        SuccessfullyDeletedLaunchTemplateVersions: deleted,
        UnsuccessfullyDeletedLaunchTemplateVersions: failed,
      };
    },
  };
}

export function answeredVersion(
  template: LaunchTemplateRecord,
  version: LaunchTemplateVersionRecord,
  place: Place,
): LaunchTemplateVersion {
  return {
    LaunchTemplateId: template.id,
    LaunchTemplateName: template.name,
    VersionNumber: version.number,
    VersionDescription: version.description,
    CreateTime: version.createdAt,
    CreatedBy: callerArn(place),
    DefaultVersion: version.number === template.defaultNumber,
    LaunchTemplateData: structuredClone(version.data) as ResponseLaunchTemplateData,
  };
}

/** Template data as it may be kept: there at all, and with user data that is base64. */
export function checkedData(data: RequestLaunchTemplateData | undefined): RequestLaunchTemplateData {
  const { UserData } = required(data, "LaunchTemplateData");
  if (UserData !== undefined) {
    const bytes = Buffer.from(UserData, "base64");
    if (bytes.toString("base64").replaceAll("=", "") !== UserData.replaceAll(/[\s=]/g, "")) {
      throw new AwsError("InvalidUserData.Malformed", "Invalid BASE64 encoding of user data.");
    }
    if (bytes.length > 16384) throw new AwsError("InvalidUserData.Malformed", "User data is limited to 16384 bytes");
  }
  return structuredClone(data!);
}
