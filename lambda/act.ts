/** Carries out a run's actions. What fails is told, never thrown: one refusal must not keep the rest from happening. */
import { createHash } from "node:crypto";
import { TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { RunTaskCommand, StopTaskCommand, UpdateContainerInstancesStateCommand } from "@aws-sdk/client-ecs";
import { type Action, alarmMinutes } from "./capacity.ts";
import type { Clients } from "./clients.ts";
import { inParallel } from "./in-parallel.ts";
import { launchInstance } from "./launch.ts";
import { isRefusal, reasonOf } from "./refusal.ts";
import { deleteShutdownAlarms, putShutdownAlarm } from "./shutdown-alarm.ts";
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

/** RunTask starts at most ten tasks a call. */
const TASKS_PER_CALL = 10;
/** StopTask and RunTask: 40/s after a burst of 100. */
const CALLS_AT_ONCE = 5;
/** RunInstances and PutMetricAlarm: 2 and 3/s. */
const SLOW_CALLS_AT_ONCE = 2;
const STARTED_BY = "pipewright-scaler";

/** In the order of the actions: who is about to lose an instance comes before who wants one. */
export async function act(actions: readonly Action[], deps: ActDeps): Promise<Outcome[]> {
  const run = async (of: readonly Action["do"][], callsAtOnce: number) => {
    const some = actions.filter((action) => of.includes(action.do));
    return (await inParallel(some, callsAtOnce, (action) => perform(action, deps))).flat();
  };
  return [
    ...(await run(["evacuate"], CALLS_AT_ONCE)),
    ...(await run(["start", "give-up"], CALLS_AT_ONCE)),
    ...(await run(["drain", "terminate"], CALLS_AT_ONCE)),
    ...(await run(["launch"], SLOW_CALLS_AT_ONCE)),
    ...(await run(["guard", "unguard"], SLOW_CALLS_AT_ONCE)),
  ];
}

async function perform(action: Action, deps: ActDeps): Promise<Outcome[]> {
  if (!deps.mayWrite()) return [];
  switch (action.do) {
    case "start":
      return [await start(action, deps)];
    case "launch":
      return launch(action, deps);
    case "give-up":
      return [{ step: action.step.key, track: "launch", is: "refused", reason: action.why }];
    default:
      return [await upkeep(action, deps)];
  }
}

async function start({ step, count, alive, minute }: Of<"start">, deps: ActDeps): Promise<Outcome> {
  const { task, instances } = step.description;
  const outcome = { step: step.key, track: "start" } as const;
  let placed = 0;
  for (let begun = 0; begun < count && deps.mayWrite(); begun += TASKS_PER_CALL) {
    try {
      const answer = await deps.clients.ecs.send(
        new RunTaskCommand({
          cluster: deps.cluster,
          taskDefinition: task.family,
          count: Math.min(TASKS_PER_CALL, count - begun),
          // Not seen yet by the next run of the same minute, these tasks are not started twice.
          clientToken: token(step.key, minute, alive, begun),
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

async function launch(action: Of<"launch">, deps: ActDeps): Promise<Outcome[]> {
  const { step } = action;
  const outcome = { step: step.key, track: "launch" } as const;
  let machine: Awaited<ReturnType<typeof launchInstance>>;
  try {
    machine = await launchInstance(action, { ec2: deps.clients.ec2, token, mayWrite: deps.mayWrite });
  } catch (error) {
    return [failure(outcome, error, "ec2:RunInstances")];
  }
  const { id, tags } = machine;
  const minutes = alarmMinutes(step.description.instances.idleMinutes);
  const guarded = await tried({ step: step.key, track: "upkeep" }, "cloudwatch:PutMetricAlarm", () =>
    putShutdownAlarm(deps.clients.cloudwatch, { instanceId: id, tags, minutes, action: deps.terminateAction }),
  );
  return [{ ...outcome, is: "done", machineId: id }, guarded];
}

function upkeep(action: Of<"evacuate" | "drain" | "terminate" | "guard" | "unguard">, deps: ActDeps): Promise<Outcome> {
  const { ecs, ec2, cloudwatch } = deps.clients;
  const { machine } = action;
  const outcome = { step: machine.step, track: "upkeep" } as const;
  const drain = () =>
    ecs.send(
      new UpdateContainerInstancesStateCommand({
        cluster: deps.cluster,
        containerInstances: [machine.joined!.arn],
        status: "DRAINING",
      }),
    );
  switch (action.do) {
    case "drain":
      return tried(outcome, "ecs:UpdateContainerInstancesState", drain);
    case "evacuate":
      return tried(outcome, "ecs:StopTask", async () => {
        if (!machine.joined!.draining) await drain();
        const reason = "The Spot instance is taken back";
        await inParallel(action.taskArns, CALLS_AT_ONCE, (task) =>
          ecs.send(new StopTaskCommand({ cluster: deps.cluster, task, reason })),
        );
      });
    case "terminate":
      console.info(JSON.stringify({ message: "instance ended", id: machine.id, why: action.why }));
      return tried(outcome, "ec2:TerminateInstances", () =>
        ec2.send(new TerminateInstancesCommand({ InstanceIds: [machine.id] })),
      );
    case "guard":
      return tried(outcome, "cloudwatch:PutMetricAlarm", () =>
        putShutdownAlarm(cloudwatch, {
          instanceId: machine.id,
          tags: machine.tags,
          minutes: action.minutes,
          action: deps.terminateAction,
        }),
      );
    case "unguard":
      return tried(outcome, "cloudwatch:DeleteAlarms", () => deleteShutdownAlarms(cloudwatch, [machine.id]));
  }
}

async function tried(
  outcome: Pick<Outcome, "step" | "track">,
  call: string,
  work: () => Promise<unknown>,
): Promise<Outcome> {
  try {
    await work();
    return { ...outcome, is: "done" };
  } catch (error) {
    return failure(outcome, error, call);
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
