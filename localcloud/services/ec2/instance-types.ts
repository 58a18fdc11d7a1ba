/**
 * Instance types that workflows are likely to name, from AWS's own tables (https://aws.amazon.com/ec2/instance-types/).
 * This file imports nothing, so that others can share it.
 */
export interface InstanceTypeFacts {
  readonly name: string;
  readonly vcpus: number;
  readonly memoryMiB: number;
  readonly architecture: "x86_64" | "arm64";
  readonly gpu: GpuFacts | undefined;
  /** Can run beyond a baseline on credits (the `t` families). */
  readonly burstable: boolean;
  readonly currentGeneration: boolean;
  /** False for the two oldest virtualisations, which the Nitro system replaced. */
  readonly nitro: boolean;
}

export interface GpuFacts {
  readonly name: string;
  readonly count: number;
  readonly memoryMiB: number;
}

/** Undefined for a type that is not in the table. */
export function instanceType(name: string): InstanceTypeFacts | undefined {
  return TYPES.get(name);
}

export function instanceTypes(): Iterable<InstanceTypeFacts> {
  return TYPES.values();
}

/** vCPUs by size where memory is a fixed multiple of them. */
const LADDER: Readonly<Record<string, number>> = {
  medium: 1,
  large: 2,
  xlarge: 4,
  "2xlarge": 8,
  "4xlarge": 16,
  "8xlarge": 32,
  "12xlarge": 48,
  "16xlarge": 64,
  "24xlarge": 96,
  "32xlarge": 128,
  "48xlarge": 192,
};

const X86_STEPS = ["large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge"];
const X86_WIDE = [...X86_STEPS, "32xlarge"];
const X86_WIDEST = [...X86_STEPS, "48xlarge"];
const ARM_STEPS = ["medium", "large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge"];
const ARM_WIDEST = [...ARM_STEPS, "24xlarge", "48xlarge"];

/** Families whose sizes all have the same memory for each vCPU, in GiB. */
const EVEN: readonly { families: string[]; gib: number; sizes: string[]; arm?: true }[] = [
  { families: ["c5a"], gib: 2, sizes: X86_STEPS },
  { families: ["c6a", "c7a"], gib: 2, sizes: X86_WIDEST },
  { families: ["c6i"], gib: 2, sizes: X86_WIDE },
  { families: ["c7i"], gib: 2, sizes: X86_WIDEST },
  { families: ["m5", "m5a", "m5d"], gib: 4, sizes: X86_STEPS },
  { families: ["m6i"], gib: 4, sizes: X86_WIDE },
  { families: ["m6a", "m7a", "m7i"], gib: 4, sizes: X86_WIDEST },
  { families: ["r5", "r5a", "r5d"], gib: 8, sizes: X86_STEPS },
  { families: ["r6i"], gib: 8, sizes: X86_WIDE },
  { families: ["r6a", "r7a", "r7i"], gib: 8, sizes: X86_WIDEST },
  { families: ["c6g", "c7g"], gib: 2, sizes: ARM_STEPS, arm: true },
  { families: ["c8g"], gib: 2, sizes: ARM_WIDEST, arm: true },
  { families: ["m6g", "m7g"], gib: 4, sizes: ARM_STEPS, arm: true },
  { families: ["m8g"], gib: 4, sizes: ARM_WIDEST, arm: true },
  { families: ["r6g", "r7g"], gib: 8, sizes: ARM_STEPS, arm: true },
  { families: ["r8g"], gib: 8, sizes: ARM_WIDEST, arm: true },
];

type Uneven = readonly [size: string, vcpus: number, gib: number, gpus?: number];

const T3: readonly Uneven[] = [
  ["nano", 2, 0.5],
  ["micro", 2, 1],
  ["small", 2, 2],
  ["medium", 2, 4],
  ["large", 2, 8],
  ["xlarge", 4, 16],
  ["2xlarge", 8, 32],
];

