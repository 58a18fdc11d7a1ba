/**
 * What went wrong before, and until when it is not tried again. Pure: `witness` learns from a snapshot, `record` from what
 * became of a run's actions. Both answer a new report.
 */
import type { MachineReport, ScalerReport, StepReport, Track } from "../src/desired/scaler-report.ts";
import { LONG_RUN_MS, proofMs, REGISTER_WITHIN_MS, SHORT_RUN_MS, UNSEEN_MS } from "./capacity.ts";
import { isLive, type Machine, type Snapshot, type StepNow, type TaskNow } from "./snapshot.ts";

/** What became of an action. */
export interface Outcome {
  /** Key of a step; undefined where the machine's step is gone. */
  readonly step: string | undefined;
  readonly track: Track;
  /** `unclear`: throttled, or no answer came; the next snapshot tells. */
  readonly is: "done" | "refused" | "unclear";
  /** What AWS said. */
  readonly reason?: string;
  /** A new instance. */
  readonly machineId?: string;
}

/**
 * How long each kind of trouble waits. A task that does not start costs little while its instance stands; an instance that
 * never serves costs ten minutes of its price each time; a refused launch costs nothing; an instance that could not be ended
 * costs an hour, until its alarm ends it.
 */
export const RETRY: Readonly<Record<Track, { firstMs: number; factor: number; mostMs: number }>> = {
  start: { firstMs: 60_000, factor: 3, mostMs: 21_600_000 },
  boot: { firstMs: 900_000, factor: 4, mostMs: 43_200_000 },
  launch: { firstMs: 60_000, factor: 2, mostMs: 1_800_000 },
  upkeep: { firstMs: 3_600_000, factor: 4, mostMs: 43_200_000 },
};

/** Brings the report up to what the snapshot shows. */
export function witness(report: ScalerReport, now: Snapshot): ScalerReport {
  const machines = machinesOf(report, now);
  const steps = Object.fromEntries(
    now.steps.flatMap((step) => {
      const before = report.steps[step.key];
      const known = before?.fingerprint === step.fingerprint ? before : freshStep(step, before ? now.nowMs : 0);
      const after = shunning(bootVerdict(startVerdict(known, step, now), step, now, machines), step, now);
      return before || !isBlank(after) ? [[step.key, after] as const] : [];
    }),
  );
  return { version: 1, steps, machines };
}

/** Adds what became of a run's actions. */
export function record(report: ScalerReport, outcomes: readonly Outcome[], now: Snapshot): ScalerReport {
  const steps = { ...report.steps };
  for (const { key, fingerprint } of now.steps) {
    const own = outcomes.filter((outcome) => outcome.step === key);
    const before = steps[key] ?? freshStep({ fingerprint }, 0);
    let after = before;
    for (const track of ["start", "launch"] as const) {
      const tried = own.filter((outcome) => outcome.track === track && outcome.is !== "unclear");
      const refused = tried.find(({ is }) => is === "refused");
      if (refused) after = failed(after, track, refused.reason ?? "", now.nowMs);
      // That a task was placed does not prove that it starts; that a launch was answered does.
      else if (track === "launch" && tried.length > 0) after = without(after, track);
    }
    after = afterUpkeep(
      after,
      own.filter(({ track }) => track === "upkeep"),
      now.nowMs,
    );
    if (after !== before) steps[key] = after;
  }
  const launched = outcomes.flatMap(({ machineId, step }) =>
    machineId === undefined || step === undefined ? [] : [[machineId, newMachine(step, now.nowMs)] as const],
  );
  return { ...report, steps, machines: { ...report.machines, ...Object.fromEntries(launched) } };
}

/** What is refused is tried in every run all the same; only launches wait for it. */
function afterUpkeep(known: StepReport, tried: readonly Outcome[], nowMs: number): StepReport {
  const refused = tried.find(({ is }) => is === "refused");
  if (!refused) return tried.some(({ is }) => is === "done") ? without(known, "upkeep") : known;
  const waits = nowMs < (known.troubles.upkeep?.retryAtMs ?? 0);
  return waits ? known : failed(known, "upkeep", refused.reason ?? "", nowMs);
}

const newMachine = (step: string, launchedMs: number): MachineReport => ({
  step,
  launchedMs,
  joined: false,
  idleSinceMs: null,
});

function machinesOf(report: ScalerReport, now: Snapshot): Record<string, MachineReport> {
  // Also others' that have fallen silent: their tasks stop counting as ours do.
  const live = now.machines.filter(
    (machine) => isLive(machine) && (machine.ours || machine.joined?.connected === false),
  );
  const seen = new Set(now.machines.map(({ id }) => id));
  const unseen = Object.entries(report.machines).filter(
    ([id, { joined, launchedMs }]) => !seen.has(id) && !joined && now.nowMs - launchedMs < UNSEEN_MS,
  );
  return Object.fromEntries([
    ...live.map((machine) => [machine.id, machineReport(machine, report.machines[machine.id], now)] as const),
    // Ended ones are remembered as long as EC2 shows them: whether they ever joined tells a bad start from a good life.
    ...now.machines
      .filter(({ id, ended }) => ended !== undefined && report.machines[id])
      .map(({ id }) => [id, report.machines[id]!] as const),
    ...unseen,
  ]);
}

