/**
 * A cluster in a few lines, by the minute: enough of EC2 and ECS to see where the scaler's decisions lead over a day. What
 * goes wrong in it is told to it.
 */
import { type Action, decide } from "../../lambda/capacity.ts";
import type { Machine, Snapshot, StepNow, TaskNow } from "../../lambda/snapshot.ts";
import { type Outcome, record, witness } from "../../lambda/troubles.ts";
import { EMPTY_REPORT, type ScalerReport } from "../../src/desired/scaler-report.ts";
import type { StepDescription } from "../../src/desired/step-description.ts";
import { arnOf, MINUTE_MS, NOW_MS } from "./samples.ts";

export interface Mishaps {
  /** Tasks end without having started. */
  readonly imageIsWrong?: boolean;
  readonly instancesNeverJoin?: boolean;
  readonly noCapacity?: boolean;
  readonly terminateIsRefused?: boolean;
  /** Files never leave their queue. */
  readonly workersDoNothing?: boolean;
  /** So long after its start each task ends with an error. */
  readonly tasksDieAfterMinutes?: number;
}

interface PretendMachine {
  readonly id: string;
  readonly step: string;
  readonly launchedMs: number;
  joinedMs: number | undefined;
  draining: boolean;
  guarded: boolean;
  idleMinutes: number;
  alarmMinutes: number;
  /** After so many idle minutes it ends itself, as its user data says. */
  ownMinutes: number;
  endedMs: number | undefined;
  endCode: string;
}

interface PretendTask {
  readonly arn: string;
  readonly step: string;
  readonly machineId: string;
  readonly createdMs: number;
  startedMs: number | undefined;
  stopped: TaskNow["stopped"];
}

const BOOT_MINUTES = 2;
const TOTAL = { memoryMiB: 1900, cpuUnits: 2048, gpus: 0 };
/** Files that a task works off in a minute. */
const FILES_PER_MINUTE = 2;

export class PretendCluster {
  nowMs = NOW_MS;
  report: ScalerReport = EMPTY_REPORT;
  readonly backlog = new Map<string, number>();
  readonly machines: PretendMachine[] = [];
  readonly tasks: PretendTask[] = [];
  /** Of all instances together. */
  instanceMinutes = 0;
  readonly counts: Record<Action["do"], number> = {
    evacuate: 0,
    start: 0,
    launch: 0,
    "give-up": 0,
    drain: 0,
    terminate: 0,
    guard: 0,
    unguard: 0,
    dismiss: 0,
  };
  readonly descriptions: readonly StepDescription[];
  mishaps: Mishaps;

  constructor(descriptions: readonly StepDescription[], mishaps: Mishaps = {}) {
    this.descriptions = descriptions;
    this.mishaps = mishaps;
  }

  upload(key: string, files: number): void {
    this.backlog.set(key, (this.backlog.get(key) ?? 0) + files);
  }

  /** A run of the scaler, then a minute of the world. */
  minute(check: (snapshot: Snapshot, actions: readonly Action[]) => void = () => {}): void {
    this.run(check);
    this.nowMs += MINUTE_MS;
    this.world();
  }

  run(check: (snapshot: Snapshot, actions: readonly Action[]) => void = () => {}): void {
    const snapshot = this.snapshot();
    const known = witness(this.report, snapshot);
    const actions = decide(snapshot, known);
    check(snapshot, actions);
    this.report = record(
      known,
      actions.flatMap((action) => this.perform(action)),
      snapshot,
    );
  }

  live(key?: string): PretendMachine[] {
    return this.machines.filter(({ endedMs, step }) => endedMs === undefined && (key ?? step) === step);
  }

  running(key?: string): PretendTask[] {
    return this.tasks.filter(({ stopped, step }) => stopped === undefined && (key ?? step) === step);
  }

  private world(): void {
    this.instanceMinutes += this.live().length;
    for (const machine of this.live()) {
      const isUp = this.nowMs - machine.launchedMs >= BOOT_MINUTES * MINUTE_MS;
      if (isUp && !this.mishaps.instancesNeverJoin) machine.joinedMs ??= this.nowMs;
      const works = this.running().some((task) => task.machineId === machine.id && task.startedMs !== undefined);
      machine.idleMinutes = works ? 0 : machine.idleMinutes + 1;
      if (machine.idleMinutes >= machine.ownMinutes) this.end(machine, "Client.InstanceInitiatedShutdown");
      else if (machine.guarded && machine.idleMinutes >= machine.alarmMinutes) this.end(machine);
    }
    for (const task of this.running()) {
      if (this.mishaps.imageIsWrong) {
        task.stopped = { atMs: this.nowMs, code: "TaskFailedToStart", reason: "no such image", exitCode: undefined };
        continue;
      }
      task.startedMs ??= this.nowMs;
      const left = this.backlog.get(task.step) ?? 0;
      const lifeMs = (this.mishaps.tasksDieAfterMinutes ?? Number.POSITIVE_INFINITY) * MINUTE_MS;
      const exitCode = this.nowMs - task.startedMs >= lifeMs ? 1 : left === 0 ? 0 : undefined;
      if (exitCode !== undefined) {
        task.stopped = { atMs: this.nowMs, code: "EssentialContainerExited", reason: "", exitCode };
      }
      if (!this.mishaps.workersDoNothing) this.backlog.set(task.step, Math.max(0, left - FILES_PER_MINUTE));
    }
  }

  /** The oldest that lives, for no reason of anybody's. */
  killOne(): void {
    const [machine] = this.live();
    if (machine) this.end(machine, "Server.InternalError");
  }

