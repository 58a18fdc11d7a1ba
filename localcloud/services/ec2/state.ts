import type { ImportKeyPairResult, KeyType, RequestLaunchTemplateData } from "@aws-sdk/client-ec2";
import type { World } from "../../service.ts";
import type { Place } from "../regions.ts";
import type { TokenUse } from "./client-tokens.ts";
import type { InstanceRecord, Launch } from "./instance-record.ts";
import type { SecurityGroupRecord } from "./security-group-rules.ts";

/** All that EC2 knows in one account and region. Every record carries its own tags, keyed by the identifier. */
export interface Ec2State {
  readonly place: Place;
  readonly vpcs: Map<string, VpcRecord>;
  readonly subnets: Map<string, SubnetRecord>;
  readonly keyPairs: Map<string, KeyPairRecord>;
  readonly securityGroups: Map<string, SecurityGroupRecord>;
  readonly launchTemplates: Map<string, LaunchTemplateRecord>;
  readonly instances: Map<string, InstanceRecord>;
  /** What each client token of RunInstances once asked for and got. */
  readonly launches: Map<string, Launch>;
}

interface Tagged {
  readonly id: string;
  readonly tags: Map<string, string>;
}

export interface VpcRecord extends Tagged {
  readonly cidr: string;
  readonly isDefault: boolean;
}

export interface SubnetRecord extends Tagged {
  readonly vpcId: string;
  readonly cidr: string;
  readonly zone: string;
  readonly zoneId: string;
}

export interface KeyPairRecord extends Tagged {
  readonly name: string;
  readonly type: KeyType;
  readonly fingerprint: NonNullable<ImportKeyPairResult["KeyFingerprint"]>;
  /** In OpenSSH's form. */
  readonly publicKey: string;
  readonly createdAt: Date;
}

export interface LaunchTemplateRecord extends Tagged {
  readonly name: string;
  readonly createdAt: Date;
  readonly versions: Map<number, LaunchTemplateVersionRecord>;
  /** Highest number ever given out: deleted numbers never return. */
  latestNumber: number;
  defaultNumber: number;
  /** By which a repeated CreateLaunchTemplate finds what it has made. */
  readonly use?: TokenUse | undefined;
}

export interface LaunchTemplateVersionRecord {
  readonly number: number;
  readonly description: string | undefined;
  readonly createdAt: Date;
  readonly data: RequestLaunchTemplateData;
  /** By which a repeated CreateLaunchTemplateVersion finds what it has made. */
  readonly use?: TokenUse | undefined;
}

const ZONES = ["a", "b", "c"];

/** A new account's region: a default VPC with a subnet in each of three zones, and the group `default`. */
export function newState(world: World, place: Place): Ec2State {
  const vpc: VpcRecord = { id: world.id("vpc-", 17), tags: new Map(), cidr: "172.31.0.0/16", isDefault: true };
  const subnets = ZONES.map(
    (letter, index): SubnetRecord => ({
      id: world.id("subnet-", 17),
      tags: new Map(),
      vpcId: vpc.id,
      cidr: `172.31.${index * 16}.0/20`,
      zone: place.region + letter,
      zoneId: `${zoneIdPrefix(place.region)}-az${index + 1}`,
    }),
  );
  const groupId = world.id("sg-", 17);
  const defaultGroup: SecurityGroupRecord = {
    id: groupId,
    tags: new Map(),
    name: "default",
    description: "default VPC security group",
    vpcId: vpc.id,
    rules: [
      { id: world.id("sgr-", 17), egress: false, protocol: "-1", peer: { groupId }, tags: new Map() },
      { id: world.id("sgr-", 17), egress: true, protocol: "-1", peer: { cidr4: "0.0.0.0/0" }, tags: new Map() },
    ],
  };
  return {
    place,
    vpcs: new Map([[vpc.id, vpc]]),
    subnets: new Map(subnets.map((subnet) => [subnet.id, subnet])),
    keyPairs: new Map(),
    securityGroups: new Map([[groupId, defaultGroup]]),
    launchTemplates: new Map(),
    instances: new Map(),
    launches: new Map(),
  };
}

/** `us-east-1` is `use1`, `ap-southeast-2` is `apse2`. */
function zoneIdPrefix(region: string): string {
  return region.replace(/north|south|east|west|central/g, (direction) => direction.slice(0, 1)).replaceAll("-", "");
}
