import assert from "node:assert/strict";
import { after, it } from "node:test";
import {
  CreateSubnetCommand,
  CreateVpcCommand,
  DeleteSubnetCommand,
  DeleteVpcCommand,
  DescribeSubnetsCommand,
} from "@aws-sdk/client-ec2";
import { type SubnetSpec, subnet } from "../../src/kinds/subnet.ts";
import { startBackend } from "../support/backend.ts";
import { look, type VerifiedCase, verifiedContract } from "./verified.ts";

const backend = await startBackend();
after(() => backend.stop());
const { ec2 } = backend.sdk;

const one: VerifiedCase<SubnetSpec> = {
  kind: "subnet",
  make: subnet,
  spec: { vpc: "default" },
  claim: "verify",
  async there() {
    const Filters = [{ Name: "default-for-az", Values: ["true"] }];
    const { Subnets } = await ec2.send(new DescribeSubnetsCommand({ Filters }));
    return { name: Subnets![0]!.SubnetId!, gone: async () => {} };
  },
  notThere: "subnet-0123456789abcdef0",
};

verifiedContract(backend, one);

it("a subnet that nobody made is refused", async () => {
  const { observed, steps } = await look(backend, one, one.notThere);
  assert.equal(observed.is, "absent");
  assert.deepEqual(
    steps.map((step) => step.do === "refuse" && step.reason),
    ["NotFound"],
  );
});

it("a subnet of another VPC is refused, unless any VPC will do", async (context) => {
  const reason = backend.cloud ? "the local cloud has its default VPC only" : undefined;
  if (reason) return context.skip(reason);
  const vpc = await ec2.send(new CreateVpcCommand({ CidrBlock: "10.77.0.0/16" }));
  const VpcId = vpc.Vpc!.VpcId!;
  const made = await ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock: "10.77.1.0/24" }));
  const SubnetId = made.Subnet!.SubnetId!;
  try {
    const { steps } = await look(backend, one, SubnetId);
    assert.deepEqual(
      steps.map((step) => step.do === "refuse" && step.reason),
      ["CannotChangeInPlace"],
    );
    assert.deepEqual((await look(backend, { ...one, spec: { vpc: "any" } }, SubnetId)).steps, []);
  } finally {
    await ec2.send(new DeleteSubnetCommand({ SubnetId }));
    await ec2.send(new DeleteVpcCommand({ VpcId }));
  }
});
