import type { CallLog } from "./call-log.ts";
import { type FaultRule, type Faults, faultKinds } from "./faults.ts";
import type { Latency } from "./latency.ts";
import type { Quotas } from "./quotas.ts";
import type { Snapshots } from "./snapshots.ts";
import type { StaleReads } from "./stale-reads.ts";
import { interruptSpot } from "./world/instances.ts";
import { type MishapRule, mishapFacts } from "./world/mishaps.ts";
import type { OwnedWorld } from "./world.ts";

export interface CommandDeps {
  readonly world: OwnedWorld;
  readonly calls: CallLog;
  readonly faults: Faults;
  readonly latency: Latency;
  readonly quotas: Quotas;
  /** ARNs. */
  runningTasks(): readonly string[];
  /** As if a task's machine killed its containers. */
  killTask(arn: string): boolean;
  readonly staleReads: StaleReads;
  readonly snapshots: Snapshots;
  /** Steps the clock from one thing that is due to the next, letting each come to its end. */
  advance(ms: number): Promise<void>;
  /** Empties the cloud: services, log, faults, latency, clock. */
  reset(): void;
}

export interface CommandResult {
  readonly status: number;
  readonly body: unknown;
}

type Body = Readonly<Record<string, unknown>>;
type Command = (call: { body: Body; query: URLSearchParams; id: string }) => unknown;

/** What can be asked of the cloud itself, under `/_localcloud/`, in JSON. A mistake is answered with 400 and what is wrong. */
export function createCommands(deps: CommandDeps) {
  const { world, calls, faults, latency, quotas, snapshots, staleReads } = deps;
  const commands: Readonly<Record<string, Command>> = {
    "GET health": () => ({ status: "running", account: world.account, region: world.defaultRegion }),
    "GET calls": ({ query }) => calls.list(filterOf(query)),
    "GET counts": () => calls.counts(),
    "DELETE calls": () => calls.clear(),
    "GET faults": () => faults.list(),
    "POST faults": ({ body }) => ({ id: faults.add(faultOf(body)) }),
    "DELETE faults": ({ id }) => faults.clear(id === "" ? undefined : id),
    "GET latency": () => latency.list(),
    "POST latency": ({ body }) => latency.set({ ...globsOf(body), ms: numberOf(body, "ms", 0, 600_000)! }),
    "DELETE latency": () => latency.clear(),
    "GET quotas": () => ({ on: quotas.on }),
    "POST quotas": ({ body }) => quotas.switch(booleanOf(body, "on")),
    "GET clock": () => ({ now: new Date(world.now()).toISOString() }),
    "POST clock": async ({ body }) => {
      const ms = numberOf(body, "stepMs", 0, Number.MAX_SAFE_INTEGER)!;
      if (booleanOf({ settle: false, ...body }, "settle")) await deps.advance(ms);
      else world.clock.step(ms);
      return { now: new Date(world.now()).toISOString() };
    },
    "GET mishaps": () => world.mishaps.list(),
    "POST mishaps": ({ body }) => ({ id: world.mishaps.add(mishapOf(body)) }),
    "DELETE mishaps": ({ id }) => world.mishaps.clear(id === "" ? undefined : id),
    "GET tasks": () => deps.runningTasks(),
    "DELETE tasks": ({ id }) => {
      const arn = deps.runningTasks().find((one) => one.endsWith(`/${id}`));
      if (arn === undefined || !deps.killTask(arn)) throw new TypeError(`no task ${id} runs`);
    },
    "POST role-credentials": ({ body }) =>
      world.sessions.issue({
        roleArn: stringOf(body, "roleArn") ?? "",
        name: stringOf(body, "sessionName") ?? "session",
      }),
    "POST spot-interruptions": ({ body }) => {
      const region = stringOf(body, "region") ?? world.defaultRegion;
      interruptSpot(world, { account: world.account, region }, stringOf(body, "instanceId") ?? "");
    },
    "GET snapshots": () => snapshots.names(),
    "POST snapshots": ({ body }) => snapshots.save(stringOf(body, "name")),
    "POST restore": ({ body }) => {
      snapshots.restore(stringOf(body, "name"));
      staleReads.clear();
    },
    "POST reset": () => deps.reset(),
  };
  return async (method: string, path: string, query: URLSearchParams, body: string): Promise<CommandResult> => {
    const [, , name = "", id = ""] = path.split("/");
    const command = commands[`${method} ${name}`];
    if (!command)
      return { status: 404, body: { error: `there is no ${method} ${path}`, known: Object.keys(commands) } };
    try {
      return { status: 200, body: (await command({ body: parse(body), query, id })) ?? {} };
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      return { status: 400, body: { error: error.message } };
    }
  };
}

function parse(body: string): Body {
  if (body === "") return {};
  try {
    return JSON.parse(body);
  } catch {
    throw new TypeError("the body is not JSON");
  }
}

function filterOf(query: URLSearchParams) {
  const write = query.get("write");
  return {
    ...globsOf(Object.fromEntries(query)),
    ...(write !== null && { write: write === "true" }),
  };
}

function globsOf(body: Body): { service?: string; operation?: string } {
  const service = stringOf(body, "service");
  const operation = stringOf(body, "operation");
  return { ...(service !== undefined && { service }), ...(operation !== undefined && { operation }) };
}

function faultOf(body: Body): FaultRule {
  const kind = faultKinds.find((known) => known === body.kind);
  if (!kind) throw new TypeError(`kind must be one of ${faultKinds.join(", ")}`);
  const probability = numberOf(body, "probability", 0, 1, true);
  const count = numberOf(body, "count", 1, Number.MAX_SAFE_INTEGER, true);
  const after = numberOf(body, "after", 0, Number.MAX_SAFE_INTEGER, true);
  return {
    kind,
    ...globsOf(body),
    ...(probability !== undefined && { probability }),
    ...(count !== undefined && { count }),
    ...(after !== undefined && { after }),
  };
}

function mishapOf(body: Body): MishapRule {
  const kind = body.kind as MishapRule["kind"];
  const facts: readonly string[] | undefined = mishapFacts[kind];
  if (!facts) throw new TypeError(`kind must be one of ${Object.keys(mishapFacts).join(", ")}`);
  const where = (body.where ?? {}) as Body;
  for (const fact of Object.keys(where)) {
    if (!facts.includes(fact)) throw new TypeError(`where can name ${facts.join(", ")}, not ${fact}`);
    stringOf(where, fact);
  }
  const probability = numberOf(body, "probability", 0, 1, true);
  const count = numberOf(body, "count", 1, Number.MAX_SAFE_INTEGER, true);
  return {
    kind,
    where: where as Record<string, string>,
    ...(probability !== undefined && { probability }),
    ...(count !== undefined && { count }),
  };
}

function stringOf(body: Body, name: string): string | undefined {
  const value = body[name];
  if (value !== undefined && typeof value !== "string") throw new TypeError(`${name} must be a string`);
  return value;
}

function booleanOf(body: Body, name: string): boolean {
  const value = body[name];
  if (typeof value !== "boolean") throw new TypeError(`${name} must be true or false`);
  return value;
}

function numberOf(body: Body, name: string, least: number, most: number, optional = false): number | undefined {
  const value = body[name];
  if (value === undefined && optional) return undefined;
  if (typeof value !== "number" || !(value >= least && value <= most)) {
    throw new TypeError(`${name} must be a number from ${least} to ${most}`);
  }
  return value;
}
