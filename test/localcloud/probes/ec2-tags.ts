import * as ec2 from "@aws-sdk/client-ec2";
import type { Sdk } from "../../support/sdk.ts";
import type { Probe } from "./probe.ts";
import { verdict } from "./refusal.ts";

const REFERENCE = "EC2 API Reference";

/** A launch template with these tags: what tags are asked of. */
async function tagged({ ec2: client }: Sdk, name: string, Tags: ec2.Tag[] = []): Promise<{ Resources: [string] }> {
  const LaunchTemplateData = { ImageId: "ami-12345678", InstanceType: "t3.micro" as const };
  const input = { LaunchTemplateName: `probe-tags-${name}`, LaunchTemplateData };
  const { LaunchTemplate } = await client.send(new ec2.CreateLaunchTemplateCommand(input));
  const Resources: [string] = [LaunchTemplate!.LaunchTemplateId!];
  if (Tags.length > 0) await client.send(new ec2.CreateTagsCommand({ Resources, Tags }));
  return { Resources };
}

async function tagsNow({ ec2: client }: Sdk, { Resources }: { Resources: [string] }): Promise<string> {
  const names = { LaunchTemplateIds: Resources };
  const { LaunchTemplates } = await client.send(new ec2.DescribeLaunchTemplatesCommand(names));
  const tags = LaunchTemplates?.[0]?.Tags ?? [];
  return tags.map(({ Key, Value }) => `${Key}=${Value}`).join(" ") || "none";
}

const green = { Key: "colour", Value: "green" };

export const ec2TagProbes: readonly Probe[] = [
  {
    operation: "ec2:CreateTags",
    question: "on a launch template: DescribeLaunchTemplates shows them",
    aws: "colour=green",
    source: `${REFERENCE}, CreateTags`,
    ask: async (sdk) => tagsNow(sdk, await tagged(sdk, "shown", [green])),
  },
  {
    operation: "ec2:CreateTags",
    question: "a second time: one key is overwritten, the others stay",
    aws: "colour=green size=large",
    source: `${REFERENCE}, CreateTags`,
    async ask(sdk) {
      const at = await tagged(sdk, "second", [green, { Key: "size", Value: "small" }]);
      await sdk.ec2.send(new ec2.CreateTagsCommand({ ...at, Tags: [{ Key: "size", Value: "large" }] }));
      return tagsNow(sdk, at);
    },
  },
  {
    operation: "ec2:CreateTags",
    question: "on a launch template that is not there",
    aws: "InvalidLaunchTemplateId.NotFound",
    source: `${REFERENCE}, error codes`,
    async ask(sdk) {
      await sdk.ec2.send(new ec2.CreateTagsCommand({ Resources: ["lt-0123456789abcdef0"], Tags: [green] }));
      return "accepted";
    },
  },
  {
    operation: "ec2:CreateTags",
    question: "a 51st",
    aws: "TagLimitExceeded",
    source: `${REFERENCE}, error codes`,
    async ask(sdk) {
      const many = Array.from({ length: 50 }, (_, index) => ({ Key: `key-${index}`, Value: "" }));
      const at = await tagged(sdk, "many", many);
      await sdk.ec2.send(new ec2.CreateTagsCommand({ ...at, Tags: [green] }));
      return "accepted";
    },
  },
  {
    operation: "ec2:CreateTags",
    question: "of a key that begins with `aws:`",
    aws: "refused",
    source: "EC2 User Guide, tag restrictions",
    async ask(sdk) {
      const at = await tagged(sdk, "reserved");
      return verdict(sdk.ec2.send(new ec2.CreateTagsCommand({ ...at, Tags: [{ Key: "aws:probe", Value: "" }] })));
    },
  },
  {
    operation: "ec2:DeleteTags",
    question: "with another value than the tag has: the tag",
    aws: "colour=green",
    source: `${REFERENCE}, DeleteTags (Tags)`,
    async ask(sdk) {
      const at = await tagged(sdk, "value", [green]);
      await sdk.ec2.send(new ec2.DeleteTagsCommand({ ...at, Tags: [{ Key: "colour", Value: "red" }] }));
      return tagsNow(sdk, at);
    },
  },
  {
    operation: "ec2:DeleteTags",
    question: "that names none: what stays",
    aws: "none",
    source: `${REFERENCE}, DeleteTags (Tags)`,
    async ask(sdk) {
      const at = await tagged(sdk, "all", [green, { Key: "size", Value: "small" }]);
      await sdk.ec2.send(new ec2.DeleteTagsCommand(at));
      return tagsNow(sdk, at);
    },
  },
];
