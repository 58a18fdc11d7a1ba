import type { RequestLaunchTemplateData, RunInstancesRequest, TagSpecification } from "@aws-sdk/client-ec2";
import { AwsError, type Call, type World } from "../../service.ts";
import type { Iam } from "../iam.ts";
import { checkSameWish, fingerprintOf } from "./client-tokens.ts";
import { required } from "./filters.ts";
import { imageOf } from "./images.ts";
import { announceLaunch } from "./instance-events.ts";
import { hasNetwork, type InstanceRecord } from "./instance-record.ts";
import { instanceType } from "./instance-types.ts";
import { byName, keyPairNotFound } from "./key-pairs.ts";
import { templateOf, versionOf } from "./launch-template-lookup.ts";
import { groupOf } from "./security-groups.ts";
import type { Ec2State, SubnetRecord } from "./state.ts";
import { tagsAtBirth } from "./tags.ts";

/** Checks the request as EC2 does and keeps the new instances; answers the identifier of their reservation. */
export function launch(world: World, state: Ec2State, input: RunInstancesRequest, call: Call): string {
  const token = tokenKey(state, input);
  const fingerprint = fingerprintOf(input);
  const before = token === undefined ? undefined : state.launches.get(token);
  if (before !== undefined) return sameAsBefore(state, before, fingerprint);

  const plan = planned(world, state, input, call);
  checkCapacity(world, plan);
  const reservationId = world.id("r-", 17);
  for (let launchIndex = 0; launchIndex < plan.count; launchIndex++) {
    const id = world.id("i-", 17);
    const addresses = {
      privateIp: freeAddress(world, state, plan.subnet),
      publicIp: plan.isPublic ? `203.0.113.${1 + (Number.parseInt(world.id("", 4), 16) % 254)}` : undefined,
      networkInterfaceId: world.id("eni-", 17),
      volumeId: world.id("vol-", 17),
    };
    const instance: InstanceRecord = {
      ...plan.properties,
      ...addresses,
      id,
      tags: new Map(plan.tags),
      reservationId,
      launchIndex,
      launchedAtMs: world.now(),
      end: undefined,
      subnetId: plan.subnet.id,
      clientToken: input.ClientToken,
      spotRequestId: plan.spot ? world.id("sir-", 8) : undefined,
    };
    state.instances.set(id, instance);
    announceLaunch(world, call, instance);
  }
  if (token !== undefined) state.launches.set(token, { fingerprint, reservationId });
  return reservationId;
}

/** Where AWS has been told to have none left. */
function checkCapacity(world: World, { spot, subnet, properties: { type } }: LaunchPlan): void {
  const facts = { instanceType: type, subnet: subnet.id, zone: subnet.zone, market: spot ? "spot" : "on-demand" };
  if (!world.mishaps.strikes("no-capacity", facts)) return;
  const message = spot
    ? "There is no Spot capacity available that matches your request."
    : `We currently do not have sufficient ${type} capacity in the Availability Zone you requested (${subnet.zone}). Our system will be working on provisioning additional capacity.`;
  throw new AwsError("InsufficientInstanceCapacity", message, { status: 500 });
}

/** A client token counts within the region or, where a subnet is named, within that subnet's zone. */
function tokenKey({ subnets }: Ec2State, { ClientToken, SubnetId }: RunInstancesRequest): string | undefined {
  if (ClientToken === undefined) return undefined;
  return `${SubnetId === undefined ? "" : (subnets.get(SubnetId)?.zone ?? "")} ${ClientToken}`;
}

function sameAsBefore(
  state: Ec2State,
  before: { fingerprint: string; reservationId: string },
  fingerprint: string,
): string {
  checkSameWish(before.fingerprint, fingerprint);
  const instances = [...state.instances.values()].filter((one) => one.reservationId === before.reservationId);
  if (instances.every(({ end }) => end !== undefined)) {
    throw new AwsError(
      "IdempotentInstanceTerminated",
      "The instances that were launched with this client token have been terminated.",
    );
  }
  return before.reservationId;
}

type Properties = Pick<
  InstanceRecord,
  | "type"
  | "imageId"
  | "securityGroupIds"
  | "keyName"
  | "profile"
  | "userData"
  | "httpTokens"
  | "httpHopLimit"
  | "disableApiTermination"
  | "shutdownBehavior"
