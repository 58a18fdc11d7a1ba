import type { IpPermission, RevokedSecurityGroupRule, SecurityGroupRule } from "@aws-sdk/client-ec2";
import { AwsError } from "../../service.ts";
import { arn } from "../arn.ts";
import type { Place } from "../regions.ts";
import { tagsToList } from "../tags.ts";

export interface SecurityGroupRecord {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly vpcId: string;
  readonly tags: Map<string, string>;
  rules: readonly RuleRecord[];
}

/** One rule is one protocol, one range of ports and one peer; EC2 groups them only when it answers `IpPermissions`. */
export interface RuleRecord extends Rule {
  readonly id: string;
  readonly egress: boolean;
  readonly tags: ReadonlyMap<string, string>;
}

export interface Rule {
  /** `tcp`, `udp`, `icmp`, `icmpv6`, a protocol number, or `-1` for all. */
  readonly protocol: string;
  /** Absent for `-1`. */
  readonly ports?: { readonly from: number; readonly to: number } | undefined;
  readonly peer: Peer;
  readonly description?: string | undefined;
}

export type Peer =
  | { readonly cidr4: string }
  | { readonly cidr6: string }
  | { readonly groupId: string }
  | { readonly prefixListId: string };

const NAMED_PROTOCOLS: Readonly<Record<string, string>> = {
  "1": "icmp",
  "6": "tcp",
  "17": "udp",
  "58": "icmpv6",
  all: "-1",
};

/** Takes permissions apart into rules. `groupId` finds a peer group by the name or identifier in the pair. */
export function rulesOf(
  permissions: readonly IpPermission[],
  groupId: (pair: { GroupId?: string | undefined; GroupName?: string | undefined }) => string,
): Rule[] {
  return permissions.flatMap((permission) => {
    const given = (permission.IpProtocol ?? "").toLowerCase();
    if (given === "") throw new AwsError("MissingParameter", "The request must contain the parameter ipProtocol");
    const protocol = NAMED_PROTOCOLS[given] ?? given;
    if (!/^(-1|tcp|udp|icmp|icmpv6|\d{1,3})$/.test(protocol)) {
      throw new AwsError(
        "InvalidPermission.Malformed",
        `Unsupported IP protocol "${given}"  - supported: [tcp, udp, icmp]`,
      );
    }
    const ports = portsOf(protocol, permission);
    const peers: { peer: Peer; description?: string | undefined }[] = [
      ...(permission.IpRanges ?? []).map((r) => ({
        peer: { cidr4: canonicalCidr4(r.CidrIp) },
        description: r.Description,
      })),
      ...(permission.Ipv6Ranges ?? []).map((r) => ({
        peer: { cidr6: checkedCidr6(r.CidrIpv6) },
        description: r.Description,
      })),
      ...(permission.UserIdGroupPairs ?? []).map((p) => ({
        peer: { groupId: groupId(p) },
        description: p.Description,
      })),
      ...(permission.PrefixListIds ?? []).map((p) => ({
        peer: { prefixListId: p.PrefixListId ?? "" },
        description: p.Description,
      })),
    ];
    return peers.map(({ peer, description }) => ({ protocol, ports, peer, description }));
  });
}

/** What makes two rules of one direction the same rule; the description does not. */
export function ruleKey(rule: Rule): string {
  return [rule.protocol, rule.ports?.from, rule.ports?.to, peerText(rule.peer)].join(" ");
}

/** Rules of equal protocol and ports become one permission, in the order in which they came. */
export function permissionsOf(rules: readonly Rule[], account: string): IpPermission[] {
  const merged = new Map<
    string,
    Required<Pick<IpPermission, "IpRanges" | "Ipv6Ranges" | "UserIdGroupPairs" | "PrefixListIds">>
  >();
  const heads = new Map<string, IpPermission>();
  for (const { protocol, ports, peer, description } of rules) {
    const key = [protocol, ports?.from, ports?.to].join(" ");
    if (!merged.has(key)) {
      heads.set(key, { IpProtocol: protocol, FromPort: ports?.from, ToPort: ports?.to });
      merged.set(key, { IpRanges: [], Ipv6Ranges: [], UserIdGroupPairs: [], PrefixListIds: [] });
    }
    const permission = merged.get(key)!;
    const Description = description;
    if ("cidr4" in peer) permission.IpRanges!.push({ CidrIp: peer.cidr4, Description });
    else if ("cidr6" in peer) permission.Ipv6Ranges!.push({ CidrIpv6: peer.cidr6, Description });
    else if ("groupId" in peer)
      permission.UserIdGroupPairs!.push({ GroupId: peer.groupId, UserId: account, Description });
    else permission.PrefixListIds!.push({ PrefixListId: peer.prefixListId, Description });
  }
  return [...merged].map(([key, permission]) => ({ ...heads.get(key), ...permission }));
}

