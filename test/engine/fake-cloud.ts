/** An account in memory with a few kinds that behave like AWS's: faults, lags and crashes on demand. */
import { z } from "zod";
import { field } from "../../src/core/compare.ts";
import { Failure, type FailureClass, Kept } from "../../src/core/failure.ts";
import {
  type AnyResource,
  type Change,
  FOUNDATION,
  type Inventoried,
  type Key,
  keyOf,
  type Observed,
  type OnDelete,
  type Pass,
  type Registry,
} from "../../src/core/resource.ts";

/** What stands in the account under one key. `owner` undefined: made by someone else. */
export interface Thing {
  id: string;
  owner: string | undefined;
  workflow: string;
  onDelete: OnDelete;
  adopted: boolean;
  fields: Record<string, unknown>;
  /** Objects in a bucket, messages in a queue. */
  holds: number;
  runtime?: true;
}

export interface FakeSpec {
  readonly workflow: string;
  readonly onDelete: OnDelete;
  readonly adopted?: boolean;
  readonly fields: Readonly<Record<string, unknown>>;
}

export type Operation = "read" | "create" | "update" | "delete" | "list";

export interface Call {
  readonly operation: Operation;
  readonly key: string;
  readonly fresh: boolean;
}

export interface FakeCloud {
  readonly things: Map<Key, Thing>;
  /** What one process sees of the account. */
  connect(): Connection;
  readonly calls: Call[];
  /** What was brought into being by us, in order; twice where it was made twice. */
  readonly born: Key[];
  /** Calls that were writes, as `operation key`. */
  writes(): string[];
  /** Called before each call; throws to make it fail, or never resolves to leave it hanging. */
  before: (call: Call, index: number) => void | Promise<void>;
  /** Called after the call took effect, before it is answered. */
  after: (call: Call) => void | Promise<void>;
  /** The next reads of a key answer this first, unless they are fresh. */
  stale: Map<Key, Observed[]>;
  /** The next reads of a key, fresh or not, answer this first. */
  settle(key: Key, answers: readonly Observed[]): void;
  /** Workflow `plants`' things that inventories list though they may be gone. */
  readonly listsToo: Key[];
  /** As a person or AWS would, past us. */
  put(key: Key, thing?: Partial<Thing>): Thing;
  thing(key: Key): Thing;
}

export interface Connection {
  readonly registry: Registry;
  /** The process dies: nothing it asks from here on reaches the account, and nothing is answered any more. */
  cut(): void;
}

export const OWNER = "default";

/** Traits of the kinds, in the order of creation. */
const KINDS: Record<
  string,
  Partial<Pick<AnyResource, "holdsData" | "eventSource" | "lagMs">> & { verifyOnly?: true; busy?: true }
> = {
  "key-pair": { verifyOnly: true },
  role: {},
  bucket: { holdsData: true },
  queue: { lagMs: { visibility: 60_000 }, busy: true },
  group: {},
  function: {},
  task: {},
  alarm: {},
  notification: { eventSource: true },
};

