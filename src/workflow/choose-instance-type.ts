/** The instance type of a step, and whether the step can ever run on it. */
import type { Document, Path } from "./document.ts";
import {
  fits,
  instanceType,
  instanceTypes,
  type Needs,
  nearestInstanceType,
  nearestThatFits,
  registeredMemoryMiB,
  smallestThatFits,
  taskMemoryMiB,
  WORKER_MEMORY_MIB,
} from "./instance-types.ts";
import type { Problem } from "./problem.ts";

export interface Wanted {
  readonly document: Document;
  /** Of the step's entry in the workflow file. */
  readonly path: Path;
  /** Instance types as written for the step, the workflow and the algorithm; the first that is not empty counts. */
  readonly ofStep: string | undefined;
  readonly ofWorkflow: string | undefined;
  readonly ofAlgorithm: string | undefined;
  /** The algorithm's limit. */
  readonly memoryMiB: number;
  readonly cpu: number;
}

export interface Chosen {
  readonly instanceType: string;
  readonly problems: readonly Problem[];
}

export function chooseInstanceType(wanted: Wanted): Chosen {
  const { document, path } = wanted;
  const needs: Needs = { memoryMiB: taskMemoryMiB(wanted.memoryMiB), vcpu: wanted.cpu };
  if (wanted.ofStep) return check(wanted.ofStep, document, [...path, "instance_type"], needs);
  if (wanted.ofWorkflow) return check(wanted.ofWorkflow, document, ["compute", "instance_type"], needs);
  // The algorithm's type stands in another file; the place to overrule it is the step.
  if (wanted.ofAlgorithm) return check(wanted.ofAlgorithm, document, [...path, "instance_type"], needs);
  const smallest = smallestThatFits(needs);
  if (smallest) return { instanceType: smallest.name, problems: [] };
  const message = `would have to exceed every instance type: the step needs ${describe(needs)}, and the largest offers ${largest()}; lower memory or CPU`;
  return { instanceType: "", problems: [document.error([...path, "instance_type"], message)] };
}

function check(name: string, document: Document, path: Path, needs: Needs): Chosen {
  const known = instanceType(name);
  if (known === undefined) {
    const meant = nearestInstanceType(name);
    const hint = meant ? `, if not "${meant}" was meant` : "";
    const message = `is taken as it is: ${name} is not among the instance types that can be checked here${hint}`;
    return { instanceType: name, problems: [document.notice(path, message)] };
  }
  if (fits(known, needs)) return { instanceType: name, problems: [] };
  const instead = nearestThatFits(name, needs);
  const offers = `${registeredMemoryMiB(known.memoryMiB)} MiB and ${known.vcpu} vCPU for tasks`;
  const message = `can never run this step: ${name} offers ${offers}, and it needs ${describe(needs)}; ${
    instead ? `write "${instead.name}"` : "lower the algorithm's memory or CPU"
  }`;
  return { instanceType: name, problems: [document.error(path, message)] };
}

const describe = (needs: Needs): string =>
  `${needs.memoryMiB} MiB (${WORKER_MEMORY_MIB} of them for the worker) and ${needs.vcpu} vCPU`;

function largest(): string {
  const types = [...instanceTypes()].filter((type) => type.architecture === "x86_64");
  const memoryMiB = Math.max(...types.map((type) => registeredMemoryMiB(type.memoryMiB)));
  return `${memoryMiB} MiB and ${Math.max(...types.map((type) => type.vcpu))} vCPU`;
}