  private end(machine: PretendMachine, code = "Client.UserInitiatedShutdown"): void {
    machine.endedMs = this.nowMs;
    machine.endCode = code;
    for (const task of this.running().filter(({ machineId }) => machineId === machine.id)) {
      task.stopped = { atMs: this.nowMs, code: "TerminationNotice", reason: "", exitCode: undefined };
    }
  }

  private perform(action: Action): Outcome[] {
    this.counts[action.do] += action.do === "start" ? action.count : 1;
    switch (action.do) {
      case "start": {
        const outcome = { step: action.step.key, track: "start" } as const;
        const placed = Array.from({ length: action.count }, () => this.startTask(action.step)).filter(Boolean).length;
        return [placed > 0 ? { ...outcome, is: "done" } : { ...outcome, is: "refused", reason: "RESOURCE:MEMORY" }];
      }
      case "launch": {
        const outcome = { step: action.step.key, track: "launch" } as const;
        if (this.mishaps.noCapacity) {
          return [{ ...outcome, is: "refused", reason: "InsufficientInstanceCapacity" }];
        }
        const id = `i-${this.machines.length + 1}`;
        this.machines.push({
          id,
          step: action.step.key,
          launchedMs: this.nowMs,
          joinedMs: undefined,
          draining: false,
          guarded: true,
          idleMinutes: 0,
          ownMinutes: 5 + action.step.description.instances.idleMinutes,
          alarmMinutes: Math.max(60, 4 * action.step.description.instances.idleMinutes),
          endedMs: undefined,
          endCode: "",
        });
        return [{ ...outcome, is: "done", machineId: id }];
      }
      case "give-up":
        return [{ step: action.step.key, track: "launch", is: "refused", reason: action.why }];
      default:
        return this.upkeep(action);
    }
  }

  private upkeep(action: Exclude<Action, { do: "start" | "launch" | "give-up" }>): Outcome[] {
    const outcome = { step: action.machine.step, track: "upkeep" } as const;
    const machine = this.machines.find(({ id }) => id === action.machine.id)!;
    if (action.do === "drain") machine.draining = true;
    if (action.do === "unguard") machine.guarded = false;
    if (action.do === "guard") machine.guarded = true;
    if (action.do === "terminate") {
      if (this.mishaps.terminateIsRefused) return [{ ...outcome, is: "refused", reason: "UnauthorizedOperation" }];
      this.end(machine);
      return [{ ...outcome, is: "done" }];
    }
    return [];
  }

  private startTask({ key, description }: StepNow): boolean {
    const host = this.live().find((machine) => {
      if (machine.joinedMs === undefined || machine.draining) return false;
      const { memoryMiB, cpuUnits } = this.freeOn(machine);
      return memoryMiB >= description.task.memoryMiB && cpuUnits >= description.task.cpuUnits;
    });
    if (!host) return false;
    const arn = `task-${this.tasks.length + 1}`;
    const createdMs = this.nowMs;
    this.tasks.push({ arn, step: key, machineId: host.id, createdMs, startedMs: undefined, stopped: undefined });
    return true;
  }

  private freeOn(machine: PretendMachine) {
    const on = this.running().filter(({ machineId }) => machineId === machine.id);
    const needs = on.map(({ step }) => this.descriptionOf(step).task);
    return {
      ...TOTAL,
      memoryMiB: TOTAL.memoryMiB - needs.reduce((sum, { memoryMiB }) => sum + memoryMiB, 0),
      cpuUnits: TOTAL.cpuUnits - needs.reduce((sum, { cpuUnits }) => sum + cpuUnits, 0),
    };
  }

  private descriptionOf(key: string): StepDescription {
    return this.descriptions.find(({ workflow, step }) => `${workflow}/${step}` === key)!;
  }

  private snapshot(): Snapshot {
    const hourAgo = this.nowMs - 60 * MINUTE_MS;
    const steps = this.descriptions.map((description): StepNow => {
      const key = `${description.workflow}/${description.step}`;
      const backlog = this.backlog.get(key) ?? 0;
      const inFlight = Math.min(backlog, this.running(key).filter(({ startedMs }) => startedMs !== undefined).length);
      return {
        key,
        description,
        fingerprint: "a:1",
        templateVersion: 1,
        waiting: backlog - inFlight,
        inFlight,
        backlog,
      };
    });
    return {
      nowMs: this.nowMs,
      steps,
      tasks: this.tasks
        .filter(({ stopped }) => stopped === undefined || stopped.atMs > hourAgo)
        .map(({ arn, step, machineId, createdMs, startedMs, stopped }) => ({
          arn,
          family: this.descriptionOf(step).task.family,
          containerInstanceArn: arnOf(machineId),
          createdMs,
          startedMs,
          stopping: stopped !== undefined,
          stopped,
        })),
      machines: this.machines
        .filter(({ endedMs }) => endedMs === undefined || endedMs > hourAgo)
        .map((machine) => this.machineNow(machine)),
      defaultSubnets: ["subnet-a", "subnet-b"],
      warned: [],
    };
  }

  private machineNow(machine: PretendMachine): Machine {
    const { id, step, launchedMs, joinedMs, draining, guarded, endedMs } = machine;
    const isMember = joinedMs !== undefined && endedMs === undefined;
    return {
      id,
      ours: true,
      step,
      type: this.descriptionOf(step).instances.type,
      spot: false,
      subnetId: undefined,
      launchedMs,
      ended: endedMs === undefined ? undefined : { code: machine.endCode, reason: "" },
      ghostArn: undefined,
      guarded,
      tags: {},
      joined: isMember
        ? {
            arn: arnOf(id),
            ready: !draining,
            draining,
            connected: true,
            registeredMs: joinedMs,
            tasks: this.running().filter(({ machineId }) => machineId === id).length,
            total: TOTAL,
            free: this.freeOn(machine),
            takenPorts: [],
          }
        : undefined,
    };
  }
}
