import type { HttpTokensState, Instance, InstanceStateName, ShutdownBehavior } from "@aws-sdk/client-ec2";
import type { Place } from "../regions.ts";
import { tagsToList } from "../tags.ts";
import { instanceType } from "./instance-types.ts";
import type { Ec2State } from "./state.ts";

export interface InstanceRecord {
  readonly id: string;
  readonly tags: Map<string, string>;
  readonly reservationId: string;
  /** Position among the instances of one request. */
  readonly launchIndex: number;
  readonly launchedAtMs: number;
  /** When it was told to end; undefined while nobody has. */
  end: { readonly atMs: number; readonly code: string; readonly message: string } | undefined;
  readonly type: string;
  readonly imageId: string;
  readonly subnetId: string;
  securityGroupIds: readonly string[];
  readonly keyName: string | undefined;
  readonly profile: { readonly Arn: string; readonly Id: string } | undefined;
  /** Base64, as it was given. */
  readonly userData: string | undefined;
  readonly privateIp: string;
  readonly publicIp: string | undefined;
  readonly networkInterfaceId: string;
  readonly volumeId: string;
  /** The request's identifier where the instance was bought on the Spot market. */
  readonly spotRequestId: string | undefined;
  readonly clientToken: string | undefined;
  readonly httpTokens: HttpTokensState;
  readonly httpHopLimit: number;
  disableApiTermination: boolean;
  shutdownBehavior: ShutdownBehavior;
}

/** What a client token of RunInstances asked for, to tell the same wish from another. */
export interface Launch {
  readonly fingerprint: string;
  readonly reservationId: string;
}

/** From the request to `running`, from the end to `terminated`, and how long an ended instance can still be seen. */
export const PENDING_MS = 2_000;
export const SHUTTING_DOWN_MS = 2_000;
export const VISIBLE_AFTER_END_MS = 3_600_000;

const STATE_CODES: Readonly<Partial<Record<InstanceStateName, number>>> = {
  pending: 0,
  running: 16,
  "shutting-down": 32,
  terminated: 48,
};

/** State follows from the clock alone, so there is nothing to keep up to date. */
export function stateOf({ launchedAtMs, end }: InstanceRecord, now: number): InstanceStateName {
  if (end !== undefined) return now - end.atMs < SHUTTING_DOWN_MS ? "shutting-down" : "terminated";
  return now - launchedAtMs < PENDING_MS ? "pending" : "running";
}

/** An hour after its end an instance is forgotten. */
export function isVisible({ end }: InstanceRecord, now: number): boolean {
  return end === undefined || now - end.atMs < VISIBLE_AFTER_END_MS;
}

/** While it does, its address is taken and its security groups cannot be deleted. */
export function hasNetwork(instance: InstanceRecord, now: number): boolean {
  return stateOf(instance, now) !== "terminated";
}

export function answeredState(instance: InstanceRecord, now: number): { Code: number; Name: InstanceStateName } {
  const Name = stateOf(instance, now);
  return { Code: STATE_CODES[Name]!, Name };
}

