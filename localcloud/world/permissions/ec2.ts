import type { RunInstancesRequest } from "@aws-sdk/client-ec2";
import { arn } from "../../services/arn.ts";
import { instanceArn } from "../../services/ec2/instances.ts";
import { launchTemplateArn } from "../../services/ec2/launch-templates.ts";
import type { LaunchPlan } from "../../services/ec2/run-instances.ts";
import type { Ec2 } from "../../services/ec2.ts";
import type { Iam } from "../../services/iam.ts";
import { tagsFromList } from "../../services/tags.ts";
import type { Need } from "../policy/evaluate.ts";
import { type Ask, type NeedsOf, requestTags } from "./ask.ts";
import { passRole } from "./ecs.ts";

/** EC2's operations on several resources at once. All that describe are about `*`. */
export const ec2Needs: NeedsOf = {
  RunInstances: launchNeeds,
  TerminateInstances: ({ input, call }) =>
    (input.InstanceIds ?? []).map((id: string) => ({
      action: "ec2:TerminateInstances",
      resource: instanceArn(call, id),
    })),
  CreateTags: onEachTagged,
  DeleteTags: onEachTagged,
  // A group comes into being in a network, which must be allowed, too.
  CreateSecurityGroup: ({ input, call }) => [
    { action: "ec2:CreateSecurityGroup", resource: arn("ec2", call.region, call.account, "security-group/*") },
    { action: "ec2:CreateSecurityGroup", resource: arn("ec2", call.region, call.account, `vpc/${input.VpcId ?? "*"}`) },
  ],
};

function onEachTagged({ input, call, operation }: Ask): Need[] {
  return (input.Resources ?? []).map((id: string) => ({
    action: `ec2:${operation}`,
    resource: arn("ec2", call.region, call.account, `${TYPES[id.split("-")[0]!] ?? "*"}/${id}`),
    context: requestTags(tagsFromList(input.Tags)),
  }));
}

const TYPES: Readonly<Record<string, string>> = {
  i: "instance",
  sg: "security-group",
  lt: "launch-template",
  key: "key-pair",
  subnet: "subnet",
  vpc: "vpc",
  vol: "volume",
};

/**
 * A launch is about everything that takes part in it, and each must be allowed; what is only coming into being is `*`.
 * Beside it: the tags, the role of the profile, and the public parameter that names the image.
 */
function launchNeeds({ world, input, call }: Ask): Need[] {
  const plan = world.service<Ec2>("ec2").planOf(input as RunInstancesRequest, call);
  const own = (rest: string) => arn("ec2", call.region, call.account, rest);
  const template = plan.templateId === undefined ? undefined : launchTemplateArn(call, plan.templateId);
  const tagged = new Map(plan.tagSpecifications.map((one) => [one.ResourceType, tagsFromList(one.Tags)]));
  const { properties } = plan;
  const existing = [
    ...(template === undefined ? [] : [template]),
    own(`subnet/${plan.subnet.id}`),
    ...properties.securityGroupIds.map((id) => own(`security-group/${id}`)),
    ...(properties.keyName === undefined ? [] : [own(`key-pair/${properties.keyName}`)]),
    arn("ec2", call.region, "", `image/${properties.imageId}`),
  ];
  const context = (isFromTemplate: boolean) => ({
    "ec2:launchtemplate": template === undefined ? undefined : [template],
    "ec2:islaunchtemplateresource": template === undefined ? undefined : [String(isFromTemplate)],
    "ec2:instancetype": [properties.type],
    "ec2:instancemarkettype": [plan.spot ? "spot" : "on-demand"],
    "ec2:metadatahttptokens": [properties.httpTokens],
  });
  // A Spot request counts as a resource of the launch only where it is given tags.
  const newcomers = [
    "instance",
    "volume",
    "network-interface",
    ...(tagged.has("spot-instances-request") ? ["spot-instances-request"] : []),
  ];
  const launches = [
    ...existing.map((resource) => ({ resource, context: context(isOfTemplate(resource, input, plan)) })),
    ...newcomers.map((type) => ({
      resource: own(`${type}/*`),
      context: { ...context(false), ...requestTags(tagged.get(type as "instance") ?? new Map()) },
    })),
  ];
  return [
    ...launches.map((launch): Need => ({ action: "ec2:RunInstances", ...launch })),
    ...[...tagged].map(
      ([type, tags]): Need => ({
        action: "ec2:CreateTags",
        resource: own(`${type}/*`),
        context: { ...requestTags(tags), "ec2:createaction": ["RunInstances"] },
      }),
    ),
    ...imageNeeds(plan, call.region),
    ...profileNeeds(world.service<Iam>("iam"), call.account, properties.profile?.Arn),
  ];
}

/** The request overrides the template: what it names itself is not the template's. */
function isOfTemplate(resource: string, input: RunInstancesRequest, plan: LaunchPlan): boolean {
  if (plan.templateId === undefined) return false;
  if (resource.includes(":subnet/")) return input.SubnetId === undefined;
  if (resource.includes(":security-group/")) return input.SecurityGroupIds === undefined;
  if (resource.includes(":key-pair/")) return input.KeyName === undefined;
  if (resource.includes(":image/")) return input.ImageId === undefined;
  return true;
}

function imageNeeds({ imageReference }: LaunchPlan, region: string): Need[] {
  const parameter = /^resolve:ssm:(\/[^:]+)/.exec(imageReference)?.[1];
  if (parameter === undefined) return [];
  return [{ action: "ssm:GetParameters", resource: arn("ssm", region, "", `parameter${parameter}`) }];
}

function profileNeeds(iam: Iam, account: string, profileArn: string | undefined): Need[] {
  const role = profileArn === undefined ? undefined : iam.instanceProfile(account, profileArn)?.roleArn;
  return role === undefined ? [] : [passRole(role, "ec2.amazonaws.com")];
}
