import { createHash, createPrivateKey } from "node:crypto";
import * as ec2 from "@aws-sdk/client-ec2";
import type { Sdk } from "../../support/sdk.ts";
import { launch } from "./machines.ts";
import type { Probe } from "./probe.ts";
import { verdict } from "./refusal.ts";

const REFERENCE = "EC2 API Reference";
const CODES = `${REFERENCE}, error codes`;
const TOKENS = "EC2 Developer Guide, ensuring idempotency";
const ABSENT = "i-0123456789abcdef0";

async function instances(sdk: Sdk, input: ec2.DescribeInstancesCommandInput): Promise<ec2.Instance[]> {
  const { Reservations = [] } = await sdk.ec2.send(new ec2.DescribeInstancesCommand(input));
  return Reservations.flatMap(({ Instances = [] }) => Instances);
}

const terminate = ({ ec2: client }: Sdk, ...InstanceIds: string[]) =>
  client.send(new ec2.TerminateInstancesCommand({ InstanceIds }));

async function stateOf(sdk: Sdk, id: string): Promise<"lives" | "ends"> {
  const [found] = await instances(sdk, { InstanceIds: [id] });
  return ["pending", "running"].includes(found?.State?.Name ?? "") ? "lives" : "ends";
}

/** Of the key's DER form; undefined for what is no key. */
function fingerprintOf(pem: string): string | undefined {
  try {
    const der = createPrivateKey(pem).export({ type: "pkcs8", format: "der" });
    return createHash("sha1").update(der).digest("hex").match(/../g)!.join(":");
  } catch {
    return undefined;
  }
}

/** One of each of two zones, the first protected. */
async function guardedPair(sdk: Sdk): Promise<[string, string]> {
  const { Subnets = [] } = await sdk.ec2.send(new ec2.DescribeSubnetsCommand({}));
  const zones = new Map(Subnets.map(({ AvailabilityZone, SubnetId }) => [AvailabilityZone, SubnetId!]));
  const [here, there] = [...zones.values()] as [string, string];
  const guarded = await launch(sdk, { SubnetId: here, DisableApiTermination: true });
  return [guarded.InstanceId!, (await launch(sdk, { SubnetId: there })).InstanceId!];
}