function machineReport(machine: Machine, before: MachineReport | undefined, now: Snapshot): MachineReport {
  const { joined, step = before?.step ?? "", launchedMs } = machine;
  const idle = joined === undefined || joined.tasks > 0 ? null : idleSince(joined, before, now);
  const silence = joined?.connected === false ? { silentSinceMs: before?.silentSinceMs ?? now.nowMs } : {};
  return { step, launchedMs, joined: joined !== undefined || before?.joined === true, idleSinceMs: idle, ...silence };
}

/** A task may have come and gone between two runs. One that never ran is none. */
function idleSince(
  joined: NonNullable<Machine["joined"]>,
  before: MachineReport | undefined,
  { tasks, nowMs }: Snapshot,
): number {
  const lastEndMs = tasks
    .filter((task) => task.containerInstanceArn === joined.arn && task.startedMs !== undefined)
    .reduce((latest, { stopped }) => Math.max(latest, stopped?.atMs ?? 0), 0);
  if (typeof before?.idleSinceMs === "number") return Math.max(before.idleSinceMs, lastEndMs);
  // It was busy when it was last looked at; ECS shows ended tasks for an hour.
  if (before?.joined) return lastEndMs || nowMs;
  return Math.max(joined.registeredMs, lastEndMs);
}

/** The youngest task that tells anything decides. What was failing before the last verdict has been judged by it. */
function startVerdict(before: StepReport, step: StepNow, { tasks, nowMs }: Snapshot): StepReport {
  const known = isGettingOn(before, step) ? without(before, "start") : before;
  const heedFromMs = known.heedFromMs.start;
  const own = tasks.filter(({ family }) => family === step.description.task.family);
  const failures = own.flatMap((task) => (task.createdMs > heedFromMs ? (failureOf(task) ?? []) : []));
  const ranMs = [known.troubles.start?.ran?.longestMs ?? 0, ...failures.map((failure) => failure.ranMs)];
  const longestMs = Math.max(...ranMs);
  const proof = proofMs(longestMs);
  // One that was started together with those that failed, but proved good only after they were judged, counts.
  const good = own.filter((task) => {
    const atMs = provenAtMs(task, proof);
    return atMs <= nowMs && (task.createdMs > heedFromMs || atMs > heedFromMs);
  });
  const worst = youngest(failures);
  const best = youngest(good);
  if (worst && !(best && best.createdMs > worst.createdMs)) {
    return notStarted(known, { reason: worst.reason, longestMs }, step, nowMs);
  }
  if (!best) return known;
  const proven = known.proven ? known : { ...known, proven: true };
  return known.troubles.start ? heeded(without(proven, "start"), "start", nowMs) : proven;
}

const youngest = <T extends { readonly createdMs: number }>(some: readonly T[]): T | undefined =>
  some.reduce<T | undefined>((best, one) => (best && best.createdMs >= one.createdMs ? best : one), undefined);

/** Tasks fail, but files come to an end: to start fewer would only make them wait. SQS's counts are not exact. */
function isGettingOn({ troubles }: StepReport, { backlog }: StepNow): boolean {
  const { ran } = troubles.start ?? {};
  return ran !== undefined && backlog !== undefined && backlog < 0.9 * ran.backlog;
}

function notStarted(
  known: StepReport,
  { reason, longestMs }: { readonly reason: string; readonly longestMs: number },
  step: StepNow,
  nowMs: number,
): StepReport {
  const after = failed(known, "start", reason, nowMs);
  // Others that run may well get on with the files, and say nothing of tasks that do not start at all.
  if (longestMs < SHORT_RUN_MS) return after;
  const backlog = step.backlog ?? known.troubles.start?.ran?.backlog ?? 0;
  const start = { ...after.troubles.start!, ran: { longestMs, backlog } };
  return { ...after, troubles: { ...after.troubles, start } };
}

interface TaskFailure {
  readonly createdMs: number;
  readonly reason: string;
  /** How long its containers ran. */
  readonly ranMs: number;
}

/**
 * A worker leaves with 0, also after files that could not be processed; with anything else, it could not work at all. Where the
 * first container fails, the agent gives the algorithm's up before it was ever started, with exit code 143.
 */
function failureOf({ createdMs, startedMs, stopped }: TaskNow): TaskFailure | undefined {
  if (stopped?.code === "TaskFailedToStart") return { createdMs, reason: stopped.reason || stopped.code, ranMs: 0 };
  if (stopped?.code !== "EssentialContainerExited" || stopped.exitCode === 0) return undefined;
  if (startedMs === undefined) return { createdMs, reason: stopped.reason, ranMs: 0 };
  const ranMs = stopped.atMs - startedMs;
  if (ranMs >= LONG_RUN_MS) return undefined;
  const after = `exit code ${stopped.exitCode ?? "unknown"}, ${Math.round(ranMs / 1_000)} s after its start`;
  return { createdMs, reason: `${stopped.reason} (${after})`, ranMs };
}

