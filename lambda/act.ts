/** Carries out a run's actions. What fails is told, never thrown: one refusal must not keep the rest from happening. */
import { createHash } from "node:crypto";
import { TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import {
  DeregisterContainerInstanceCommand,
  RunTaskCommand,
  StopTaskCommand,
  UpdateContainerInstancesStateCommand,
} from "@aws-sdk/client-ecs";
import { type Action, alarmMinutes } from "./capacity.ts";
import type { Clients } from "./clients.ts";
import { batches, inParallel } from "./in-parallel.ts";
import { launchInstance } from "./launch.ts";
import { isRefusal, reasonOf } from "./refusal.ts";
import { deleteShutdownAlarms, putShutdownAlarm } from "./shutdown-alarm.ts";
import type { Machine } from "./snapshot.ts";
import type { Outcome } from "./troubles.ts";

export interface ActDeps {
  readonly clients: Clients;
  readonly cluster: string;
  /** The alarm action that ends an instance. */
  readonly terminateAction: string;
  /** Whether there is time left to begin a write; what is left out, the next run does. */
  readonly mayWrite: () => boolean;
}

type Of<Do extends Action["do"]> = Extract<Action, { do: Do }>;
type Other = Exclude<Action, Of<"launch" | "unguard">>;

/** RunTask starts at most ten tasks a call. */
const TASKS_PER_CALL = 10;
/** StopTask and RunTask: 40/s after a burst of 100. */
const CALLS_AT_ONCE = 5;
/** PutMetricAlarm and DeleteAlarms: 3/s. */
const SLOW_CALLS_AT_ONCE = 2;
/** DeleteAlarms takes so many. */
const ALARMS_PER_CALL = 100;
const STARTED_BY = "pipewright-scaler";

/** In the order of the actions: who is about to lose an instance comes before who wants one. */
export async function act(actions: readonly Action[], deps: ActDeps): Promise<Outcome[]> {
  const run = async (of: readonly Other["do"][], callsAtOnce: number) => {
    const some = actions.filter((action): action is Other => (of as readonly string[]).includes(action.do));
    return (await inParallel(some, callsAtOnce, (action) => perform(action, deps))).flat();
  };
  return [
    ...(await run(["evacuate"], CALLS_AT_ONCE)),
    ...(await run(["start", "give-up"], CALLS_AT_ONCE)),
    ...(await run(["drain", "terminate", "dismiss"], CALLS_AT_ONCE)),
    ...(await launchAll(actions, deps)),
    ...(await run(["guard"], SLOW_CALLS_AT_ONCE)),
    ...(await unguardAll(actions, deps)),
  ];
}

/**
 * One after the other: the next run counts on from what stands, so that one that failed must not have one behind it. Where
 * EC2 has had enough, or has no more, it is not asked for the rest: the next run goes on.
 */
async function launchAll(actions: readonly Action[], deps: ActDeps): Promise<Outcome[]> {
  const stopped = new Set<string>();
  const outcomes: Outcome[] = [];
  const guards: Promise<Outcome[]>[] = [];
  for (const action of actions) {
    if (action.do !== "launch" || stopped.has(action.step.key) || !deps.mayWrite()) continue;
    const { outcome, machine } = await launch(action, deps);
    outcomes.push(outcome);
    if (machine) guards.push(guard(machine, alarmMinutes(action.step.description.instances.idleMinutes), deps));
    else stopped.add(action.step.key);
  }
  return [...outcomes, ...(await Promise.all(guards)).flat()];
}

async function perform(action: Other, deps: ActDeps): Promise<Outcome[]> {
  if (!deps.mayWrite()) return [];
  switch (action.do) {
    case "start":
      return [await start(action, deps)];
    case "give-up":
      return [{ step: action.step.key, track: "launch", is: "refused", reason: action.why }];
    default:
      return upkeep(action, deps);
  }
}

async function start({ step, count, seen, minute }: Of<"start">, deps: ActDeps): Promise<Outcome> {
  const { task, instances } = step.description;
  const outcome = { step: step.key, track: "start" } as const;
  let placed = 0;
  for (let begun = 0; begun < count && deps.mayWrite(); begun += TASKS_PER_CALL) {
    try {
      const answer = await deps.clients.ecs.send(
        new RunTaskCommand({
          cluster: deps.cluster,
          // Otherwise a default strategy that somebody gave the cluster would send them to Fargate, or to another group of machines.
          launchType: "EC2",
          taskDefinition: task.family,
          count: Math.min(TASKS_PER_CALL, count - begun),
          // Not seen yet by the next run of the same minute, these tasks are not started twice.
          clientToken: token(step.key, minute, seen, begun),
          placementConstraints: [{ type: "memberOf", expression: `attribute:ecs.instance-type == ${instances.type}` }],
          placementStrategy: [{ type: "binpack", field: "memory" }],
          startedBy: STARTED_BY,
          tags: Object.entries(task.tags).map(([key, value]) => ({ key, value })),
        }),
      );
      placed += answer.tasks?.length ?? 0;
      const { reason, detail } = answer.failures?.[0] ?? {};
      if (reason === undefined) continue;
      // Where some found room, the rest waits for the next run.
      if (placed > 0) return { ...outcome, is: "done" };
      return { ...outcome, is: "refused", reason: [reason, detail].filter(Boolean).join(": ") };
    } catch (error) {
      return failure(outcome, error, "ecs:RunTask");
    }
  }
  return { ...outcome, is: "done" };
}

async function launch(
  action: Of<"launch">,
  deps: ActDeps,
): Promise<{ outcome: Outcome; machine?: Pick<Machine, "id" | "step" | "tags"> }> {
  const { key } = action.step;
  const outcome = { step: key, track: "launch" } as const;
  try {
    const { id, tags } = await launchInstance(action, { ec2: deps.clients.ec2, token, mayWrite: deps.mayWrite });
    return { outcome: { ...outcome, is: "done", machineId: id }, machine: { id, step: key, tags } };
  } catch (error) {
    return { outcome: failure(outcome, error, "ec2:RunInstances") };
  }
}

async function upkeep(
  action: Of<"evacuate" | "drain" | "terminate" | "dismiss" | "guard">,
  deps: ActDeps,
): Promise<Outcome[]> {
  const { machine } = action;
  switch (action.do) {
    case "evacuate":
      return evacuate(action, deps);
    case "drain":
      return refusals(machine, "ecs:UpdateContainerInstancesState", () => drain(machine, deps));
    case "terminate":
      return terminate(action, deps);
    case "dismiss":
      return dismiss(machine, deps);
    case "guard":
      return guard(machine, action.minutes, deps);
  }
}

async function unguardAll(actions: readonly Action[], { clients, mayWrite }: ActDeps): Promise<Outcome[]> {
  const machines = actions.flatMap((action) => (action.do === "unguard" ? [action.machine] : []));
  const outcomes = await inParallel(batches(machines, ALARMS_PER_CALL), SLOW_CALLS_AT_ONCE, async (batch) => {
    if (!mayWrite()) return [];
    const ids = batch.map(({ id }) => id);
    const work = () => deleteShutdownAlarms(clients.cloudwatch, ids);
    const refused = await refusals({ step: undefined }, "cloudwatch:DeleteAlarms", work);
    return refused.flatMap((outcome) => batch.map(({ step }) => ({ ...outcome, step })));
  });
  return outcomes.flat();
}

/** What is refused here (a task has ended by itself) is no reason to launch less. */
async function evacuate({ machine, taskArns }: Of<"evacuate">, deps: ActDeps): Promise<Outcome[]> {
  const reason = "The Spot instance is taken back";
  if (!machine.joined!.draining)
    await refusals(machine, "ecs:UpdateContainerInstancesState", () => drain(machine, deps));
  await inParallel(taskArns, CALLS_AT_ONCE, (task) =>
    refusals(machine, "ecs:StopTask", () =>
      deps.clients.ecs.send(new StopTaskCommand({ cluster: deps.cluster, task, reason })),
    ),
  );
  return [];
}

const drain = ({ joined }: Machine, { clients, cluster }: ActDeps): Promise<unknown> =>
  clients.ecs.send(
    new UpdateContainerInstancesStateCommand({ cluster, containerInstances: [joined!.arn], status: "DRAINING" }),
  );

async function terminate({ machine, why }: Of<"terminate">, deps: ActDeps): Promise<Outcome[]> {
  const { clients } = deps;
  console.info(JSON.stringify({ message: "ending an instance", id: machine.id, why }));
  const { joined, step } = machine;
  // Without its agent, ECS never learns that it is gone: it would list it and its tasks for ever. What has ended is not looked
  // at again, so this comes first, and only where it is refused for good an instance is ended all the same.
  if (joined?.connected === false) {
    const failed = await deregister(machine, joined.arn, deps);
    if (failed.some(({ is }) => is === "unclear")) return failed;
  }
  const refused = await refusals(machine, "ec2:TerminateInstances", async () => {
    try {
      await clients.ec2.send(new TerminateInstancesCommand({ InstanceIds: [machine.id] }));
    } catch (error) {
      if ((error as Error).name !== "InvalidInstanceID.NotFound") throw error;
    }
  });
  return refused.length > 0 ? refused : [{ step, track: "upkeep", is: "done" }];
}

/** An entry in ECS's list is no reason to launch less. */
async function dismiss(machine: Machine, deps: ActDeps): Promise<Outcome[]> {
  await deregister(machine, machine.ghostArn!, deps);
  return [];
}

const deregister = (machine: Machine, containerInstance: string, { clients, cluster }: ActDeps): Promise<Outcome[]> =>
  refusals(machine, "ecs:DeregisterContainerInstance", () =>
    clients.ecs.send(new DeregisterContainerInstanceCommand({ cluster, containerInstance, force: true })),
  );

const guard = (
  { id, step, tags }: Pick<Machine, "id" | "step" | "tags">,
  minutes: number,
  { clients, terminateAction }: ActDeps,
): Promise<Outcome[]> =>
  refusals({ step }, "cloudwatch:PutMetricAlarm", () =>
    putShutdownAlarm(clients.cloudwatch, { instanceId: id, tags, minutes, action: terminateAction }),
  );

/** Only what went wrong is worth telling: that an alarm was put does not mean that an instance could be ended. */
async function refusals(
  { step }: Pick<Machine, "step">,
  call: string,
  work: () => Promise<unknown>,
): Promise<Outcome[]> {
  try {
    await work();
    return [];
  } catch (error) {
    return [failure({ step, track: "upkeep" }, error, call)];
  }
}

function failure(outcome: Pick<Outcome, "step" | "track">, error: unknown, call: string): Outcome {
  const reason = `${call}: ${reasonOf(error)}`;
  console.warn(JSON.stringify({ message: "refused", step: outcome.step, reason }));
  return { ...outcome, is: isRefusal(error) ? "refused" : "unclear", reason };
}

/** The same wish gets the same token, so that an answer that was lost costs nothing. At most 64 ASCII characters. */
function token(...parts: readonly (string | number | null)[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 40);
}
