/** Which tasks go where: first onto instances that are there, then onto those that boot, then onto new ones. Pure. */
import type { StepDescription } from "../src/desired/step-description.ts";
import type { Machine, Room } from "./snapshot.ts";

/** Something that tasks fit into. */
interface Bin {
  readonly kind: "ready" | "booting" | "new";
  readonly type: string;
  /** Absent where the instance is still to be launched. */
  readonly machineId?: string;
  memoryMiB: number;
  cpuUnits: number;
  gpus: number;
  readonly ports: Set<string>;
}

export interface Wish {
  readonly key: string;
  readonly description: StepDescription;
  /** Tasks wanted. */
  readonly tasks: number;
  /** Tasks that run or start already. */
  readonly alive: number;
  /** Instances that may still be launched for it. */
  readonly launches: number;
}

export interface Plan {
  /** Per step: tasks that can start now. */
  readonly starts: ReadonlyMap<string, number>;
  /** Per step: instances to launch. */
  readonly launches: ReadonlyMap<string, number>;
  /** Instances that tasks are about to start on. */
  readonly used: ReadonlySet<string>;
  /** Per step: why no instance of its type can ever take its task. */
  readonly hopeless: ReadonlyMap<string, string>;
}

/**
 * One task at a time, for the step that has the fewest: a large backlog does not keep a small one waiting.
 * @param booting instances on their way, with the type that they will have
 * @param launchesMost new instances in one run
 */
export function place(
  wishes: readonly Wish[],
  ready: readonly Machine[],
  booting: readonly { readonly id: string; readonly type: string; readonly room: Room | undefined }[],
  launchesMost: number,
): Plan {
  const starts = new Map<string, number>();
  const launches = new Map<string, number>();
  const used = new Set<string>();
  const hopeless = new Map<string, string>();
  const bins: Bin[] = [...ready.map(readyBin), ...booting.flatMap(bootingBin)];
  const open = wishes.map((wish) => ({ wish, left: wish.tasks, has: wish.alive }));
  let launched = 0;

  for (;;) {
    const next = fewest(open.filter(({ left }) => left > 0));
    if (!next) return { starts, launches, used, hopeless };
    const { wish } = next;
    let bin = fullest(bins.filter((one) => fits(one, wish.description)));
    if (!bin && launched < launchesMost && (launches.get(wish.key) ?? 0) < wish.launches) {
      const room = roomOf(wish.description, ready);
      bin = { kind: "new", type: wish.description.instances.type, ports: new Set(), ...room };
      if (fits(bin, wish.description)) {
        bins.push(bin);
        launches.set(wish.key, (launches.get(wish.key) ?? 0) + 1);
        launched += 1;
      } else {
        hopeless.set(wish.key, tooSmall(wish.description, room));
        bin = undefined;
      }
    }
    if (!bin) {
      next.left = 0;
      continue;
    }
    take(bin, wish.description);
    next.left -= 1;
    next.has += 1;
    if (bin.kind !== "ready") continue;
    starts.set(wish.key, (starts.get(wish.key) ?? 0) + 1);
    used.add(bin.machineId!);
  }
}

/**
 * What an instance of the step's type offers: what one of them registered, else what is known of the type. Of a type that
 * nobody knows, one task is taken to fit: its first instance will tell.
 */
export function roomOf({ task, instances }: StepDescription, ready: readonly Machine[]): Room {
  const known = ready.find(({ type }) => type === instances.type)?.joined?.total;
  return (
    known ?? {
      memoryMiB: instances.memoryMiB ?? task.memoryMiB,
      cpuUnits: instances.cpuUnits ?? task.cpuUnits,
      gpus: instances.gpus ?? task.gpus,
    }
  );
}

const readyBin = ({ id, type, joined }: Machine): Bin => ({
  kind: "ready",
  type,
  machineId: id,
  ...joined!.free,
  ports: new Set(joined!.takenPorts),
});

const bootingBin = ({ id, type, room }: { id: string; type: string; room: Room | undefined }): Bin[] =>
  room ? [{ kind: "booting", type, machineId: id, ...room, ports: new Set() }] : [];

function fits(bin: Bin, { task, instances }: StepDescription): boolean {
  return (
    bin.type === instances.type &&
    bin.memoryMiB >= task.memoryMiB &&
    bin.cpuUnits >= task.cpuUnits &&
    bin.gpus >= task.gpus &&
    portsOf(task).every((port) => !bin.ports.has(port))
  );
}

function take(bin: Bin, { task }: StepDescription): void {
  bin.memoryMiB -= task.memoryMiB;
  bin.cpuUnits -= task.cpuUnits;
  bin.gpus -= task.gpus;
  for (const port of portsOf(task)) bin.ports.add(port);
}

const portsOf = ({ ports }: StepDescription["task"]): string[] =>
  ports.map(({ port, protocol }) => `${port}/${protocol}`);

const KINDS = ["ready", "booting", "new"] as const;

/** What stands before what boots before what is to come; of each kind the one with the least memory left, as ECS packs. */
function fullest(bins: readonly Bin[]): Bin | undefined {
  return bins.reduce<Bin | undefined>((best, bin) => {
    if (!best) return bin;
    const difference = KINDS.indexOf(bin.kind) - KINDS.indexOf(best.kind) || bin.memoryMiB - best.memoryMiB;
    return difference < 0 ? bin : best;
  }, undefined);
}

const fewest = <T extends { readonly has: number }>(open: readonly T[]): T | undefined =>
  open.reduce<T | undefined>((best, one) => (best && best.has <= one.has ? best : one), undefined);

function tooSmall({ task, instances }: StepDescription, room: Room): string {
  const said = ({ memoryMiB, cpuUnits, gpus }: Room) =>
    `${memoryMiB} MiB and ${cpuUnits} CPU units${task.gpus > 0 ? ` (GPUs: ${gpus})` : ""}`;
  return `a task needs ${said(task)}, but an instance of type ${instances.type} registers ${said(room)}`;
}
