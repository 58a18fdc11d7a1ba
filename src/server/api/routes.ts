/** Every route for machines, in one table: served from it, and described from it. */
import type { ZodType } from "zod";
import type { QueueSamples } from "../../data/queue-samples.ts";
import type { Engine } from "../../engine/engine.ts";
import type { WorkflowStatus } from "../../engine/status.ts";
import type { Actions, Asked } from "../actions.ts";
import type { DriftTally } from "../drift-tally.ts";
import { summaryOf, unknownWorkflow, workflowOf } from "../overview.ts";
import type { Reach } from "../reach.ts";
import type { StepStates } from "../step-states.ts";
import * as schemas from "./schemas.ts";

export interface Route {
  readonly method: "GET" | "POST";
  /** With `:name` for the workflow's name. */
  readonly path: string;
  readonly summary: string;
  /** Only for those who send the token. */
  readonly guarded?: true;
  /** By HTTP status, besides those that guarded routes have in common. */
  readonly answers: Readonly<Record<number, ZodType>>;
  handle(name: string): Answer | Promise<Answer>;
}

export interface Answer {
  readonly code: number;
  readonly body: unknown;
}

export interface RouteDeps {
  readonly engine: Pick<Engine, "status" | "history">;
  readonly samples: Pick<QueueSamples, "of" | "latest">;
  readonly states: StepStates;
  readonly tally: Pick<DriftTally, "of">;
  readonly reach: Pick<Reach, "reachable">;
  readonly actions: Actions;
}

export function routes(deps: RouteDeps): Route[] {
  const { actions, engine, samples, states } = deps;

  const ofWorkflow =
    (answer: (workflow: WorkflowStatus) => unknown): Route["handle"] =>
    async (name) => {
      const found = workflowOf(engine.status(), name);
      return found ? ok(await answer(found)) : notFound(unknownWorkflow(name));
    };

  return [
    {
      method: "GET",
      path: "/healthz",
      summary: "The process is alive",
      answers: { 200: schemas.alive },
      handle: () => ok({ alive: true }),
    },
    {
      method: "GET",
      path: "/readyz",
      summary: "The first pass over every workflow is done, and AWS answers",
      answers: { 200: schemas.readiness, 503: schemas.readiness },
      handle: () => readiness(deps),
    },
    {
      method: "GET",
      path: "/api/v1/status",
      summary: "Everything that the daemon knows",
      answers: { 200: schemas.daemon },
      handle: () => ok(engine.status()),
    },
    {
      method: "GET",
      path: "/api/v1/workflows",
      summary: "Each workflow in one line",
      answers: { 200: schemas.workflows },
      handle: () => ok(engine.status().workflows.map((one) => summaryOf(one, deps))),
    },
    {
      method: "GET",
      path: "/api/v1/workflows/:name",
      summary: "How one workflow stands",
      answers: { 200: schemas.workflow, 404: schemas.error },
      handle: ofWorkflow((workflow) => workflow),
    },
    {
      method: "GET",
      path: "/api/v1/workflows/:name/resources",
      summary: "Its resources, what they need, and field by field what differs",
      answers: { 200: schemas.resources, 404: schemas.error },
      handle: ofWorkflow(({ keys, drift }) => ({ resources: keys, drift })),
    },
    {
      method: "GET",
      path: "/api/v1/workflows/:name/history",
      summary: "What was seen and done, field by field; it outlives the workflow",
      answers: { 200: schemas.history },
      // The folder it comes from is open to people's hands.
      handle: async (name) =>
        ok((await engine.history(name)).filter((one) => schemas.historyEntry.safeParse(one).success)),
    },
    {
      method: "GET",
      path: "/api/v1/workflows/:name/queues",
      summary: "What waits and works in each step, now and over time",
      answers: { 200: schemas.queues, 404: schemas.error },
      handle: ofWorkflow(async ({ name }) => ({ now: await states.of(name), samples: samples.of(name) })),
    },
    {
      method: "POST",
      path: "/api/v1/workflows/:name/reconcile",
      summary: "Asks for a pass soon, whatever the clock says",
      guarded: true,
      answers: { 202: schemas.asked, 404: schemas.error, 409: schemas.error },
      handle: (name) => answerTo(actions.reconcile(name), 202),
    },
    {
      method: "POST",
      path: "/api/v1/workflows/:name/redrive",
      summary: "Tries again what was given up: dead letters, and uploads that never came into the queue",
      guarded: true,
      answers: { 200: schemas.redriven, 404: schemas.error, 409: schemas.error },
      handle: async (name) => answerTo(await actions.redrive(name), 200),
    },
  ];
}

const ok = (body: unknown): Answer => ({ code: 200, body });
const notFound = (error: string): Answer => ({ code: 404, body: { error } });

function answerTo(asked: Asked<object>, code: number): Answer {
  if (asked.is === "done") return { code, body: asked.result };
  return asked.is === "unknown" ? notFound(asked.why) : { code: 409, body: { error: asked.why } };
}

/** Who only watches has no passes of its own to wait for. */
function readiness({ engine, reach }: RouteDeps): Answer {
  const { awsProblem, folderProblem, leader, stopping, workflows } = engine.status();
  const waiting = leader ? workflows.filter((one) => one.lastPass === undefined).map((one) => one.name) : [];
  const reachable = reach.reachable && awsProblem === undefined;
  const ready = !stopping && folderProblem === undefined && waiting.length === 0 && reachable;
  return {
    code: ready ? 200 : 503,
    body: {
      ...{ ready, waiting, reachable },
      ...(folderProblem === undefined ? {} : { folderProblem }),
      ...(awsProblem === undefined ? {} : { awsProblem }),
    },
  };
}
