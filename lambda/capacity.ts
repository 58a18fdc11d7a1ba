/**
 * What is to be done for a cluster, given what is seen of it: tasks for what waits, instances for tasks that do not fit, the
 * end of instances that idle or never came up, alarms that end what nobody else ends. Pure: the same snapshot and report
 * give the same actions.
 */
import type { ScalerReport, Track } from "../src/desired/scaler-report.ts";
import { place, roomOf, type Wish } from "./placement.ts";
import { isAlive, isBooting, isLive, type Joined, type Machine, type Snapshot, type StepNow } from "./snapshot.ts";

export type Action =
  | { do: "evacuate"; machine: Machine; taskArns: readonly string[] }
  /** `seen`: how many tasks of the step the snapshot shows, ended ones too; a run that sees more wishes anew. */
  | { do: "start"; step: StepNow; count: number; seen: number; minute: number }
  | { do: "launch"; step: StepNow; number: number; minute: number; places: readonly LaunchPlace[] }
  | { do: "give-up"; step: StepNow; why: string }
  | { do: "drain"; machine: Machine }
  | { do: "terminate"; machine: Machine; why: string }
  | { do: "dismiss"; machine: Machine }
  | { do: "guard"; machine: Machine; minutes: number }
  | { do: "unguard"; machine: Machine };

/** Where an instance may be bought; tried in turn. */
export interface LaunchPlace {
  readonly subnetId: string;
  readonly market: "spot" | "on-demand";
}

/** An instance that has not joined its cluster so long after its launch never will. */
export const REGISTER_WITHIN_MS = 600_000;
/** EC2 may not show a new instance at once; for so long it counts by what the launch answered. */
export const UNSEEN_MS = 300_000;
/** RunInstances: 2/s after a burst of 5 (EC2 API throttling); the next run goes on. */
export const LAUNCHES_PER_RUN = 20;
/** Container instances that a cluster takes (Amazon ECS service quotas). */
export const INSTANCES_PER_CLUSTER = 5_000;
/** An instance on which nothing will be tried for so long is given back. */
export const USELESS_MS = 900_000;
/** Agents lose their connection for moments all day; one that has been silent for so long does not come back. */
export const LOST_MS = 1_800_000;
/** Credentials of a task last six hours, and only the agent renews them: after that, a worker can finish nothing. */
export const CREDENTIALS_MS = 21_600_000;
/** A task that has run for so long has started. */
export const SHORT_RUN_MS = 60_000;
/** One that fails later than this has worked before. What its file may still cost, the tries that a file has are to bound. */
export const LONG_RUN_MS = 1_200_000;
/** Of instances whose step is gone. */
export const ORPHAN_IDLE_MINUTES = 15;

const MINUTE_MS = 60_000;
/** Shorter would end instances whose algorithm only waits for a while. */
const ALARM_LEAST_MINUTES = 60;
/** Evaluation periods together may not pass a day (PutMetricAlarm). */
const ALARM_MOST_MINUTES = 1_440;

export function decide(now: Snapshot, report: ScalerReport): Action[] {
  const evacuated = evacuations(now);
  const leaving = new Set(evacuated.map(({ machine }) => machine.id));
  const growth = grow(now, report, leaving);
  return [
    ...evacuated,
    ...growth.actions,
    ...shrink(now, report, new Set([...leaving, ...growth.used])),
    ...alarms(now),
  ];
}

/** Two minutes after its warning a Spot instance is gone, and ECS does not stop tasks by itself that belong to no service. */
function evacuations({ machines, tasks, warned }: Snapshot) {
  return machines.flatMap((machine): Extract<Action, { do: "evacuate" }>[] => {
    const { joined, id } = machine;
    if (!joined || !machine.ours || !isLive(machine)) return [];
    const taskArns = tasks
      .filter((task) => task.containerInstanceArn === joined.arn && isAlive(task))
      .map(({ arn }) => arn);
    // The agent on the instance hears of the warning too, and drains: by that it is known in later runs.
    const isDoomed = warned.includes(id) || (machine.spot && joined.draining && taskArns.length > 0);
    return isDoomed ? [{ do: "evacuate", machine, taskArns }] : [];
  });
}

function grow(now: Snapshot, report: ScalerReport, leaving: ReadonlySet<string>) {
  const ready = now.machines.filter((machine) => isLive(machine) && machine.joined?.ready && !leaving.has(machine.id));
  const heard = now.machines.filter((machine) => !isLost(machine, now, report));
  const hosts = new Set(heard.map(({ joined }) => joined?.arn));
  const wishes = now.steps.map((step) => wishOf(step, now, report, hosts));
  const byKey = new Map(now.steps.map((step) => [step.key, step]));
  const booting = bootingOf(now, report).map(({ id, step }) => {
    const description = step === undefined ? undefined : byKey.get(step)?.description;
    return { id, type: description?.instances.type ?? "", room: description && roomOf(description, ready) };
  });
  const plan = place(wishes, ready, booting, Math.min(LAUNCHES_PER_RUN, roomInCluster(now, report)));
  const minute = Math.floor(now.nowMs / MINUTE_MS);

  const actions = wishes.flatMap(({ key }): Action[] => {
    const step = byKey.get(key)!;
    const seen = now.tasks.filter(({ family }) => family === step.description.task.family).length;
    const count = plan.starts.get(key) ?? 0;
    const why = plan.hopeless.get(key);
    return [
      ...(count > 0 ? [{ do: "start", step, count, seen, minute } as const] : []),
      ...(why === undefined ? [] : [{ do: "give-up", step, why } as const]),
      ...launches(step, plan.launches.get(key) ?? 0, now, report, minute),
    ];
  });
  return { actions, used: plan.used };
}

