/** What may go wrong with instances, each for a day: what it costs, and what is said of it. */
import { AwsError } from "../../../localcloud/service.ts";
import { type Simulation, type SimulationOptions, simulate } from "./simulation.ts";

export interface Misfortune {
  readonly name: string;
  readonly options?: SimulationOptions;
  readonly files: number;
  /** The most that it may cost, in instance-hours. */
  readonly mostHours: number;
  /** What `status` says of it; undefined where there is nothing to say. */
  readonly says?: RegExp;
  /** Makes it go wrong, before anything is uploaded. */
  readonly strike?: (simulation: Simulation) => void;
}

export interface Day {
  readonly instanceHours: number;
  readonly launched: number;
  /** Instances that still cost, and alarms that guard nothing. */
  readonly left: { readonly instances: number; readonly alarms: number };
  readonly done: number;
  /** Condition `Stalled` at the end: its reason and message; undefined where it is not so. */
  readonly stalled: string | undefined;
}

const DAY_MS = 86_400_000;
const refused = (service: string, operation: string) =>
  service === "ec2" && operation === "TerminateInstances"
    ? new AwsError("UnauthorizedOperation", "You are not authorized to perform this operation.", { status: 403 })
    : undefined;

/** What a thousand files cost where nothing is wrong: twenty minutes' work of four instances, and their idling afterwards. */
const WORK_HOURS = 1.75;

/** Files for one instance, and for as many as the step may have. */
const FEW = 4;
const MANY = 1_000;

export const MISFORTUNES: readonly Misfortune[] = [
  { name: "nothing", files: MANY, mostHours: WORK_HOURS },
  {
    name: "a wrong image name",
    files: MANY,
    mostHours: 1,
    says: /^TasksDoNotStart: .*CannotPullContainerError.*example.grey:1/,
    strike: ({ world }) => void world.mishaps.add({ kind: "image-pull", where: { image: "example/grey:1" } }),
  },
  {
    name: "tasks that end with an error after five minutes, without a result",
    files: MANY,
    mostHours: 2,
    says: /^TasksDoNotStart: .*exit code 1/,
    options: { fileMs: DAY_MS, tasksDieAfterMs: 300_000 },
  },
  {
    name: "an instance type without capacity",
    files: MANY,
    mostHours: 0,
    says: /^InstancesNotLaunched: .*InsufficientInstanceCapacity/,
    strike: ({ world }) => void world.mishaps.add({ kind: "no-capacity" }),
  },
  {
    name: "one subnet of three without a way out",
    files: MANY,
    mostHours: WORK_HOURS + 1,
    strike: ({ world }) => void world.mishaps.add({ kind: "never-registers", where: { zone: "us-east-1a" } }),
  },
  {
    name: "no subnet with a way out: instances never register",
    files: MANY,
    mostHours: 1,
    says: /^InstancesDoNotJoin: .*has not joined the cluster within 10 minutes/,
    strike: ({ world }) => void world.mishaps.add({ kind: "never-registers" }),
  },
  {
    name: "terminate refused, one instance",
    files: FEW,
    mostHours: 1,
    says: /ec2:TerminateInstances: UnauthorizedOperation/,
    options: { refusal: refused },
  },
  {
    name: "terminate refused, four instances",
    files: MANY,
    mostHours: 2,
    says: /ec2:TerminateInstances: UnauthorizedOperation/,
    options: { refusal: refused },
  },
  {
    name: "terminate refused, instances never register",
    files: MANY,
    mostHours: 2,
    says: /ec2:TerminateInstances: UnauthorizedOperation/,
    options: { refusal: refused },
    strike: ({ world }) => void world.mishaps.add({ kind: "never-registers" }),
  },
];

export async function dayOf({ options = {}, files, strike }: Misfortune): Promise<Day> {
  const simulation = await simulate(options);
  strike?.(simulation);
  simulation.upload(files);
  await simulation.advance(DAY_MS);
  const { instances, results } = simulation;
  const alarms = (await simulation.alarms()).length;
  const stalled = (await simulation.conditions()).find(({ type, status }) => type === "Stalled" && status === "True");
  const day = {
    instanceHours: instances.hours,
    launched: instances.launched,
    left: { instances: instances.live, alarms: alarms - instances.live },
    done: results.size,
    stalled: stalled && `${stalled.reason}: ${stalled.message}`,
  };
  await simulation.stop();
  return day;
}
