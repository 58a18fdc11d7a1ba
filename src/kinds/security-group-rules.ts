/** Rules of security groups, one by one: EC2 answers those of equal protocol and ports as one, with all their peers. */
import { isIPv6 } from "node:net";
import type { IpPermission } from "@aws-sdk/client-ec2";
import { canonicalCidr } from "./cidr.ts";

/** One protocol, one range of ports, one peer: what can be authorised and revoked by itself. */
export interface Rule {
  /** `tcp 9090 10.0.0.0/8`: equal rules, equal texts. */
  readonly text: string;
  /** As EC2 wants it. */
  readonly permission: IpPermission;
}

/** All protocols and ports. */
export const EVERYTHING = "-1";

export function ruleTo(cidr: string, protocol: string, port?: number): Rule {
  const ports = port === undefined ? {} : { FromPort: port, ToPort: port };
  const peer = isIPv6(cidr.split("/")[0] ?? "")
    ? { Ipv6Ranges: [{ CidrIpv6: cidr }] }
    : { IpRanges: [{ CidrIp: cidr }] };
  return ruleOf({ IpProtocol: protocol, ...ports, ...peer });
}

export function rulesIn(permissions: readonly IpPermission[] | undefined): Rule[] {
  return (permissions ?? []).flatMap(({ IpRanges, Ipv6Ranges, PrefixListIds, UserIdGroupPairs, ...what }) =>
    [
      ...(IpRanges ?? []).map(({ CidrIp }) => ({ IpRanges: [{ CidrIp }] })),
      ...(Ipv6Ranges ?? []).map(({ CidrIpv6 }) => ({ Ipv6Ranges: [{ CidrIpv6 }] })),
      ...(PrefixListIds ?? []).map(({ PrefixListId }) => ({ PrefixListIds: [{ PrefixListId }] })),
      ...(UserIdGroupPairs ?? []).map(({ GroupId, UserId }) => ({ UserIdGroupPairs: [{ GroupId, UserId }] })),
    ].map((peer) => ruleOf({ ...what, ...peer })),
  );
}

export const without = (rules: readonly Rule[], others: readonly Rule[]): Rule[] =>
  rules.filter((rule) => !others.some(({ text }) => text === rule.text));

function ruleOf(permission: IpPermission): Rule {
  const { IpProtocol = EVERYTHING, FromPort, ToPort } = permission;
  const cidr = permission.IpRanges?.[0]?.CidrIp ?? permission.Ipv6Ranges?.[0]?.CidrIpv6;
  const peer =
    cidr === undefined
      ? (permission.PrefixListIds?.[0]?.PrefixListId ?? permission.UserIdGroupPairs?.[0]?.GroupId ?? "")
      : canonicalCidr(cidr);
  // Of all protocols, ports are meaningless, and EC2 drops them.
  const ports = IpProtocol === EVERYTHING ? "" : FromPort === ToPort ? ` ${FromPort}` : ` ${FromPort}-${ToPort}`;
  return { text: `${IpProtocol === EVERYTHING ? "all" : IpProtocol}${ports} ${peer}`, permission };
}