function launches(step: StepNow, count: number, now: Snapshot, report: ScalerReport, minute: number): Action[] {
  if (count === 0) return [];
  const { instances } = step.description;
  const subnets = instances.subnets.length > 0 ? instances.subnets : now.defaultSubnets;
  if (step.templateVersion === null) {
    return [{ do: "give-up", step, why: `the launch template ${instances.launchTemplate} is not there` }];
  }
  if (subnets.length === 0) {
    return [{ do: "give-up", step, why: "there is no default VPC, and the workflow names no subnets" }];
  }
  const standing = instancesOf(step.key, now, report);
  // Where an instance never joined, the next ones go elsewhere, as long as there is an elsewhere.
  const shunnedMs = (subnetId: string) => report.steps[step.key]?.shunned[subnetId] ?? 0;
  const markets = instances.spot ? (["spot", "on-demand"] as const) : (["on-demand"] as const);
  return Array.from({ length: count }, (_, index) => {
    const number = standing + index;
    // Neighbours go to different zones.
    const turned = subnets
      .map((_, at) => subnets[(at + number) % subnets.length]!)
      .sort((one, other) => shunnedMs(one) - shunnedMs(other));
    const places = markets.flatMap((market) => turned.map((subnetId) => ({ subnetId, market })));
    return { do: "launch", step, number, minute, places };
  });
}

/** How long a task must run to show that it works: where others failed only after a while, twice as long as they lasted. */
export const proofMs = (longestMs = 0): number => Math.min(LONG_RUN_MS, Math.max(SHORT_RUN_MS, 2 * longestMs));

/** @param hosts ARNs of container instances that are there; of tasks on others nobody will hear any more */
function wishOf(step: StepNow, now: Snapshot, report: ScalerReport, hosts: ReadonlySet<string | undefined>): Wish {
  const { description, key, waiting, inFlight } = step;
  const { task, instances } = description;
  const own = now.tasks.filter(
    (one) =>
      one.family === task.family &&
      isAlive(one) &&
      (one.containerInstanceArn === undefined || hosts.has(one.containerInstanceArn)),
  );
  const alive = own.length;
  const wanted = Math.min(Math.ceil((waiting + inFlight) / task.filesPerTask), task.max) - alive;
  // What is in flight has its worker already: without anything waiting, a task would start for nothing.
  const useful = Math.max(0, Math.min(wanted, waiting));
  const { troubles, proven } = report.steps[key] ?? { troubles: {}, proven: false };
  const mayTry = (track: Track) => (troubles[track]?.retryAtMs ?? 0) <= now.nowMs;
  // What failed before is tried with one, and not with another before that one has shown what it is.
  const provenMs = now.nowMs - proofMs(troubles.start?.ran?.longestMs);
  const trying = own.filter(({ startedMs = now.nowMs }) => startedMs > provenMs).length;
  const tasks = !mayTry("start") ? 0 : troubles.start ? Math.min(useful, Math.max(0, 1 - trying)) : useful;
  const standing = instancesOf(key, now, report);
  const booting = bootingOf(now, report).filter((one) => one.step === key).length;
  // What cannot be ended must not be begun.
  const mayLaunch = mayTry("launch") && mayTry("boot") && mayTry("upkeep");
  const isTroubled = [troubles.launch, troubles.boot, troubles.upkeep].some((one) => one !== undefined);
  // What nobody has seen work gets one instance; what has met with trouble one after the other.
  const probing = !proven ? 1 - standing : isTroubled ? 1 - booting : Number.POSITIVE_INFINITY;
  const most = mayLaunch ? Math.max(0, Math.min(instances.max - standing, probing)) : 0;
  return { key, description, tasks, alive, launches: most };
}

/** On their way into the cluster, those included that EC2 does not show yet. */
function bootingOf(now: Snapshot, report: ScalerReport): { id: string; step: string | undefined }[] {
  const hopeful = now.machines.filter(
    (machine) => isBooting(machine) && now.nowMs - machine.launchedMs < REGISTER_WITHIN_MS,
  );
  return [...hopeful.map(({ id, step }) => ({ id, step })), ...unseen(now, report)];
}

