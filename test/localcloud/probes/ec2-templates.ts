import * as ec2 from "@aws-sdk/client-ec2";
import type { Sdk } from "../../support/sdk.ts";
import type { Probe } from "./probe.ts";

const REFERENCE = "EC2 API Reference";
const CODES = `${REFERENCE}, error codes`;
const VERSIONS = "EC2 User Guide, manage launch template versions";
const IMAGE = "ami-12345678";

interface At {
  readonly LaunchTemplateName: string;
}

async function template(sdk: Sdk, name: string, more: Partial<ec2.CreateLaunchTemplateCommandInput> = {}): Promise<At> {
  const LaunchTemplateName = `probe-${name}`;
  const LaunchTemplateData = { ImageId: IMAGE, InstanceType: "t3.micro" as const };
  await sdk.ec2.send(new ec2.CreateLaunchTemplateCommand({ LaunchTemplateName, LaunchTemplateData, ...more }));
  return { LaunchTemplateName };
}

async function version(sdk: Sdk, at: At, more: Partial<ec2.CreateLaunchTemplateVersionCommandInput> = {}) {
  const LaunchTemplateData = { InstanceType: "t3.small" as const };
  const input = { ...at, LaunchTemplateData, ...more };
  const answer = await sdk.ec2.send(new ec2.CreateLaunchTemplateVersionCommand(input));
  return answer.LaunchTemplateVersion!;
}

async function templateNow(sdk: Sdk, at: At): Promise<ec2.LaunchTemplate> {
  const names = { LaunchTemplateNames: [at.LaunchTemplateName] };
  return (await sdk.ec2.send(new ec2.DescribeLaunchTemplatesCommand(names))).LaunchTemplates![0]!;
}

async function versions(sdk: Sdk, input: ec2.DescribeLaunchTemplateVersionsCommandInput) {
  return (await sdk.ec2.send(new ec2.DescribeLaunchTemplateVersionsCommand(input))).LaunchTemplateVersions ?? [];
}