export function answeredRule(rule: RuleRecord, groupId: string, place: Place): SecurityGroupRule {
  return {
    ...flatRule(rule, groupId),
    GroupOwnerId: place.account,
    SecurityGroupRuleArn: arn("ec2", place.region, place.account, `security-group-rule/${rule.id}`),
    ReferencedGroupInfo: "groupId" in rule.peer ? { GroupId: rule.peer.groupId, UserId: place.account } : undefined,
    Tags: tagsToList(rule.tags),
  };
}

export function revokedRule(rule: RuleRecord, groupId: string): RevokedSecurityGroupRule {
  return { ...flatRule(rule, groupId), ReferencedGroupId: "groupId" in rule.peer ? rule.peer.groupId : undefined };
}

/** As EC2 says it: `peer: 0.0.0.0/0, TCP, from port: 22, to port: 22, ALLOW`. */
export function ruleText({ protocol, ports, peer }: Rule): string {
  const name = protocol === "-1" ? "ALL" : protocol.toUpperCase();
  const range = ports === undefined ? "" : `, from port: ${ports.from}, to port: ${ports.to}`;
  return `peer: ${peerText(peer)}, ${name}${range}, ALLOW`;
}

function flatRule({ id, egress, protocol, ports, peer, description }: RuleRecord, GroupId: string) {
  return {
    SecurityGroupRuleId: id,
    GroupId,
    IsEgress: egress,
    IpProtocol: protocol,
    FromPort: ports?.from ?? -1,
    ToPort: ports?.to ?? -1,
    CidrIpv4: "cidr4" in peer ? peer.cidr4 : undefined,
    CidrIpv6: "cidr6" in peer ? peer.cidr6 : undefined,
    PrefixListId: "prefixListId" in peer ? peer.prefixListId : undefined,
    Description: description,
  };
}

function peerText(peer: Peer): string {
  return Object.values(peer)[0] as string;
}

function portsOf(protocol: string, { FromPort: from, ToPort: to }: IpPermission): Rule["ports"] {
  // Rules for all protocols have no ports, whatever the request said.
  if (protocol === "-1") return undefined;
  if (protocol === "icmp" || protocol === "icmpv6") return { from: from ?? -1, to: to ?? -1 };
  if (protocol !== "tcp" && protocol !== "udp") return undefined;
  if (from === undefined || to === undefined) {
    throw new AwsError(
      "InvalidParameterValue",
      "Invalid value for portRange. Must specify both from and to ports with TCP/UDP.",
    );
  }
  if (from < 0 || to > 65535 || from > to) {
    throw new AwsError("InvalidParameterValue", `Invalid TCP/UDP port range (${from}:${to})`);
  }
  return { from, to };
}

/** The address with the bits beyond its prefix cleared: `10.0.0.5/24` is kept as `10.0.0.0/24`. */
function canonicalCidr4(cidr: string | undefined): string {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(cidr ?? "");
  const numbers = match?.slice(1).map(Number) ?? [];
  const [bits = 33] = numbers.slice(4);
  if (match === null || bits > 32 || numbers.slice(0, 4).some((octet) => octet > 255)) throw malformedCidr(cidr);
  const address = numbers.slice(0, 4).reduce((sum, octet) => sum * 256 + octet, 0);
  const size = 2 ** (32 - bits);
  const network = Math.floor(address / size) * size;
  return `${[24, 16, 8, 0].map((shift) => Math.floor(network / 2 ** shift) % 256).join(".")}/${bits}`;
}

function checkedCidr6(cidr: string | undefined): string {
  const [address = "", bits = ""] = (cidr ?? "").toLowerCase().split("/");
  if (!/^[0-9a-f:]+$/.test(address) || !address.includes(":") || !/^\d{1,3}$/.test(bits) || Number(bits) > 128) {
    throw malformedCidr(cidr);
  }
  return `${address}/${bits}`;
}

function malformedCidr(cidr: string | undefined): AwsError {
  return new AwsError("InvalidParameterValue", `CIDR block ${cidr} is malformed`);
}
