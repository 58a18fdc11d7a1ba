import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { canonicalCidr } from "../../src/kinds/cidr.ts";
import { type SecurityGroupActual, type SecurityGroupSpec, securityGroup } from "../../src/kinds/security-group.ts";
import { rulesIn } from "../../src/kinds/security-group-rules.ts";
import { adopted, eachDifferenceIsOneChange, offline, paths, tagsOf } from "./diff-table.ts";

const kind = securityGroup(offline);
const spec: SecurityGroupSpec = {
  description: "Instances of Pipewright",
  ingress: [
    { protocol: "tcp", port: 9090, cidr: "10.1.2.3/8" },
    { protocol: "tcp", port: 9090, cidr: "2001:DB8::1/32" },
    { protocol: "udp", port: 53, cidr: "192.0.2.7/32" },
  ],
  egressOpen: true,
  tags: tagsOf("security-group/pipewright"),
};
const anywhere = { IpProtocol: "-1", IpRanges: [{ CidrIp: "0.0.0.0/0" }] };
const intruder = { IpProtocol: "tcp", FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: "0.0.0.0/0" }] };
/** EC2 answers rules of equal protocol and ports as one, with all their peers. */
const answered = [
  { IpProtocol: "udp", FromPort: 53, ToPort: 53, IpRanges: [{ CidrIp: "192.0.2.7/32" }] },
  {
    IpProtocol: "tcp",
    FromPort: 9090,
    ToPort: 9090,
    IpRanges: [{ CidrIp: "10.0.0.0/8", Description: "a person's note" }],
    Ipv6Ranges: [{ CidrIpv6: "2001:db8::/32" }],
  },
];
const standing: SecurityGroupActual = {
  id: "sg-1",
  description: spec.description,
  ingress: rulesIn(answered),
  egress: rulesIn([anywhere]),
  tags: spec.tags,
};

describe("security groups, compared", () => {
  eachDifferenceIsOneChange(kind, spec, standing, {
    ingress: (actual) => ({ ...actual, ingress: rulesIn([...answered, intruder]) }),
    "ingress (another group let in)": (actual) => ({
      ...actual,
      ingress: rulesIn([...answered, { IpProtocol: "-1", UserIdGroupPairs: [{ GroupId: "sg-2" }] }]),
    }),
    "ingress (a range let in beside ours)": (actual) => ({
      ...actual,
      ingress: rulesIn([
        answered[0]!,
        { ...answered[1], IpRanges: [{ CidrIp: "10.0.0.0/8" }, { CidrIp: "11.0.0.0/8" }] },
      ]),
    }),
    "ingress (shut)": (actual) => ({ ...actual, ingress: [] }),
    egressOpen: (actual) => ({ ...actual, egress: [] }),
    "egressOpen (a rule too many)": (actual) => ({ ...actual, egress: rulesIn([anywhere, intruder]) }),
    description: (actual) => ({ ...actual, description: "something else" }),
    "tags.team": (actual) => ({ ...actual, tags: { ...spec.tags, team: "red" } }),
  });

  it("take the IPv6 egress that a group of such a VPC is born with as open, too", () => {
    const ipv6 = { IpProtocol: "-1", Ipv6Ranges: [{ CidrIpv6: "::/0" }] };
    assert.deepEqual(paths(kind, spec, { ...standing, egress: rulesIn([anywhere, ipv6]) }), []);
  });

  it("cannot change their description in place", () => {
    assert.equal(kind.diff(spec, { ...standing, description: "x" })[0]?.replace, true);
  });

  it("keep others' rules and description once adopted, and get what is missing", () => {
    const tags = adopted(spec.tags);
    const theirs = { ...standing, description: "theirs", tags, ingress: rulesIn([...answered, intruder]) };
    assert.deepEqual(paths(kind, { ...spec, tags }, theirs), []);
    assert.deepEqual(paths(kind, { ...spec, tags }, { ...theirs, ingress: rulesIn([intruder]) }), ["ingress"]);
  });
});

describe("an address range is spelt in one way", () => {
  for (const [written, spelt] of [
    ["10.1.2.3/8", "10.0.0.0/8"],
    ["203.0.113.9/32", "203.0.113.9/32"],
    ["203.0.113.9", "203.0.113.9/32"],
    ["255.255.255.255/1", "128.0.0.0/1"],
    ["0.0.0.0/0", "0.0.0.0/0"],
    ["2001:DB8:0:0::1/33", "2001:db8::/33"],
    ["2001:db8:ffff::/33", "2001:db8:8000::/33"],
    ["::/0", "::/0"],
    ["::1", "::1/128"],
  ] as const) {
    it(`${written} is ${spelt}`, () => assert.equal(canonicalCidr(written), spelt));
  }
});