export const ec2TemplateProbes: readonly Probe[] = [
  {
    operation: "ec2:CreateLaunchTemplate",
    question: "of a name that is there",
    aws: "InvalidLaunchTemplateName.AlreadyExistsException",
    source: CODES,
    async ask(sdk) {
      for (const _ of [1, 2]) await template(sdk, "twice");
      return "accepted";
    },
  },
  {
    operation: "ec2:CreateLaunchTemplate",
    question: "of a name of two characters",
    aws: "InvalidLaunchTemplateName.MalformedException",
    source: CODES,
    async ask(sdk) {
      const LaunchTemplateData = { ImageId: IMAGE };
      await sdk.ec2.send(new ec2.CreateLaunchTemplateCommand({ LaunchTemplateName: "pw", LaunchTemplateData }));
      return "accepted";
    },
  },
  {
    operation: "ec2:CreateLaunchTemplate",
    question: "twice with the same client token",
    aws: "one",
    source: "EC2 Developer Guide, ensuring idempotency",
    async ask(sdk) {
      for (const _ of [1, 2]) await template(sdk, "token", { ClientToken: "probe-template" });
      return "one";
    },
  },
  {
    operation: "ec2:CreateLaunchTemplate",
    question: "tags given at birth are on it",
    aws: "green",
    source: `${REFERENCE}, CreateLaunchTemplate (TagSpecifications)`,
    async ask(sdk) {
      const Tags = [{ Key: "colour", Value: "green" }];
      const at = await template(sdk, "born", { TagSpecifications: [{ ResourceType: "launch-template", Tags }] });
      return (await templateNow(sdk, at)).Tags?.[0]?.Value ?? "none";
    },
  },
  {
    operation: "ec2:CreateLaunchTemplateVersion",
    question: "the default version stays, the latest is the new one",
    aws: "1, 2",
    source: VERSIONS,
    async ask(sdk) {
      const at = await template(sdk, "default");
      await version(sdk, at);
      const { DefaultVersionNumber, LatestVersionNumber } = await templateNow(sdk, at);
      return `${DefaultVersionNumber}, ${LatestVersionNumber}`;
    },
  },
  {
    operation: "ec2:CreateLaunchTemplateVersion",
    question: "without a source: what it has of the version before",
    aws: "nothing",
    source: `${REFERENCE}, CreateLaunchTemplateVersion (SourceVersion)`,
    async ask(sdk) {
      const { LaunchTemplateData } = await version(sdk, await template(sdk, "no-source"));
      return LaunchTemplateData?.ImageId ?? "nothing";
    },
  },
  {
    operation: "ec2:CreateLaunchTemplateVersion",
    question: "with a source: what it says wins, the rest is the source's",
    aws: `${IMAGE} t3.small`,
    source: `${REFERENCE}, CreateLaunchTemplateVersion (SourceVersion)`,
    async ask(sdk) {
      const { LaunchTemplateData } = await version(sdk, await template(sdk, "source"), { SourceVersion: "1" });
      return `${LaunchTemplateData?.ImageId ?? "no image"} ${LaunchTemplateData?.InstanceType}`;
    },
  },
  {
    operation: "ec2:CreateLaunchTemplateVersion",
    question: "twice with the same client token: the latest number",
    aws: "2",
    source: "EC2 Developer Guide, ensuring idempotency",
    async ask(sdk) {
      const at = await template(sdk, "version-token");
      for (const _ of [1, 2]) await version(sdk, at, { ClientToken: "probe-version" });
      return String((await templateNow(sdk, at)).LatestVersionNumber);
    },
  },
  {
    operation: "ec2:DescribeLaunchTemplates",
    question: "by a name that is not there",
    aws: "InvalidLaunchTemplateName.NotFoundException",
    source: CODES,
    async ask(sdk) {
      await templateNow(sdk, { LaunchTemplateName: "probe-none" });
      return "empty";
    },
  },
  {
    operation: "ec2:DescribeLaunchTemplates",
    question: "by a filter of which one name is there and one is not",
    aws: "probe-filtered",
    source: `${REFERENCE}, DescribeLaunchTemplates (Filters)`,
    async ask(sdk) {
      await template(sdk, "filtered");
      const Filters = [{ Name: "launch-template-name", Values: ["probe-filtered", "probe-none"] }];
      const { LaunchTemplates } = await sdk.ec2.send(new ec2.DescribeLaunchTemplatesCommand({ Filters }));
      return LaunchTemplates?.map(({ LaunchTemplateName }) => LaunchTemplateName).join() || "none";
    },
  },
  {
    operation: "ec2:DescribeLaunchTemplateVersions",
    question: "of `$Latest` and `$Default`",
    aws: "1, 3",
    source: `${REFERENCE}, DescribeLaunchTemplateVersions (Versions)`,
    async ask(sdk) {
      const at = await template(sdk, "latest");
      for (const _ of [2, 3]) await version(sdk, at);
      const found = await versions(sdk, { ...at, Versions: ["$Latest", "$Default"] });
      return found
        .map(({ VersionNumber }) => VersionNumber)
        .sort()
        .join(", ");
    },
  },
  {
    operation: "ec2:DescribeLaunchTemplateVersions",
    question: "`$Default` of all templates, none named",
    aws: "t3.micro",
    source: `${REFERENCE}, DescribeLaunchTemplateVersions (Versions)`,
    async ask(sdk) {
      const at = await template(sdk, "all");
      await version(sdk, at);
      const own = (await versions(sdk, { Versions: ["$Default"] })).filter(
        ({ LaunchTemplateName }) => LaunchTemplateName === at.LaunchTemplateName,
      );
      return own.map(({ LaunchTemplateData }) => LaunchTemplateData?.InstanceType).join() || "none";
    },
  },
  {
    operation: "ec2:DescribeLaunchTemplateVersions",
    question: "one that is not there",
    aws: "InvalidLaunchTemplateId.VersionNotFound",
    source: CODES,
    async ask(sdk) {
      const found = await versions(sdk, { ...(await template(sdk, "seven")), Versions: ["7"] });
      return found.length === 0 ? "empty" : "found";
    },
  },
  {
    operation: "ec2:DescribeLaunchTemplateVersions",
    question: "an image that was given as an SSM parameter",
    aws: "resolve:ssm:/probe/image",
    source: `${REFERENCE}, DescribeLaunchTemplateVersions (ResolveAlias)`,
    async ask(sdk) {
      const at = await template(sdk, "alias", { LaunchTemplateData: { ImageId: "resolve:ssm:/probe/image" } });
      const [found] = await versions(sdk, { ...at, Versions: ["$Default"] });
      return found?.LaunchTemplateData?.ImageId ?? "none";
    },
  },
  {
    operation: "ec2:ModifyLaunchTemplate",
    question: "to a version that is not there",
    aws: "InvalidLaunchTemplateId.VersionNotFound",
    source: CODES,
    async ask(sdk) {
      const at = await template(sdk, "modified");
      await sdk.ec2.send(new ec2.ModifyLaunchTemplateCommand({ ...at, DefaultVersion: "7" }));
      return "accepted";
    },
  },
  {
    operation: "ec2:ModifyLaunchTemplate",
    question: "to the second version: `$Default`",
    aws: "t3.small",
    source: `${REFERENCE}, ModifyLaunchTemplate`,
    async ask(sdk) {
      const at = await template(sdk, "moved");
      await version(sdk, at);
      await sdk.ec2.send(new ec2.ModifyLaunchTemplateCommand({ ...at, DefaultVersion: "2" }));
      const [found] = await versions(sdk, { ...at, Versions: ["$Default"] });
      return found?.LaunchTemplateData?.InstanceType ?? "none";
    },
  },
  {
    operation: "ec2:DeleteLaunchTemplateVersions",
    question: "the default version: kept, named as not deleted",
    aws: "named",
    source: `${REFERENCE}, DeleteLaunchTemplateVersions`,
    async ask(sdk) {
      const given = { ...(await template(sdk, "versions")), Versions: ["1"] };
      const answer = await sdk.ec2.send(new ec2.DeleteLaunchTemplateVersionsCommand(given));
      return answer.UnsuccessfullyDeletedLaunchTemplateVersions?.length ? "named" : "deleted";
    },
  },
  {
    operation: "ec2:DeleteLaunchTemplateVersions",
    question: "one that is not there: why it was not deleted",
    aws: "launchTemplateVersionDoesNotExist",
    source: `${REFERENCE}, ResponseError`,
    async ask(sdk) {
      const given = { ...(await template(sdk, "no-version")), Versions: ["7"] };
      const answer = await sdk.ec2.send(new ec2.DeleteLaunchTemplateVersionsCommand(given));
      return answer.UnsuccessfullyDeletedLaunchTemplateVersions?.[0]?.ResponseError?.Code ?? "not said";
    },
  },
  {
    operation: "ec2:DeleteLaunchTemplateVersions",
    question: "the number of a deleted version is not given again",
    aws: "3",
    source: VERSIONS,
    async ask(sdk) {
      const at = await template(sdk, "number");
      await version(sdk, at);
      await sdk.ec2.send(new ec2.DeleteLaunchTemplateVersionsCommand({ ...at, Versions: ["2"] }));
      return String((await version(sdk, at)).VersionNumber);
    },
  },
  {
    operation: "ec2:DeleteLaunchTemplate",
    question: "its versions afterwards",
    aws: "InvalidLaunchTemplateName.NotFoundException",
    source: `${REFERENCE}, DeleteLaunchTemplate; error codes`,
    async ask(sdk) {
      const at = await template(sdk, "deleted");
      await sdk.ec2.send(new ec2.DeleteLaunchTemplateCommand(at));
      return (await versions(sdk, at)).length === 0 ? "empty" : "still there";
    },
  },
];