>;

/** A launch as the request and its template together ask for it. */
export interface LaunchPlan {
  readonly count: number;
  readonly templateId: string | undefined;
  /** As it was given: an identifier, or `resolve:ssm:PARAMETER`. */
  readonly imageReference: string;
  /** The template's and the request's. */
  readonly tagSpecifications: readonly TagSpecification[];
  readonly subnet: SubnetRecord;
  readonly isPublic: boolean;
  readonly spot: boolean;
  readonly tags: ReadonlyMap<string, string>;
  readonly properties: Properties;
}

/** Checks the request as EC2 does, and launches nothing. */
export function planned(world: World, state: Ec2State, input: RunInstancesRequest, call: Call): LaunchPlan {
  const least = required(input.MinCount, "MinCount");
  const count = required(input.MaxCount, "MaxCount");
  if (least < 1 || count < least) {
    throw new AwsError("InvalidParameterValue", `Invalid value '${count}' for maxCount. Must be at least minCount.`);
  }
  const template = templateData(state, input);
  const wanted = { ...template.data, ...definedOf(input) };

  const image = imageOf(call, required(wanted.ImageId, "ImageId"));
  const type = wanted.InstanceType ?? "m1.small";
  const facts = instanceType(type);
  if (facts === undefined) throw new AwsError("InvalidParameterValue", `Invalid value '${type}' for InstanceType.`);
  if (facts.architecture !== image.architecture) {
    throw new AwsError(
      "InvalidParameterValue",
      `The architecture '${facts.architecture}' of the specified instance type does not match the architecture '${image.architecture}' of the specified AMI. Specify an instance type and an AMI that have matching architectures, and try again.`,
    );
  }
  if (wanted.KeyName !== undefined && byName(state.keyPairs, wanted.KeyName) === undefined) {
    throw keyPairNotFound(wanted.KeyName);
  }
  const network = networkOf(state, wanted, input.SubnetId);
  const tags = new Map([
    ...instanceTags(template.data.TagSpecifications as RunInstancesRequest["TagSpecifications"]),
    ...instanceTags(input.TagSpecifications),
    ...template.tags,
  ]);
  return {
    count,
    templateId: template.id,
    imageReference: wanted.ImageId!,
    tagSpecifications: [
      ...((template.data.TagSpecifications ?? []) as TagSpecification[]),
      ...(input.TagSpecifications ?? []),
    ],
    subnet: network.subnet,
    isPublic: network.isPublic,
    spot: wanted.InstanceMarketOptions?.MarketType === "spot",
    tags,
    properties: {
      type,
      imageId: image.id,
      securityGroupIds: network.securityGroupIds,
      keyName: wanted.KeyName,
      profile: profileOf(world, wanted.IamInstanceProfile, call),
      userData: wanted.UserData,
      httpTokens: wanted.MetadataOptions?.HttpTokens ?? "optional",
      httpHopLimit: wanted.MetadataOptions?.HttpPutResponseHopLimit ?? 1,
      disableApiTermination: wanted.DisableApiTermination ?? false,
      shutdownBehavior: wanted.InstanceInitiatedShutdownBehavior ?? "stop",
    },
  };
}

/** What the template says, and the tags by which AWS marks instances that came from one. */
function templateData(
  state: Ec2State,
  { LaunchTemplate }: RunInstancesRequest,
): { id: string | undefined; data: RequestLaunchTemplateData; tags: Map<string, string> } {
  if (LaunchTemplate === undefined) return { id: undefined, data: {}, tags: new Map() };
  const template = templateOf(state, LaunchTemplate);
  const version = versionOf(template, LaunchTemplate.Version ?? "$Default");
  return {
    id: template.id,
    data: version.data,
    tags: new Map([
      ["aws:ec2launchtemplate:id", template.id],
      ["aws:ec2launchtemplate:version", String(version.number)],
    ]),
  };
}

/** Of the request only what it really says: an absent member must not hide the template's. */
function definedOf(input: RunInstancesRequest): RequestLaunchTemplateData {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
}

function instanceTags(specifications: RunInstancesRequest["TagSpecifications"]): Map<string, string> {
  return tagsAtBirth(specifications, "instance", ["instance", "volume", "network-interface", "spot-instances-request"]);
}