export const ec2InstanceProbes: readonly Probe[] = [
  {
    operation: "ec2:RunInstances",
    question: "twice with the same client token: the same instance",
    aws: "the same",
    source: TOKENS,
    async ask(sdk) {
      const [one, two] = [await launch(sdk, { ClientToken: "probe" }), await launch(sdk, { ClientToken: "probe" })];
      return one.InstanceId === two.InstanceId ? "the same" : "two";
    },
  },
  {
    operation: "ec2:RunInstances",
    question: "with a client token that another request had",
    aws: "IdempotentParameterMismatch",
    source: TOKENS,
    async ask(sdk) {
      await launch(sdk, { ClientToken: "probe-other" });
      await launch(sdk, { ClientToken: "probe-other", InstanceType: "t3.small" });
      return "accepted";
    },
  },
  {
    operation: "ec2:RunInstances",
    question: "with the client token of an instance that has ended",
    aws: "IdempotentInstanceTerminated",
    source: CODES,
    async ask(sdk) {
      const { InstanceId } = await launch(sdk, { ClientToken: "probe-ended" });
      await terminate(sdk, InstanceId!);
      await launch(sdk, { ClientToken: "probe-ended" });
      return "accepted";
    },
  },
  {
    operation: "ec2:RunInstances",
    question: "from a template, no version named: the default one, and told by a tag",
    aws: "t3.micro 1",
    source: "EC2 User Guide, launch templates",
    async ask(sdk) {
      const { ImageId } = await launch(sdk);
      const LaunchTemplateName = "probe-launch";
      const data = (InstanceType: "t3.micro" | "t3.small") => ({ LaunchTemplateData: { ImageId, InstanceType } });
      await sdk.ec2.send(new ec2.CreateLaunchTemplateCommand({ LaunchTemplateName, ...data("t3.micro") }));
      await sdk.ec2.send(new ec2.CreateLaunchTemplateVersionCommand({ LaunchTemplateName, ...data("t3.small") }));
      const input = { MinCount: 1, MaxCount: 1, LaunchTemplate: { LaunchTemplateName } };
      const { Instances } = await sdk.ec2.send(new ec2.RunInstancesCommand(input));
      const version = Instances?.[0]?.Tags?.find(({ Key }) => Key === "aws:ec2launchtemplate:version");
      return `${Instances?.[0]?.InstanceType} ${version?.Value ?? "not told"}`;
    },
  },
  {
    operation: "ec2:RunInstances",
    question: "with metadata by token only: read back",
    aws: "required",
    source: `${REFERENCE}, InstanceMetadataOptionsRequest`,
    async ask(sdk) {
      const { InstanceId } = await launch(sdk, { MetadataOptions: { HttpTokens: "required" } });
      const [found] = await instances(sdk, { InstanceIds: [InstanceId!] });
      return found?.MetadataOptions?.HttpTokens ?? "absent";
    },
  },
  {
    operation: "ec2:RunInstances",
    question: "with a key pair that is not there",
    aws: "InvalidKeyPair.NotFound",
    source: CODES,
    async ask(sdk) {
      await launch(sdk, { KeyName: "probe-none" });
      return "accepted";
    },
  },
  {
    operation: "ec2:RunInstances",
    question: "with tags: on the instance",
    aws: "green",
    source: `${REFERENCE}, RunInstances (TagSpecifications)`,
    async ask(sdk) {
      const Tags = [{ Key: "colour", Value: "green" }];
      const { InstanceId } = await launch(sdk, { TagSpecifications: [{ ResourceType: "instance", Tags }] });
      const Filters = [{ Name: "tag:colour", Values: ["gre*"] }];
      const found = (await instances(sdk, { Filters })).find((one) => one.InstanceId === InstanceId);
      return found?.Tags?.find(({ Key }) => Key === "colour")?.Value ?? "not found";
    },
  },
  {
    operation: "ec2:RunInstances",
    question: "of an image that is not there",
    aws: "InvalidAMIID.NotFound",
    source: CODES,
    async ask(sdk) {
      await launch(sdk, { ImageId: "ami-0123456789abcdef0" });
      return "accepted";
    },
  },
  {
    operation: "ec2:RunInstances",
    question: "in a subnet that is not there",
    aws: "InvalidSubnetID.NotFound",
    source: CODES,
    async ask(sdk) {
      await launch(sdk, { SubnetId: "subnet-0123456789abcdef0" });
      return "accepted";
    },
  },
  {
    operation: "ec2:TerminateInstances",
    question: "the state that it answers",
    aws: "shutting-down",
    source: "EC2 User Guide, instance lifecycle",
    async ask(sdk) {
      const { TerminatingInstances } = await terminate(sdk, (await launch(sdk)).InstanceId!);
      return TerminatingInstances?.[0]?.CurrentState?.Name ?? "not said";
    },
  },
  {
    operation: "ec2:TerminateInstances",
    question: "a second time",
    aws: "accepted",
    source: `${REFERENCE}, TerminateInstances`,
    async ask(sdk) {
      const { InstanceId } = await launch(sdk);
      await terminate(sdk, InstanceId!);
      return verdict(terminate(sdk, InstanceId!));
    },
  },
  {
    operation: "ec2:TerminateInstances",
    question: "with one that is not there: the other",
    aws: "lives",
    source: `${REFERENCE}, TerminateInstances`,
    async ask(sdk) {
      const { InstanceId } = await launch(sdk);
      await verdict(terminate(sdk, InstanceId!, ABSENT));
      return stateOf(sdk, InstanceId!);
    },
  },
  {
    operation: "ec2:TerminateInstances",
    question: "a protected one",
    aws: "OperationNotPermitted",
    source: CODES,
    async ask(sdk) {
      const { InstanceId } = await launch(sdk, { DisableApiTermination: true });
      await terminate(sdk, InstanceId!);
      return "ended";
    },
  },
  {
    operation: "ec2:TerminateInstances",
    question: "a protected one and one of another zone: the other",
    aws: "ends",
    source: `${REFERENCE}, TerminateInstances`,
    async ask(sdk) {
      const [guarded, other] = await guardedPair(sdk);
      await verdict(terminate(sdk, guarded, other));
      return stateOf(sdk, other);
    },
  },
  {
    operation: "ec2:DescribeInstances",
    question: "by an id that is not there",
    aws: "InvalidInstanceID.NotFound",
    source: CODES,
    async ask(sdk) {
      return (await instances(sdk, { InstanceIds: [ABSENT] })).length === 0 ? "empty" : "found";
    },
  },
  {
    operation: "ec2:DescribeInstances",
    question: "by an id that is none",
    aws: "InvalidInstanceID.Malformed",
    source: CODES,
    async ask(sdk) {
      return (await instances(sdk, { InstanceIds: ["probe"] })).length === 0 ? "empty" : "found";
    },
  },
  {
    operation: "ec2:DescribeInstances",
    question: "one that has just ended",
    aws: "shown",
    source: "EC2 User Guide, terminate instances",
    async ask(sdk) {
      const { InstanceId } = await launch(sdk);
      await terminate(sdk, InstanceId!);
      return (await instances(sdk, { InstanceIds: [InstanceId!] })).length > 0 ? "shown" : "gone";
    },
  },
  {
    operation: "ec2:DescribeInstances",
    question: "ids and a page size together",
    aws: "refused",
    source: `${REFERENCE}, DescribeInstances (MaxResults)`,
    async ask(sdk) {
      const { InstanceId } = await launch(sdk);
      return verdict(instances(sdk, { InstanceIds: [InstanceId!], MaxResults: 5 }));
    },
  },
  {
    operation: "ec2:DescribeInstances",
    question: "in pages: the instances of a page of five",
    aws: "five, more",
    source: `${REFERENCE}, DescribeInstances (MaxResults)`,
    async ask(sdk) {
      for (let count = 0; count < 6; count++) await launch(sdk);
      const answer = await sdk.ec2.send(new ec2.DescribeInstancesCommand({ MaxResults: 5 }));
      const found = (answer.Reservations ?? []).flatMap(({ Instances = [] }) => Instances);
      return `${found.length === 5 ? "five" : "all"}, ${answer.NextToken ? "more" : "no more"}`;
    },
  },
  {
    operation: "ec2:CreateKeyPair",
    question: "of a name that is there",
    aws: "InvalidKeyPair.Duplicate",
    source: CODES,
    async ask(sdk) {
      for (const _ of [1, 2])
        await sdk.ec2.send(new ec2.CreateKeyPairCommand({ KeyName: "probe-twice", KeyType: "ed25519" }));
      return "accepted";
    },
  },
  {
    operation: "ec2:CreateKeyPair",
    question: "the private key's form",
    aws: "-----BEGIN RSA PRIVATE KEY-----",
    source: `${REFERENCE}, CreateKeyPair`,
    async ask(sdk) {
      const { KeyMaterial } = await sdk.ec2.send(new ec2.CreateKeyPairCommand({ KeyName: "probe-form" }));
      return KeyMaterial?.split("\n")[0] ?? "absent";
    },
  },
  {
    operation: "ec2:CreateKeyPair",
    question: "the fingerprint: SHA-1 of the private key",
    aws: "SHA-1 of it",
    source: `${REFERENCE}, KeyPair; EC2 User Guide, verify the fingerprint`,
    async ask(sdk) {
      const made = await sdk.ec2.send(new ec2.CreateKeyPairCommand({ KeyName: "probe-print" }));
      return made.KeyFingerprint === fingerprintOf(made.KeyMaterial!) ? "SHA-1 of it" : "another";
    },
  },
  {
    operation: "ec2:DescribeKeyPairs",
    question: "by a name that is not there",
    aws: "InvalidKeyPair.NotFound",
    source: CODES,
    async ask(sdk) {
      await sdk.ec2.send(new ec2.DescribeKeyPairsCommand({ KeyNames: ["probe-none"] }));
      return "empty";
    },
  },
];