/** When a task is known to be a good one: as soon as it has run for long enough, or has left as it should. */
function provenAtMs(task: TaskNow, proof: number): number {
  const { startedMs, stopped } = task;
  if (startedMs === undefined || failureOf(task)) return Number.POSITIVE_INFINITY;
  const hasLeft = stopped?.code === "EssentialContainerExited" && stopped.exitCode === 0;
  const provenMs = startedMs + proof;
  if (hasLeft) return Math.min(provenMs, stopped.atMs);
  return stopped && stopped.atMs < provenMs ? Number.POSITIVE_INFINITY : provenMs;
}

function bootVerdict(
  known: StepReport,
  { key }: StepNow,
  { machines, nowMs }: Snapshot,
  reports: Readonly<Record<string, MachineReport>>,
): StepReport {
  const own = machines.filter(
    ({ ours, step, launchedMs }) => ours && step === key && launchedMs > known.heedFromMs.boot,
  );
  if (own.some(({ joined }) => joined !== undefined)) {
    return known.troubles.boot ? heeded(without(known, "boot"), "boot", nowMs) : known;
  }
  const reasons = own.flatMap((machine) => lossOf(machine, reports[machine.id]?.joined ?? false, nowMs) ?? []);
  return reasons.length > 0 ? failed(known, "boot", reasons[0]!, nowMs) : known;
}

/** A subnet without a way out costs one instance, also where others do well meanwhile; one that joins there clears it. */
function shunning(known: StepReport, { key }: StepNow, { machines, nowMs }: Snapshot): StepReport {
  const shunned = { ...known.shunned };
  for (const { ours, step, ended, joined, launchedMs, subnetId } of machines) {
    if (!ours || step !== key || ended || subnetId === undefined) continue;
    if (joined && launchedMs >= (shunned[subnetId] ?? Number.POSITIVE_INFINITY)) delete shunned[subnetId];
    const isLost = !joined && nowMs - launchedMs >= REGISTER_WITHIN_MS;
    if (isLost && launchedMs >= (shunned[subnetId] ?? 0)) shunned[subnetId] = nowMs;
  }
  return same(shunned, known.shunned) ? known : { ...known, shunned };
}

const same = (one: Readonly<Record<string, number>>, other: Readonly<Record<string, number>>): boolean =>
  Object.keys(one).length === Object.keys(other).length && Object.entries(one).every(([key, at]) => other[key] === at);

/** Ends that say nothing about how an instance of the step starts: somebody wanted it, or Spot took it back. */
const ORDINARY_END = /^(Client\.UserInitiatedShutdown|Server\.Spot)/;

function lossOf({ id, ended, launchedMs }: Machine, hasJoined: boolean, nowMs: number): string | undefined {
  if (hasJoined) return undefined;
  if (ended) return ORDINARY_END.test(ended.code) ? undefined : `${id} ended: ${ended.reason || ended.code}`;
  if (nowMs - launchedMs < REGISTER_WITHIN_MS) return undefined;
  return `${id} has not joined the cluster within ${REGISTER_WITHIN_MS / 60_000} minutes of its launch`;
}

function failed(known: StepReport, track: Track, reason: string, nowMs: number): StepReport {
  const before = known.troubles[track];
  const count = (before?.count ?? 0) + 1;
  const trouble = { count, reason, sinceMs: before?.sinceMs ?? nowMs, retryAtMs: nowMs + retryMs(track, count) };
  const troubles = { ...known.troubles, [track]: trouble };
  return track === "start" || track === "boot" ? heeded({ ...known, troubles }, track, nowMs) : { ...known, troubles };
}

export function retryMs(track: Track, count: number): number {
  const { firstMs, factor, mostMs } = RETRY[track];
  return Math.min(mostMs, firstMs * factor ** Math.min(count - 1, 30));
}

const heeded = (known: StepReport, track: "start" | "boot", fromMs: number): StepReport => ({
  ...known,
  heedFromMs: { ...known.heedFromMs, [track]: fromMs },
});

function without(known: StepReport, track: Track): StepReport {
  if (!known.troubles[track]) return known;
  const { [track]: _over, ...troubles } = known.troubles;
  return { ...known, troubles };
}

const freshStep = ({ fingerprint }: Pick<StepNow, "fingerprint">, fromMs: number): StepReport => ({
  fingerprint,
  proven: false,
  troubles: {},
  shunned: {},
  heedFromMs: { start: fromMs, boot: fromMs },
});

const isBlank = ({ proven, troubles, shunned }: StepReport): boolean =>
  !proven && Object.keys({ ...troubles, ...shunned }).length === 0;