/** Instances that may still come, whoever they are for; those of others count as well. */
const roomInCluster = (now: Snapshot, report: ScalerReport): number =>
  INSTANCES_PER_CLUSTER - now.machines.filter(isLive).length - unseen(now, report).length;

/** Instances of a step that cost money, whatever they do. */
function instancesOf(key: string, now: Snapshot, report: ScalerReport): number {
  const seen = now.machines.filter((machine) => machine.ours && machine.step === key && isLive(machine)).length;
  return seen + unseen(now, report).filter(({ step }) => step === key).length;
}

function unseen({ machines, nowMs }: Snapshot, report: ScalerReport): { id: string; step: string }[] {
  const seen = new Set(machines.map(({ id }) => id));
  return Object.entries(report.machines)
    .filter(([id, { joined, launchedMs }]) => !joined && !seen.has(id) && nowMs - launchedMs < UNSEEN_MS)
    .map(([id, { step }]) => ({ id, step }));
}

/** An idle instance is drained first, so that no task comes upon it, and ended when the next run still sees it empty. */
function shrink(now: Snapshot, report: ScalerReport, busy: ReadonlySet<string>): Action[] {
  return now.machines.flatMap((machine): Action[] => {
    const { joined, id } = machine;
    if (!machine.ours || !isLive(machine) || busy.has(id)) return [];
    if (!joined) {
      const late = machine.step !== undefined && now.nowMs - machine.launchedMs >= REGISTER_WITHIN_MS;
      return late ? [{ do: "terminate", machine, why: "it has not joined the cluster" }] : [];
    }
    if (isLost(machine, now, report) && !mayFinish(joined, silentMs(machine, now, report), now)) {
      return [{ do: "terminate", machine, why: "its agent does not answer any more" }];
    }
    if (joined.tasks > 0) return [];
    if (joined.draining) return [{ do: "terminate", machine, why: "it is drained and has no task" }];
    return isIdle(machine, now, report) ? [{ do: "drain", machine }] : [];
  });
}

const isLost = (machine: Machine, now: Snapshot, report: ScalerReport): boolean =>
  machine.joined !== undefined && silentMs(machine, now, report) >= LOST_MS;

const silentMs = ({ id }: Machine, { nowMs }: Snapshot, { machines }: ScalerReport): number =>
  nowMs - (machines[id]?.silentSinceMs ?? nowMs);

/** Workers go on without an agent: one of the files in flight may be theirs. */
function mayFinish({ arn }: Joined, silentMs: number, { tasks, steps }: Snapshot): boolean {
  const own = tasks.filter((task) => task.containerInstanceArn === arn && isAlive(task));
  const families = new Set(own.map(({ family }) => family));
  return (
    silentMs < CREDENTIALS_MS && steps.some((one) => one.inFlight > 0 && families.has(one.description.task.family))
  );
}

function isIdle(machine: Machine, now: Snapshot, report: ScalerReport): boolean {
  const idleMs = idleMinutesOf(machine, now) * MINUTE_MS;
  const sinceMs = report.machines[machine.id]?.idleSinceMs ?? now.nowMs;
  // Where no task will start for a good while anyway, waiting would only cost.
  const retryAtMs = report.steps[machine.step ?? ""]?.troubles.start?.retryAtMs ?? 0;
  return now.nowMs - sinceMs >= idleMs || retryAtMs - now.nowMs >= USELESS_MS || isSpare(machine, now, report);
}

/** Where tasks have failed again, one is tried at a time, and one instance is enough for that. */
function isSpare({ id, step }: Machine, now: Snapshot, report: ScalerReport): boolean {
  const isFailing = (report.steps[step ?? ""]?.troubles.start?.count ?? 0) > 1;
  const others = now.machines.filter((other) => other.id !== id && other.step === step && other.joined?.ready);
  return isFailing && others.some((other) => other.joined!.tasks > 0 || other.id < id);
}

function alarms(now: Snapshot): Action[] {
  return now.machines.flatMap((machine): Action[] => {
    if (!machine.ours) return [];
    if (!isLive(machine)) return leftovers(machine);
    // What nobody knows, the next run may.
    return machine.guarded !== false
      ? []
      : [{ do: "guard", machine, minutes: alarmMinutes(idleMinutesOf(machine, now)) }];
  });
}

const leftovers = (machine: Machine): Action[] => [
  ...(machine.ghostArn === undefined ? [] : [{ do: "dismiss", machine } as const]),
  ...(machine.guarded ? [{ do: "unguard", machine } as const] : []),
];

/** Over how many minutes an instance must do nothing before its alarm ends it. */
export const alarmMinutes = (idleMinutes: number): number =>
  Math.min(ALARM_MOST_MINUTES, Math.max(ALARM_LEAST_MINUTES, 4 * idleMinutes));

const idleMinutesOf = (machine: Machine, { steps }: Snapshot): number =>
  steps.find(({ key }) => key === machine.step)?.description.instances.idleMinutes ?? ORPHAN_IDLE_MINUTES;