export function answeredInstance(instance: InstanceRecord, state: Ec2State, now: number): Instance {
  const { place } = state;
  const facts = instanceType(instance.type)!;
  const subnet = state.subnets.get(instance.subnetId)!;
  const live = hasNetwork(instance, now);
  const launchTime = new Date(instance.launchedAtMs);
  const groups = instance.securityGroupIds.map((GroupId) => ({
    GroupId,
    GroupName: state.securityGroups.get(GroupId)?.name,
  }));
  return {
    InstanceId: instance.id,
    ImageId: instance.imageId,
    InstanceType: instance.type as Instance["InstanceType"],
    Architecture: facts.architecture,
    State: answeredState(instance, now),
    StateReason: instance.end === undefined ? undefined : { Code: instance.end.code, Message: instance.end.message },
    StateTransitionReason: transitionReason(instance),
    LaunchTime: launchTime,
    AmiLaunchIndex: instance.launchIndex,
    KeyName: instance.keyName,
    IamInstanceProfile: instance.profile,
    ClientToken: instance.clientToken ?? "",
    InstanceLifecycle: instance.spotRequestId === undefined ? undefined : "spot",
    SpotInstanceRequestId: instance.spotRequestId,
    Placement: { AvailabilityZone: subnet.zone, AvailabilityZoneId: subnet.zoneId, GroupName: "", Tenancy: "default" },
    Monitoring: { State: "disabled" },
    EbsOptimized: false,
    EnaSupport: true,
    Hypervisor: "xen",
    VirtualizationType: "hvm",
    PlatformDetails: "Linux/UNIX",
    ProductCodes: [],
    SourceDestCheck: live ? true : undefined,
    RootDeviceName: "/dev/xvda",
    RootDeviceType: "ebs",
    CpuOptions: {
      CoreCount: facts.architecture === "arm64" ? facts.vcpus : Math.max(1, facts.vcpus / 2),
      ThreadsPerCore: facts.architecture === "arm64" || facts.vcpus === 1 ? 1 : 2,
    },
    MetadataOptions: {
      State: "applied",
      HttpTokens: instance.httpTokens,
      HttpPutResponseHopLimit: instance.httpHopLimit,
      HttpEndpoint: "enabled",
      HttpProtocolIpv6: "disabled",
      InstanceMetadataTags: "disabled",
    },
    PrivateDnsName: live ? privateName(instance, place) : "",
    PublicDnsName: live && instance.publicIp !== undefined ? publicName(instance.publicIp, place) : "",
    // An ended instance keeps its tags and its type, and loses its network and its discs.
    ...(live
      ? {
          SubnetId: subnet.id,
          VpcId: subnet.vpcId,
          PrivateIpAddress: instance.privateIp,
          PublicIpAddress: instance.publicIp,
        }
      : {}),
    SecurityGroups: live ? groups : [],
    NetworkInterfaces: live ? [networkInterface(instance, state, groups)] : [],
    BlockDeviceMappings: live
      ? [
          {
            DeviceName: "/dev/xvda",
            Ebs: { AttachTime: launchTime, DeleteOnTermination: true, Status: "attached", VolumeId: instance.volumeId },
          },
        ]
      : [],
    Tags: tagsToList(instance.tags),
  };
}

/** For example `User initiated (2026-01-01 00:00:00 GMT)`; empty while the instance lives. */
function transitionReason({ end }: InstanceRecord): string {
  if (end === undefined) return "";
  return `User initiated (${new Date(end.atMs).toISOString().slice(0, 19).replace("T", " ")} GMT)`;
}

function privateName({ privateIp }: InstanceRecord, { region }: Place): string {
  return `ip-${privateIp.replaceAll(".", "-")}.${region === "us-east-1" ? "ec2" : `${region}.compute`}.internal`;
}

function publicName(ip: string, { region }: Place): string {
  return `ec2-${ip.replaceAll(".", "-")}.${region === "us-east-1" ? "compute-1" : `${region}.compute`}.amazonaws.com`;
}

function networkInterface(
  instance: InstanceRecord,
  { place, subnets }: Ec2State,
  Groups: { GroupId: string; GroupName: string | undefined }[],
): NonNullable<Instance["NetworkInterfaces"]>[number] {
  return {
    NetworkInterfaceId: instance.networkInterfaceId,
    OwnerId: place.account,
    SubnetId: instance.subnetId,
    VpcId: subnets.get(instance.subnetId)!.vpcId,
    Status: "in-use",
    InterfaceType: "interface",
    PrivateIpAddress: instance.privateIp,
    PrivateIpAddresses: [{ Primary: true, PrivateIpAddress: instance.privateIp }],
    Ipv6Addresses: [],
    Groups,
    Attachment: {
      AttachTime: new Date(instance.launchedAtMs),
      DeleteOnTermination: true,
      DeviceIndex: 0,
      Status: "attached",
    },
  };
}
