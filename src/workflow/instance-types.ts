/** EC2 instance types that tasks may run on: what they have, which fits, and which is the cheapest that does. */
import { nearest } from "./suggest.ts";

export type Architecture = "x86_64" | "arm64";

export interface InstanceType {
  readonly name: string;
  readonly vcpu: number;
  /** As Amazon advertises it; ECS registers less. */
  readonly memoryMiB: number;
  readonly architecture: Architecture;
  readonly gpus: number;
  /** On-demand, Linux, us-east-1. Only for the order from cheap to dear; no bill is computed from it. */
  readonly usdPerHour: number;
}

/** What a task needs of the instance that it runs on. */
export interface Needs {
  /** The whole task's, worker included. */
  readonly memoryMiB: number;
  readonly vcpu: number;
}

/** What the worker needs beside the algorithm, within the same task. */
export const WORKER_MEMORY_MIB = 192;

/** Memory limit of a task whose algorithm has the given limit. */
export const taskMemoryMiB = (algorithmMiB: number): number => algorithmMiB + WORKER_MEMORY_MIB;

/**
 * The memory that the ECS agent registers for tasks: what the kernel leaves of the advertised memory. AWS publishes no
 * formula; a tenth and 64 MiB less is a bound that holds for small and large instances.
 */
export const registeredMemoryMiB = (nominalMiB: number): number => Math.floor(nominalMiB * 0.9) - 64;

export const fits = (type: InstanceType, needs: Needs): boolean =>
  registeredMemoryMiB(type.memoryMiB) >= needs.memoryMiB && type.vcpu >= needs.vcpu;

/** The type of that name, if the table knows it. */
export const instanceType = (name: string): InstanceType | undefined => TYPES.get(name);

/** Every type of the table, from cheap to dear. */
export const instanceTypes = (): Iterable<InstanceType> => TYPES.values();

/** The cheapest type on which a task fits, without a GPU, for the architecture that images are most often built for. */
export function smallestThatFits(needs: Needs, architecture: Architecture = "x86_64"): InstanceType | undefined {
  return [...TYPES.values()].find(
    (type) => type.architecture === architecture && type.gpus === 0 && isChosenUnasked(type) && fits(type, needs),
  );
}

/**
 * Not the `nano` sizes: of 512 MiB, Docker and the ECS agent leave too little to count on. Not t3a: it is a tenth cheaper
 * than t3, but many availability zones do not offer it.
 */
const isChosenUnasked = (type: InstanceType): boolean => !type.name.endsWith(".nano") && !type.name.startsWith("t3a.");

/** The type to propose where `name` is too small: a larger one of its family, else the cheapest of its kind. */
export function nearestThatFits(name: string, needs: Needs): InstanceType | undefined {
  const family = name.split(".")[0] + ".";
  const larger = [...TYPES.values()].find((type) => type.name.startsWith(family) && fits(type, needs));
  const type = TYPES.get(name);
  if (larger || type === undefined) return larger ?? smallestThatFits(needs);
  if (type.gpus > 0) return [...TYPES.values()].find((other) => other.gpus > 0 && fits(other, needs));
  return smallestThatFits(needs, type.architecture);
}

/** Amazon adds types faster than this table grows, so a name that looks like one may be one. */
export const looksLikeInstanceType = (name: string): boolean =>
  name.length <= 32 &&
  /^[a-z]+(-[a-z0-9]+)?\d+[a-z0-9-]*\.(nano|micro|small|medium|large|xlarge|\d+xlarge|metal(-\d+xl)?)$/.test(name);

/** The known type whose name is nearest to a misspelt one. */
export const nearestInstanceType = (name: string): string | undefined => nearest(name, TYPES.keys());

/** Which kind of machine image an instance type boots; for types that the table does not know, by its name. */
export function imageKind(name: string): { architecture: Architecture; gpu: boolean } {
  const known = TYPES.get(name);
  if (known) return { architecture: known.architecture, gpu: known.gpus > 0 };
  // A "g" right behind the generation means Graviton (m7g, c7gn); the families g, gr and p have GPUs (g6, gr6, p5).
  const arm = /^(a1\.|[a-z]+\d+g)/.test(name);
  return { architecture: arm ? "arm64" : "x86_64", gpu: /^(gr?|p)\d/.test(name) };
}

/** One family whose sizes are multiples of each other: memory and price go with the vCPUs. */
interface Family {
  readonly name: string;
  readonly architecture: Architecture;
  readonly memoryMiBPerVcpu: number;
  readonly usdPerVcpuHour: number;
  /** vCPUs of the sizes: 1 is `medium`, 2 `large`, 4 `xlarge`, 4 n `n xlarge`. */
  readonly vcpus: readonly number[];
}