export function createFakeCloud(): FakeCloud {
  const things = new Map<Key, Thing>();
  const calls: Call[] = [];
  const settling = new Map<Key, Observed[]>();
  let number = 0;

  const cloud: FakeCloud = {
    things,
    calls,
    born: [],
    listsToo: [],
    connect() {
      const line = { cut: false };
      return {
        registry: new Map(Object.keys(KINDS).map((kind) => [kind, resource(kind, line)])),
        cut: () => {
          line.cut = true;
        },
      };
    },
    writes: () =>
      calls
        .filter(({ operation }) => operation !== "read" && operation !== "list")
        .map((call) => `${call.operation} ${call.key}`),
    before: () => {},
    after: () => {},
    stale: new Map(),
    settle: (key, answers) => void settling.set(key, [...answers]),
    put(key, thing = {}) {
      const whole: Thing = {
        ...{ id: `id-${++number}`, owner: undefined, workflow: "", onDelete: "retain-data", adopted: false },
        ...{ fields: {}, holds: 0, ...thing },
      };
      things.set(key, whole);
      return whole;
    },
    thing(key) {
      const found = things.get(key);
      if (!found) throw new Error(`${key} is not there; there are ${[...things.keys()].join(", ")}`);
      return found;
    },
  };

  interface Line {
    cut: boolean;
  }

  const never = new Promise<never>(() => {});

  async function called(operation: Operation, key: string, pass: Pass, line: Line): Promise<Call> {
    if (line.cut) await never;
    const call = { operation, key, fresh: pass.fresh };
    calls.push(call);
    await cloud.before(call, calls.length - 1);
    if (line.cut) await never;
    pass.signal.throwIfAborted();
    return call;
  }

  async function answered(call: Call, line: Line): Promise<void> {
    await cloud.after(call);
    if (line.cut) await never;
  }

  function observed(thing: Thing | undefined): Observed {
    if (!thing) return { is: "absent" };
    const actual = structuredClone(thing);
    return thing.owner === OWNER ? { is: "owned", actual } : { is: "foreign", actual };
  }

  function resource(kind: string, line: Line): AnyResource {
    const { busy, verifyOnly, ...traits } = KINDS[kind]!;
    const key = (name: string): Key => keyOf(kind, name);
    const reading: AnyResource = {
      kind,
      schema: z.any(),
      ...traits,
      async read(name, pass) {
        const call = await called("read", key(name), pass, line);
        const stale = pass.fresh ? undefined : cloud.stale.get(key(name))?.shift();
        const answer = settling.get(key(name))?.shift() ?? stale ?? observed(things.get(key(name)));
        await answered(call, line);
        return answer;
      },
      diff: (spec: FakeSpec, actual: Thing): Change[] => [
        ...Object.entries(spec.fields).flatMap(([name, want]) => field(name, want, actual.fields[name])),
        ...field("tags.owner", OWNER, actual.owner),
        ...(spec.adopted ? field("tags.adopted", true, actual.adopted) : []),
        ...(actual.adopted || spec.adopted ? [] : field("tags.on-delete", spec.onDelete, actual.onDelete)),
      ],
      async *list(pass): AsyncIterable<Inventoried> {
        await called("list", kind, pass, line);
        for (const at of cloud.listsToo) {
          if (!at.startsWith(`${kind}/`) || things.has(at)) continue;
          yield { name: at.slice(kind.length + 1), workflow: "plants", onDelete: "retain-data", adopted: false };
        }
        for (const [at, thing] of things) {
          if (!at.startsWith(`${kind}/`) || thing.owner !== OWNER) continue;
          const { adopted, onDelete, runtime, workflow } = thing;
          yield { name: at.slice(kind.length + 1), workflow, onDelete, adopted, ...(runtime ? { runtime } : {}) };
        }
      },
    };
    if (verifyOnly) return reading;
    return {
      ...reading,
      async create(name, spec: FakeSpec, pass) {
        const call = await called("create", key(name), pass, line);
        // Brought into being with its tags and one field; the rest is for `update`.
        const [first] = Object.entries(spec.fields);
        if (!things.has(key(name))) {
          const fields = first ? { [first[0]]: first[1] } : {};
          cloud.born.push(key(name));
          cloud.put(key(name), { owner: OWNER, workflow: spec.workflow, onDelete: spec.onDelete, fields });
        }
        await answered(call, line);
      },
      async update(name, spec: FakeSpec, _actual, changes, pass) {
        const call = await called("update", key(name), pass, line);
        const thing = things.get(key(name));
        if (!thing) throw fault("conflict", key(name), "NoSuchThing");
        for (const change of changes) {
          if (change.path === "tags.owner") thing.owner = OWNER;
          else if (change.path === "tags.adopted") thing.adopted = true;
          else if (change.path === "tags.on-delete") thing.onDelete = spec.onDelete;
          else thing.fields[change.path] = structuredClone(change.want);
        }
        await answered(call, line);
      },
      async delete(name, _actual, pass) {
        const call = await called("delete", key(name), pass, line);
        const thing = things.get(key(name));
        if (thing && thing.holds > 0 && !pass.mayLoseData) throw new Kept(`${key(name)} holds ${thing.holds}`);
        things.delete(key(name));
        await answered(call, line);
      },
      ...(busy
        ? {
            async busy(name: string) {
              const holds = things.get(key(name))?.holds ?? 0;
              return holds > 0 ? `${holds} messages wait in ${name}` : undefined;
            },
          }
        : {}),
    };
  }
  return cloud;
}

export const fault = (kind: FailureClass, resource: string, code = "Fault"): Failure =>
  new Failure(`${code} on ${resource}`, { class: kind, code, action: "fake:Call", resource });

export { FOUNDATION };
