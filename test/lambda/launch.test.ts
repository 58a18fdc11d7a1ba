import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { RunInstancesCommandInput } from "@aws-sdk/client-ec2";
import type { LaunchPlace } from "../../lambda/capacity.ts";
import { launchInstance } from "../../lambda/launch.ts";
import { isRefusal } from "../../lambda/refusal.ts";
import { step } from "./samples.ts";

const PLACES: readonly LaunchPlace[] = [
  { subnetId: "subnet-a", market: "spot" },
  { subnetId: "subnet-b", market: "spot" },
  { subnetId: "subnet-a", market: "on-demand" },
  { subnetId: "subnet-b", market: "on-demand" },
];

const awsError = (name: string, status = 400) =>
  Object.assign(new Error(`${name}!`), { name, $metadata: { httpStatusCode: status } });

/** EC2 with these errors, one after the other, and then an instance. */
function market(errors: readonly Error[], minute = 7) {
  const asked: RunInstancesCommandInput[] = [];
  const ec2 = {
    async send({ input }: { input: RunInstancesCommandInput }) {
      asked.push(input);
      const error = errors[asked.length - 1];
      if (error) throw error;
      return { Instances: [{ InstanceId: "i-1", Tags: [{ Key: "a", Value: "b" }] }] };
    },
  };
  const launched = () =>
    launchInstance(
      { do: "launch", step: step({}, { templateVersion: 3 }), number: 2, minute, places: PLACES },
      { ec2: ec2 as never, token: (...parts) => parts.join(" "), mayWrite: () => true },
    );
  const places = () => asked.map((one) => `${one.SubnetId} ${one.InstanceMarketOptions?.MarketType ?? "on-demand"}`);
  return { launched, places, asked };
}

describe("buying an instance", () => {
  it("takes the first place that has one, from the version of the template that was seen", async () => {
    const { launched, asked } = market([]);
    assert.deepEqual(await launched(), { id: "i-1", tags: { a: "b" } });
    assert.equal(asked.length, 1);
    assert.deepEqual(asked[0]!.LaunchTemplate, { LaunchTemplateName: "pw-plants-grey", Version: "3" });
    assert.deepEqual([asked[0]!.MinCount, asked[0]!.MaxCount], [1, 1]);
  });

  it("goes on to other subnets, and then to on-demand, where there is no capacity", async () => {
    const none = awsError("InsufficientInstanceCapacity", 500);
    const { launched, places } = market([none, awsError("Unsupported"), none]);
    assert.equal((await launched()).id, "i-1");
    assert.deepEqual(places(), ["subnet-a spot", "subnet-b spot", "subnet-a on-demand", "subnet-b on-demand"]);
  });

  it("goes on to the other market, without asking for more of the first, where its quota is used up", async () => {
    for (const quota of ["VcpuLimitExceeded", "MaxSpotInstanceCountExceeded"]) {
      const { launched, places } = market([awsError(quota)]);
      assert.equal((await launched()).id, "i-1");
      assert.deepEqual(places(), ["subnet-a spot", "subnet-a on-demand"]);
    }
  });

  it("gives up with EC2's reason where no place has one: that is a refusal", async () => {
    const none = awsError("InsufficientInstanceCapacity", 500);
    const { launched } = market([none, none, none, none]);
    await assert.rejects(launched(), (error) => error === none && isRefusal(error));
  });

  it("asks no further where it is not about the place", async () => {
    const { launched, places } = market([awsError("UnauthorizedOperation", 403)]);
    await assert.rejects(launched(), /UnauthorizedOperation/);
    assert.equal(places().length, 1);
  });

  it("gives each place and each minute a token of its own, and the same wish the same", async () => {
    const none = awsError("InsufficientInstanceCapacity", 500);
    const tokensOf = async (minute: number) => {
      const { launched, asked } = market([none, none, none], minute);
      await launched();
      return asked.map(({ ClientToken }) => ClientToken);
    };
    const tokens = await tokensOf(7);
    assert.equal(new Set([...tokens, ...(await tokensOf(8))]).size, 8);
    assert.deepEqual(await tokensOf(7), tokens);
  });
});

describe("what an error means", () => {
  const table: readonly [string, number | undefined, boolean][] = [
    ["UnauthorizedOperation", 403, true],
    ["VcpuLimitExceeded", 400, true],
    ["InsufficientInstanceCapacity", 500, true],
    ["RequestLimitExceeded", 503, false],
    ["ThrottlingException", 400, false],
    ["IdempotentParameterMismatch", 400, false],
    ["InternalError", 500, false],
    ["TimeoutError", undefined, false],
  ];
  for (const [name, status, refused] of table) {
    it(`${name} is ${refused ? "a refusal" : "nothing to hold against the step"}`, () => {
      assert.equal(isRefusal(status === undefined ? new Error(name) : awsError(name, status)), refused);
    });
  }
});