function networkOf(
  state: Ec2State,
  wanted: RequestLaunchTemplateData,
  subnetId: string | undefined,
): { subnet: SubnetRecord; securityGroupIds: string[]; isPublic: boolean } {
  const [card] = wanted.NetworkInterfaces ?? [];
  const groupsGiven = (wanted.SecurityGroupIds ?? []).length + (wanted.SecurityGroups ?? []).length > 0;
  if (card !== undefined && (subnetId !== undefined || groupsGiven)) {
    const what = subnetId !== undefined ? "an instance-level subnet ID" : "an instance-level security groups";
    throw new AwsError(
      "InvalidParameterCombination",
      `Network interfaces and ${what} may not be specified on the same request`,
    );
  }
  const subnet = subnetOf(state, subnetId ?? card?.SubnetId, wanted.Placement?.AvailabilityZone);
  const securityGroupIds = [
    ...(card?.Groups ?? wanted.SecurityGroupIds ?? []).map((GroupId) => groupOf(state, { GroupId })),
    ...(wanted.SecurityGroups ?? []).map((GroupName) => groupOf(state, { GroupName })),
  ].map((group) => {
    if (group.vpcId === subnet.vpcId) return group.id;
    throw new AwsError(
      "InvalidParameter",
      `Security group ${group.id} and subnet ${subnet.id} belong to different networks.`,
    );
  });
  const defaultGroup = groupOf(state, { GroupName: "default" }).id;
  return {
    subnet,
    securityGroupIds: securityGroupIds.length > 0 ? [...new Set(securityGroupIds)] : [defaultGroup],
    isPublic: card?.AssociatePublicIpAddress ?? true,
  };
}

function subnetOf({ subnets }: Ec2State, id: string | undefined, zone: string | undefined): SubnetRecord {
  if (id !== undefined) {
    const subnet = subnets.get(id);
    if (subnet === undefined) throw new AwsError("InvalidSubnetID.NotFound", `The subnet ID '${id}' does not exist`);
    return subnet;
  }
  const subnet = [...subnets.values()].find((one) => zone === undefined || one.zone === zone);
  if (subnet === undefined) throw new AwsError("InvalidParameterValue", `Invalid availability zone: [${zone}]`);
  return subnet;
}

function profileOf(
  world: World,
  wanted: { Name?: string | undefined; Arn?: string | undefined } | undefined,
  call: Call,
): InstanceRecord["profile"] {
  if (wanted === undefined) return undefined;
  const [member, value] = wanted.Arn === undefined ? ["name", wanted.Name ?? ""] : ["arn", wanted.Arn];
  const invalid = new AwsError(
    "InvalidParameterValue",
    `Value (${value}) for parameter iamInstanceProfile.${member} is invalid. Invalid IAM Instance Profile ${member === "arn" ? "ARN" : "name"}`,
  );
  const profile = world.service<Iam>("iam").instanceProfile(call.account, value);
  if (profile === undefined) throw invalid;
  if (profile.roleArn === undefined) {
    throw new AwsError("InvalidParameterValue", `IAM Instance Profile "${profile.arn}" has no associated IAM Roles`);
  }
  return { Arn: profile.arn, Id: profile.id };
}

/** Addresses are drawn from the world's identifiers, so that a run can be repeated. */
function freeAddress(world: World, { instances }: Ec2State, subnet: SubnetRecord): string {
  const taken = new Set(
    [...instances.values()]
      .filter((one) => one.subnetId === subnet.id && hasNetwork(one, world.now()))
      .map((one) => one.privateIp),
  );
  if (taken.size >= 4096 - 5) {
    throw new AwsError(
      "InsufficientFreeAddressesInSubnet",
      `There are not enough free addresses in subnet '${subnet.id}' to satisfy the requested number of instances.`,
    );
  }
  const third = Number(subnet.cidr.split(".")[2]);
  for (let host = Number.parseInt(world.id("", 3), 16); ; host++) {
    const within = 4 + (host % (4096 - 5));
    const address = `172.31.${third + Math.floor(within / 256)}.${within % 256}`;
    if (!taken.has(address)) return address;
  }
}
