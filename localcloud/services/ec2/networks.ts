import type {
  DescribeRegionsRequest,
  DescribeRegionsResult,
  DescribeSubnetsRequest,
  DescribeSubnetsResult,
  DescribeVpcsRequest,
  DescribeVpcsResult,
} from "@aws-sdk/client-ec2";
import { AwsError, type Call, type Operation } from "../../service.ts";
import { arn } from "../arn.ts";
import type { Regional } from "../regions.ts";
import { tagsToList } from "../tags.ts";
import { describedPage, filtered } from "./filters.ts";
import { hasNetwork } from "./instance-record.ts";
import type { Ec2State, SubnetRecord, VpcRecord } from "./state.ts";

/** Regions that are enabled in a new account, from the AWS general reference. */
const REGIONS = [
  "ap-northeast-1",
  "ap-northeast-2",
  "ap-northeast-3",
  "ap-south-1",
  "ap-southeast-1",
  "ap-southeast-2",
  "ca-central-1",
  "eu-central-1",
  "eu-north-1",
  "eu-west-1",
  "eu-west-2",
  "eu-west-3",
  "sa-east-1",
  "us-east-1",
  "us-east-2",
  "us-west-1",
  "us-west-2",
];

/** Regions, and the VPC with its subnets that every account has from the start. */
export function networkOperations(states: Regional<Ec2State>, now: () => number): Record<string, Operation> {
  return {
    DescribeRegions(input: DescribeRegionsRequest): DescribeRegionsResult {
      const unknown = input.RegionNames?.find((name) => !REGIONS.includes(name));
      if (unknown !== undefined) throw new AwsError("InvalidParameterValue", `Invalid region provided: ${unknown}`);
      const all = REGIONS.filter((name) => input.RegionNames?.includes(name) ?? true).map((name) => ({
        name,
        endpoint: `ec2.${name}.amazonaws.com`,
        tags: new Map<string, string>(),
      }));
      const found = filtered(all, input.Filters, {
        "region-name": (region) => [region.name],
        endpoint: (region) => [region.endpoint],
        "opt-in-status": () => ["opt-in-not-required"],
      });
      return {
        Regions: found.map(({ name, endpoint }) => ({
          RegionName: name,
          Endpoint: endpoint,
          OptInStatus: "opt-in-not-required",
        })),
      };
    },

    DescribeVpcs(input: DescribeVpcsRequest, call: Call): DescribeVpcsResult {
      const { vpcs } = states.in(call);
      const absent = input.VpcIds?.find((id) => !vpcs.has(id));
      if (absent !== undefined) throw new AwsError("InvalidVpcID.NotFound", `The vpc ID '${absent}' does not exist`);
      const named = [...vpcs.values()].filter(({ id }) => input.VpcIds?.includes(id) ?? true);
      const found = filtered(named, input.Filters, {
        "vpc-id": (vpc) => [vpc.id],
        cidr: (vpc) => [vpc.cidr],
        "cidr-block-association.cidr-block": (vpc) => [vpc.cidr],
        "is-default": (vpc) => [vpc.isDefault],
        isDefault: (vpc) => [vpc.isDefault],
        state: () => ["available"],
        "owner-id": () => [call.account],
      });
      const page = describedPage(found, input, { least: 5, most: 1000 });
      return { Vpcs: page.items.map((vpc) => answeredVpc(vpc, call)), NextToken: page.next };
    },

    DescribeSubnets(input: DescribeSubnetsRequest, call: Call): DescribeSubnetsResult {
      const state = states.in(call);
      const absent = input.SubnetIds?.find((id) => !state.subnets.has(id));
      if (absent !== undefined) {
        throw new AwsError("InvalidSubnetID.NotFound", `The subnet ID '${absent}' does not exist`);
      }
      const named = [...state.subnets.values()].filter(({ id }) => input.SubnetIds?.includes(id) ?? true);
      const found = filtered(named, input.Filters, {
        "subnet-id": (subnet) => [subnet.id],
        "vpc-id": (subnet) => [subnet.vpcId],
        "availability-zone": (subnet) => [subnet.zone],
        availabilityZone: (subnet) => [subnet.zone],
        "availability-zone-id": (subnet) => [subnet.zoneId],
        "cidr-block": (subnet) => [subnet.cidr],
        "default-for-az": () => [true],
        defaultForAz: () => [true],
        "map-public-ip-on-launch": () => [true],
        state: () => ["available"],
        "owner-id": () => [call.account],
      });
      const page = describedPage(found, input, { least: 5, most: 1000 });
      return { Subnets: page.items.map((subnet) => answeredSubnet(subnet, state, now())), NextToken: page.next };
    },
  };
}

function answeredVpc(vpc: VpcRecord, call: Call): NonNullable<DescribeVpcsResult["Vpcs"]>[number] {
  return {
    VpcId: vpc.id,
    OwnerId: call.account,
    State: "available",
    CidrBlock: vpc.cidr,
    CidrBlockAssociationSet: [
      {
        AssociationId: `vpc-cidr-assoc-${vpc.id.slice(4)}`,
        CidrBlock: vpc.cidr,
        CidrBlockState: { State: "associated" },
      },
    ],
    DhcpOptionsId: `dopt-${vpc.id.slice(4)}`,
    InstanceTenancy: "default",
    IsDefault: vpc.isDefault,
    Tags: tagsToList(vpc.tags),
  };
}

function answeredSubnet(
  subnet: SubnetRecord,
  { place, instances }: Ec2State,
  now: number,
): NonNullable<DescribeSubnetsResult["Subnets"]>[number] {
  // AWS keeps five addresses of every subnet for itself.
  const taken = [...instances.values()].filter((one) => one.subnetId === subnet.id && hasNetwork(one, now)).length;
  return {
    SubnetId: subnet.id,
    SubnetArn: arn("ec2", place.region, place.account, `subnet/${subnet.id}`),
    OwnerId: place.account,
    VpcId: subnet.vpcId,
    State: "available",
    CidrBlock: subnet.cidr,
    AvailableIpAddressCount: 4096 - 5 - taken,
    AvailabilityZone: subnet.zone,
    AvailabilityZoneId: subnet.zoneId,
    DefaultForAz: true,
    MapPublicIpOnLaunch: true,
    AssignIpv6AddressOnCreation: false,
    Ipv6CidrBlockAssociationSet: [],
    Tags: tagsToList(subnet.tags),
  };
}
