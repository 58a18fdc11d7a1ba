import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  fits,
  imageKind,
  instanceType,
  instanceTypes,
  looksLikeInstanceType,
  nearestInstanceType,
  nearestThatFits,
  registeredMemoryMiB,
  smallestThatFits,
  taskMemoryMiB,
} from "../../src/workflow/instance-types.ts";

test("the table says what AWS says of well-known types", () => {
  const facts: readonly (readonly [string, number, number, number])[] = [
    ["t3.nano", 2, 0.5, 0],
    ["t3.2xlarge", 8, 32, 0],
    ["t4g.large", 2, 8, 0],
    ["m5.24xlarge", 96, 384, 0],
    ["m6i.32xlarge", 128, 512, 0],
    ["m7i.48xlarge", 192, 768, 0],
    ["m6g.medium", 1, 4, 0],
    ["c5.9xlarge", 36, 72, 0],
    ["c5.18xlarge", 72, 144, 0],
    ["c6i.large", 2, 4, 0],
    ["c6g.16xlarge", 64, 128, 0],
    ["r5.large", 2, 16, 0],
    ["r6i.32xlarge", 128, 1024, 0],
    ["g4dn.xlarge", 4, 16, 1],
    ["p3.2xlarge", 8, 61, 1],
    ["p3.16xlarge", 64, 488, 8],
  ];
  for (const [name, vcpu, gib, gpus] of facts) {
    const type = instanceType(name);
    assert.deepEqual([type?.vcpu, type?.memoryMiB, type?.gpus], [vcpu, gib * 1024, gpus], name);
  }
});

test("each family is there, and each name looks like one", () => {
  const families = new Set([...instanceTypes()].map(({ name }) => name.split(".")[0]));
  const expected = [
    "c5",
    "c6g",
    "c6i",
    "c7i",
    "g4dn",
    "m5",
    "m6g",
    "m6i",
    "m7i",
    "p3",
    "r5",
    "r6i",
    "t3",
    "t3a",
    "t4g",
  ];
  assert.deepEqual([...families].sort(), expected);
  for (const { name } of instanceTypes()) assert.ok(looksLikeInstanceType(name), name);
});

test("names of types that the table does not know look like one all the same", () => {
  for (const name of [
    "m8g.medium",
    "u-6tb1.56xlarge",
    "c7gn.metal",
    "m7i.metal-24xl",
    "im4gn.4xlarge",
    "p5.48xlarge",
  ]) {
    assert.ok(looksLikeInstanceType(name), name);
  }
  for (const name of ["m5", "large", "m5-large", "M5.large", "m5.lrage", "m5.large ", "m5 large", ""]) {
    assert.ok(!looksLikeInstanceType(name), name);
  }
  assert.equal(nearestInstanceType("m5.lrage"), "m5.large");
});

test("registered memory is a tenth and 64 MiB less than advertised", () => {
  assert.equal(registeredMemoryMiB(1024), 857);
  assert.equal(registeredMemoryMiB(8192), 7308);
  assert.equal(taskMemoryMiB(128), 320);
});

test("the smallest that fits is the cheapest, of x86-64, without a GPU", () => {
  const name = (memoryMiB: number, vcpu: number) => smallestThatFits({ memoryMiB, vcpu })?.name;
  assert.equal(name(320, 1), "t3.micro", "512 MiB would do on paper, but leave the agent nothing");
  assert.equal(name(858, 1), "t3.small");
  assert.equal(name(7308, 2), "t3.large");
  assert.equal(name(7309, 2), "r5.large");
  assert.equal(name(100, 12), "c6i.4xlarge");
  assert.equal(name(900_000, 1), "r6i.32xlarge");
  assert.equal(name(1_000_000, 1), undefined);
  assert.equal(smallestThatFits({ memoryMiB: 320, vcpu: 1 }, "arm64")?.name, "t4g.micro");
});

test("what is chosen fits, and nothing cheaper that may be chosen does", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1_100_000 }),
      fc.double({ min: 0.125, max: 200, noNaN: true }),
      (memoryMiB, vcpu) => {
        const needs = { memoryMiB, vcpu };
        const chosen = smallestThatFits(needs);
        const fitting = [...instanceTypes()].filter(
          (type) =>
            type.architecture === "x86_64" && type.gpus === 0 && !/^t3a|\.nano$/.test(type.name) && fits(type, needs),
        );
        assert.equal(
          chosen?.usdPerHour,
          fitting.length === 0 ? undefined : Math.min(...fitting.map((type) => type.usdPerHour)),
        );
      },
    ),
  );
});

test("instead of a type that is too small a larger one of its family is proposed, else one of its kind", () => {
  const instead = (name: string, memoryMiB: number, vcpu = 1) => nearestThatFits(name, { memoryMiB, vcpu })?.name;
  assert.equal(instead("m5.large", 8000), "m5.xlarge");
  assert.equal(instead("t3.small", 40_000), "r5.xlarge".replace("xlarge", "2xlarge"));
  assert.equal(instead("t4g.small", 40_000), "m6g.4xlarge");
  assert.equal(instead("g4dn.xlarge", 250_000), "p3.16xlarge");
});

test("the machine image follows from the type, known or not", () => {
  const kinds: readonly (readonly [string, "arm64" | "x86_64", boolean])[] = [
    ["t3.micro", "x86_64", false],
    ["t4g.micro", "arm64", false],
    ["g4dn.xlarge", "x86_64", true],
    ["m8g.large", "arm64", false],
    ["c7gn.large", "arm64", false],
    ["a1.large", "arm64", false],
    ["im4gn.large", "arm64", false],
    ["g6.xlarge", "x86_64", true],
    ["gr6.4xlarge", "x86_64", true],
    ["g5g.xlarge", "arm64", true],
    ["p5.48xlarge", "x86_64", true],
    ["m8i.large", "x86_64", false],
  ];
  for (const [name, architecture, gpu] of kinds) assert.deepEqual(imageKind(name), { architecture, gpu }, name);
});