/** Families that follow no such rule. */
const UNEVEN: readonly {
  families: string[];
  sizes: readonly Uneven[];
  arm?: true;
  old?: true;
  xen?: true;
  gpu?: { name: string; memoryMiB: number };
}[] = [
  { families: ["t3", "t3a"], sizes: T3 },
  { families: ["t4g"], sizes: T3, arm: true },
  {
    families: ["t2"],
    xen: true,
    sizes: [
      ["nano", 1, 0.5],
      ["micro", 1, 1],
      ["small", 1, 2],
      ["medium", 2, 4],
      ["large", 2, 8],
      ["xlarge", 4, 16],
      ["2xlarge", 8, 32],
    ],
  },
  { families: ["m1"], old: true, xen: true, sizes: [["small", 1, 1.7]] },
  {
    families: ["m3"],
    old: true,
    xen: true,
    sizes: [
      ["medium", 1, 3.75],
      ["large", 2, 7.5],
      ["xlarge", 4, 15],
      ["2xlarge", 8, 30],
    ],
  },
  {
    families: ["c3"],
    old: true,
    xen: true,
    sizes: [
      ["large", 2, 3.75],
      ["xlarge", 4, 7.5],
      ["2xlarge", 8, 15],
      ["4xlarge", 16, 30],
      ["8xlarge", 32, 60],
    ],
  },
  {
    families: ["m4"],
    xen: true,
    sizes: [
      ["large", 2, 8],
      ["xlarge", 4, 16],
      ["2xlarge", 8, 32],
      ["4xlarge", 16, 64],
      ["10xlarge", 40, 160],
      ["16xlarge", 64, 256],
    ],
  },
  {
    families: ["c4"],
    xen: true,
    sizes: [
      ["large", 2, 3.75],
      ["xlarge", 4, 7.5],
      ["2xlarge", 8, 15],
      ["4xlarge", 16, 30],
      ["8xlarge", 36, 60],
    ],
  },
  {
    families: ["r4"],
    xen: true,
    sizes: [
      ["large", 2, 15.25],
      ["xlarge", 4, 30.5],
      ["2xlarge", 8, 61],
      ["4xlarge", 16, 122],
      ["8xlarge", 32, 244],
      ["16xlarge", 64, 488],
    ],
  },
  {
    families: ["c5", "c5d"],
    sizes: [
      ["large", 2, 4],
      ["xlarge", 4, 8],
      ["2xlarge", 8, 16],
      ["4xlarge", 16, 32],
      ["9xlarge", 36, 72],
      ["12xlarge", 48, 96],
      ["18xlarge", 72, 144],
      ["24xlarge", 96, 192],
    ],
  },
  {
    families: ["p2"],
    old: true,
    xen: true,
    gpu: { name: "K80", memoryMiB: 12288 },
    sizes: [
      ["xlarge", 4, 61, 1],
      ["8xlarge", 32, 488, 8],
      ["16xlarge", 64, 732, 16],
    ],
  },
  {
    families: ["p3"],
    xen: true,
    gpu: { name: "V100", memoryMiB: 16384 },
    sizes: [
      ["2xlarge", 8, 61, 1],
      ["8xlarge", 32, 244, 4],
      ["16xlarge", 64, 488, 8],
    ],
  },
  {
    families: ["g4dn"],
    gpu: { name: "T4", memoryMiB: 16384 },
    sizes: [
      ["xlarge", 4, 16, 1],
      ["2xlarge", 8, 32, 1],
      ["4xlarge", 16, 64, 1],
      ["8xlarge", 32, 128, 1],
      ["12xlarge", 48, 192, 4],
      ["16xlarge", 64, 256, 1],
    ],
  },
  {
    families: ["g5"],
    gpu: { name: "A10G", memoryMiB: 24576 },
    sizes: [
      ["xlarge", 4, 16, 1],
      ["2xlarge", 8, 32, 1],
      ["4xlarge", 16, 64, 1],
      ["8xlarge", 32, 128, 1],
      ["12xlarge", 48, 192, 4],
      ["16xlarge", 64, 256, 1],
      ["24xlarge", 96, 384, 4],
      ["48xlarge", 192, 768, 8],
    ],
  },
];

const TYPES: ReadonlyMap<string, InstanceTypeFacts> = new Map(
  [...evenTypes(), ...unevenTypes()].map((type) => [type.name, type]),
);

function evenTypes(): InstanceTypeFacts[] {
  return EVEN.flatMap(({ families, gib, sizes, arm }) =>
    families.flatMap((family) =>
      sizes.map((size) => ({
        name: `${family}.${size}`,
        vcpus: LADDER[size]!,
        memoryMiB: LADDER[size]! * gib * 1024,
        architecture: arm ? "arm64" : "x86_64",
        gpu: undefined,
        burstable: false,
        currentGeneration: true,
        nitro: true,
      })),
    ),
  );
}

function unevenTypes(): InstanceTypeFacts[] {
  return UNEVEN.flatMap(({ families, sizes, arm, old, xen, gpu }) =>
    families.flatMap((family) =>
      sizes.map(([size, vcpus, gib, gpus]) => ({
        name: `${family}.${size}`,
        vcpus,
        memoryMiB: Math.floor(gib * 1024),
        architecture: arm ? "arm64" : "x86_64",
        gpu: gpu === undefined ? undefined : { ...gpu, count: gpus ?? 1 },
        burstable: family.startsWith("t"),
        currentGeneration: old !== true,
        nitro: xen !== true,
      })),
    ),
  );
}
