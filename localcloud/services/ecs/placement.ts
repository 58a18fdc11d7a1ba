import type { Failure, PlacementStrategy } from "@aws-sdk/client-ecs";
import type { Expression } from "./expressions.ts";
import { remainingCapacity, subjectsOf, tasksOn } from "./instance-capacity.ts";
import type { ClusterRecord, ContainerInstanceRecord, Demand, TaskRecord } from "./state.ts";

export interface PlacementWish {
  readonly demand: Demand;
  /** `x86_64` or `arm64`, where the definition asks for one. */
  readonly architecture: string | undefined;
  /** Attributes that the agent must have. */
  readonly attributes: readonly string[];
  /** All `memberOf` constraints, of the request and of the definition. */
  readonly memberOf: readonly Expression[];
  /** A task of the same group on an instance keeps the next one away. */
  readonly distinctGroup: string | undefined;
}

/**
 * Why a task cannot run on this instance now, as ECS names it, or undefined if it can: `AGENT`, `ATTRIBUTE`,
 * `RESOURCE:CPU`, `RESOURCE:MEMORY`, `RESOURCE:PORTS`, `RESOURCE:GPU`, or a sentence about a constraint.
 */
export function obstacle(
  cluster: ClusterRecord,
  instance: ContainerInstanceRecord,
  wish: PlacementWish,
): string | undefined {
  const tasks = tasksOn(cluster, instance);
  const free = remainingCapacity(instance, tasks);
  const subjects = subjectsOf(instance, tasks);
  const architecture = instance.attributes.get("ecs.cpu-architecture");
  if (!instance.agentConnected) return "AGENT";
  if (wish.architecture !== undefined && architecture !== undefined && architecture !== wish.architecture)
    return "ATTRIBUTE";
  if (wish.attributes.some((name) => !instance.attributes.has(name))) return "ATTRIBUTE";
  if (!wish.memberOf.every((expression) => expression(subjects))) return "MemberOf placement constraint unsatisfied.";
  if (wish.distinctGroup !== undefined && tasks.some(({ task }) => task.group === wish.distinctGroup)) {
    return "DistinctInstance placement constraint unsatisfied.";
  }
  const { demand } = wish;
  if (demand.cpu > free.cpu) return "RESOURCE:CPU";
  if (demand.memory > free.memory) return "RESOURCE:MEMORY";
  if (demand.gpus > free.gpus) return "RESOURCE:GPU";
  const taken = new Set(tasks.flatMap((task) => task.demand.ports));
  return demand.ports.some((port) => taken.has(port)) ? "RESOURCE:PORTS" : undefined;
}

/** The instance on which a task goes by these strategies, or the reasons of all that were looked at. */
export function place(
  cluster: ClusterRecord,
  candidates: readonly ContainerInstanceRecord[],
  wish: PlacementWish,
  strategies: readonly PlacementStrategy[],
): { instance: ContainerInstanceRecord } | { failures: Failure[] } {
  const failures: Failure[] = [];
  const fitting: Candidate[] = [];
  for (const instance of candidates) {
    const reason = obstacle(cluster, instance, wish);
    if (reason === undefined) fitting.push({ instance, tasks: tasksOn(cluster, instance) });
    else failures.push({ arn: instance.arn, reason });
  }
  // Without a strategy ECS scatters; the emptiest instance is the choice that a run can repeat.
  const wanted = [...strategies, { type: "spread", field: "instanceId" } as const];
  const best = fitting.sort((a, b) => compare(a, b, fitting, wanted))[0];
  return best === undefined ? { failures } : { instance: best.instance };
}

interface Candidate {
  readonly instance: ContainerInstanceRecord;
  readonly tasks: readonly TaskRecord[];
}

function compare(
  a: Candidate,
  b: Candidate,
  all: readonly Candidate[],
  strategies: readonly PlacementStrategy[],
): number {
  for (const strategy of strategies) {
    const difference = rank(a, all, strategy) - rank(b, all, strategy);
    if (difference !== 0) return difference;
  }
  return a.instance.arn < b.instance.arn ? -1 : 1;
}

/** The lowest goes first: the fullest for `binpack`, the emptiest group for `spread`, all alike for `random`. */
function rank(candidate: Candidate, all: readonly Candidate[], { type, field }: PlacementStrategy): number {
  if (type === "binpack") {
    const free = remainingCapacity(candidate.instance, candidate.tasks);
    return field?.toLowerCase() === "cpu" ? free.cpu : free.memory;
  }
  if (type !== "spread") return 0;
  const group = groupOf(candidate, field);
  return all.filter((one) => groupOf(one, field) === group).reduce((sum, one) => sum + one.tasks.length, 0);
}

function groupOf({ instance, tasks }: Candidate, field: string | undefined): string {
  if (field?.startsWith("attribute:")) return subjectsOf(instance, tasks)(field) ?? "";
  return instance.arn;
}