const INTEL_6 = [2, 4, 8, 16, 32, 48, 64, 96, 128];
const INTEL_7 = [2, 4, 8, 16, 32, 48, 64, 96, 192];
const GRAVITON = [1, 2, 4, 8, 16, 32, 48, 64];

/** vCPUs and memory from the EC2 documentation ("Amazon EC2 instance types"). */
const FAMILIES: readonly Family[] = [
  family("c6i", "x86_64", 2, 0.0425, INTEL_6),
  family("c7i", "x86_64", 2, 0.044625, INTEL_7),
  family("m5", "x86_64", 4, 0.048, [2, 4, 8, 16, 32, 48, 64, 96]),
  family("m6i", "x86_64", 4, 0.048, INTEL_6),
  family("m7i", "x86_64", 4, 0.0504, INTEL_7),
  family("r5", "x86_64", 8, 0.063, [2, 4, 8, 16, 32, 48, 64, 96]),
  family("r6i", "x86_64", 8, 0.063, INTEL_6),
  family("c6g", "arm64", 2, 0.034, GRAVITON),
  family("m6g", "arm64", 4, 0.0385, GRAVITON),
];

/** Families whose sizes follow no rule: name, vCPUs, MiB, GPUs, price. */
const SINGLE_TYPES: readonly InstanceType[] = [
  ...burstable("t3", "x86_64", 0.0052),
  ...burstable("t3a", "x86_64", 0.0047),
  ...burstable("t4g", "arm64", 0.0042),
  // c5 is older than the rule: its larger sizes have 9 and 18 times an xlarge.
  ...[2, 4, 8, 16, 36, 48, 72, 96].map((vcpu) => type(nameOf("c5", vcpu), vcpu, vcpu * 2 * 1024, 0, vcpu * 0.0425)),
  type("g4dn.xlarge", 4, 16_384, 1, 0.526),
  type("g4dn.2xlarge", 8, 32_768, 1, 0.752),
  type("g4dn.4xlarge", 16, 65_536, 1, 1.204),
  type("g4dn.8xlarge", 32, 131_072, 1, 2.176),
  type("g4dn.12xlarge", 48, 196_608, 4, 3.912),
  type("g4dn.16xlarge", 64, 262_144, 1, 4.352),
  type("p3.2xlarge", 8, 62_464, 1, 3.06),
  type("p3.8xlarge", 32, 249_856, 4, 12.24),
  type("p3.16xlarge", 64, 499_712, 8, 24.48),
];

const TYPES: ReadonlyMap<string, InstanceType> = new Map(
  [...FAMILIES.flatMap(typesOf), ...SINGLE_TYPES]
    .sort((one, other) => one.usdPerHour - other.usdPerHour || one.memoryMiB - other.memoryMiB)
    .map((each) => [each.name, each]),
);

function family(
  name: string,
  architecture: Architecture,
  gibPerVcpu: number,
  usdPerVcpuHour: number,
  vcpus: readonly number[],
): Family {
  return { name, architecture, memoryMiBPerVcpu: gibPerVcpu * 1024, usdPerVcpuHour, vcpus };
}

function typesOf(of: Family): InstanceType[] {
  return of.vcpus.map((vcpu) => ({
    ...type(nameOf(of.name, vcpu), vcpu, vcpu * of.memoryMiBPerVcpu, 0, vcpu * of.usdPerVcpuHour),
    architecture: of.architecture,
  }));
}

function nameOf(familyName: string, vcpu: number): string {
  const size = vcpu === 1 ? "medium" : vcpu === 2 ? "large" : vcpu === 4 ? "xlarge" : `${vcpu / 4}xlarge`;
  return `${familyName}.${size}`;
}

/** All burstable families have the same seven sizes, each twice the price of the one before. */
function burstable(name: string, architecture: Architecture, usdPerNanoHour: number): InstanceType[] {
  const sizes = ["nano", "micro", "small", "medium", "large", "xlarge", "2xlarge"];
  const vcpus = [2, 2, 2, 2, 2, 4, 8];
  return sizes.map((size, step) => ({
    ...type(`${name}.${size}`, vcpus[step]!, 512 * 2 ** step, 0, usdPerNanoHour * 2 ** step),
    architecture,
  }));
}

function type(name: string, vcpu: number, memoryMiB: number, gpus: number, usdPerHour: number): InstanceType {
  return { name, vcpu, memoryMiB, architecture: "x86_64", gpus, usdPerHour };
}
