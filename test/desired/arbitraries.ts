/** Any workflow that could come out of a good file, any account. */
import fc from "fast-check";
import type { Facts } from "../../src/desired/facts.ts";
import { instanceTypes } from "../../src/workflow/instance-types.ts";
import type { Step, Workflow } from "../../src/workflow/workflow.ts";
import { facts, sample } from "./samples.ts";

const REGIONS = ["us-east-1", "eu-central-1", "ap-southeast-1", "us-gov-west-1", "cn-northwest-1"];
const partitionOf = (region: string): string =>
  region.startsWith("cn-") ? "aws-cn" : region.startsWith("us-gov-") ? "aws-us-gov" : "aws";

export const anyFacts: fc.Arbitrary<Facts> = fc
  .record({
    region: fc.constantFrom(...REGIONS),
    account: fc.stringMatching(/^\d{12}$/),
    owner: fc.stringMatching(/^[a-z]{1,20}$/),
  })
  .map((some) => ({ ...facts, ...some, partition: partitionOf(some.region) }));

const name = (most: number) => fc.stringMatching(new RegExp(`^[a-z0-9][a-z0-9-]{0,${most - 1}}$`));
const algorithmName = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/);
const bucketName = (prefix: string) => fc.stringMatching(/^[a-z0-9]{1,50}$/).map((text) => `${prefix}-${text}`);
const port = fc.record({ port: fc.integer({ min: 1, max: 65535 }), protocol: fc.constantFrom("tcp", "udp") });
const cidr = fc.constantFrom("203.0.113.0/24", "198.51.100.7/32", "2001:db8::/32");
const exitCodes = fc.array(fc.nat({ max: 255 }), { maxLength: 3 });
const typeNames = [...[...instanceTypes()].map((type) => type.name), "x9zd.metal-96xl"];

const anyStep: fc.Arbitrary<Step> = fc
  .record({
    name: algorithmName,
    ports: fc.array(port, { maxLength: 2 }),
    variables: fc.dictionary(fc.stringMatching(/^[A-Z][A-Z_]{0,10}X$/), fc.string({ maxLength: 10 }), { maxKeys: 3 }),
    instanceType: fc.constantFrom(...typeNames),
    memoryMiB: fc.integer({ min: 64, max: 8192 }),
    cpu: fc.constantFrom(0.125, 0.5, 1, 3),
    successExitCodes: exitCodes,
    retryExitCodes: fc.oneof(fc.constant("rest" as const), exitCodes),
    registryCredentials: fc.option(
      fc.stringMatching(/^[a-z]{1,20}$/).map((text) => `arn:aws:secretsmanager:us-east-1:123456789012:secret:${text}`),
      { nil: undefined },
    ),
  })
  .map(({ name, successExitCodes, retryExitCodes, registryCredentials, ...step }) => ({
    ...step,
    name,
    index: 0,
    memoryReservationMiB: Math.ceil(step.memoryMiB / 2),
    algorithm: {
      ...sample().steps[0]!.algorithm,
      ...{ name, successExitCodes, retryExitCodes },
      ...(registryCredentials === undefined ? {} : { registryCredentials }),
    },
  }));

export const anyWorkflow: fc.Arbitrary<Workflow> = fc
  .record({
    name: name(40).filter((text) => !/^scaler(-|$)/.test(text)),
    inputBucket: bucketName("in"),
    outputBucket: bucketName("out"),
    keyPair: fc.option(fc.stringMatching(/^[a-z]{1,20}$/), { nil: undefined }),
    steps: fc
      .uniqueArray(anyStep, {
        minLength: 1,
        maxLength: 20,
        selector: (step) => step.name.toLowerCase().replaceAll("_", "-"),
      })
      .map((steps) => steps.map((step, index) => ({ ...step, index }))),
    onDelete: fc.constantFrom("retain-data", "retain-all", "delete"),
    input: fc.record({ prefix: fc.string(), suffix: fc.string(), backfill: fc.boolean() }),
    queue: fc.record({
      visibilitySeconds: fc.integer({ min: 30, max: 43_200 }),
      maxReceives: fc.integer({ min: 1, max: 1000 }),
    }),
    compute: fc.record({
      cluster: fc.stringMatching(/^[A-Za-z0-9_-]{1,255}$/),
      maxInstances: fc.integer({ min: 1, max: 5000 }),
      maxTasks: fc.integer({ min: 1, max: 5000 }),
      idleMinutes: fc.integer({ min: 1, max: 1440 }),
      ingressCidrs: fc.uniqueArray(cidr),
      spot: fc.boolean(),
      subnets: fc.uniqueArray(fc.stringMatching(/^subnet-[0-9a-f]{17}$/), { maxLength: 3 }),
      securityGroups: fc.uniqueArray(fc.stringMatching(/^sg-[0-9a-f]{17}$/), { maxLength: 2 }),
    }),
    tags: fc.dictionary(fc.stringMatching(/^[A-Za-z]{1,20}$/), fc.stringMatching(/^[a-z ]{0,20}$/), { maxKeys: 5 }),
  })
  .map(({ keyPair, ...some }) => {
    const { accountId: _account, region: _region, keyPair: _keyPair, ...rest } = sample();
    return { ...rest, ...some, ...(keyPair === undefined ? {} : { keyPair }) };
  });
