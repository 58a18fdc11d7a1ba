/** Everything that an engine needs, in memory: a folder, an account, a store, a clock. */
import type { Store } from "../../src/core/ports.ts";
import type { Claim, Desired, Key, Ref } from "../../src/core/resource.ts";
import { createEngine, type Engine } from "../../src/engine/engine.ts";
import type { Catalog, EngineDeps, Folder, Head } from "../../src/engine/ports.ts";
import type { Condition, ConditionType, DaemonStatus } from "../../src/engine/status.ts";
import type { Problem } from "../../src/workflow/problem.ts";
import { silent } from "../support/silent.ts";
import { createFakeClock, type FakeClock } from "./fake-clock.ts";
import { createFakeCloud, type FakeCloud, type FakeSpec, FOUNDATION, OWNER } from "./fake-cloud.ts";

/** A toy workflow file. Its resources: a bucket in, one out, and per step a queue and a function; then the notification. */
export interface ToyFile {
  readonly name?: string;
  readonly steps?: readonly string[];
  readonly input?: string;
  readonly output?: string;
  readonly visibility?: number;
  /** Their text becomes a field of the queues. */
  readonly algorithms?: readonly string[];
  readonly keyPair?: string;
  readonly account?: string;
  readonly cluster?: string;
  readonly suspend?: boolean;
  readonly drift?: "repair" | "report";
  readonly ignore?: readonly string[];
  readonly adopt?: readonly string[];
  readonly onDelete?: Head["onDelete"];
}

export interface World {
  readonly clock: FakeClock;
  readonly cloud: FakeCloud;
  readonly files: Map<string, string>;
  readonly algorithms: Map<string, string>;
  readonly folder: Folder & { marker: unknown; writable: boolean; complete: boolean };
  readonly documents: Map<string, unknown>;
  engine: Engine;
  write(file: string, content: ToyFile | string): void;
  remove(file: string): void;
  /** SIGKILL: the engine stops in the middle of whatever it does. */
  crash(): void;
  /** A new process: nothing of the old one's memory is left. */
  restart(overrides?: Partial<EngineDeps>): Engine;
}

const ACCOUNT = "123456789012";

export function createWorld(overrides: Partial<EngineDeps> = {}): World {
  const clock = createFakeClock();
  const cloud = createFakeCloud();
  const files = new Map<string, string>();
  const algorithms = new Map<string, string>();
  const documents = new Map<string, unknown>();
  const store: Store = {
    read: async (name) => structuredClone(documents.get(name)),
    write: async (name, document) => void documents.set(name, structuredClone(document)),
  };
  const folder: World["folder"] = {
    ...{ path: "pipelines", marker: undefined, writable: true, complete: true },
    list: async () =>
      folder.complete
        ? { files: [...files.keys()].sort(), complete: true }
        : { files: [], complete: false, why: "unreadable" },
    async read(file) {
      const text = files.get(file);
      return text === undefined ? undefined : { path: file, bytes: new TextEncoder().encode(text) };
    },
    algorithm(_file, name) {
      const text = algorithms.get(name);
      return text === undefined
        ? undefined
        : { path: `algorithms/${name}.json`, bytes: new TextEncoder().encode(text) };
    },
    readMarker: async () => structuredClone(folder.marker),
    async writeMarker(content) {
      if (!folder.writable) throw new Error("read-only");
      folder.marker = structuredClone(content);
    },
  };
  let connection = cloud.connect();
  const deps: EngineDeps = {
    registry: connection.registry,
    account: { account: ACCOUNT, region: "eu-central-1", partition: "aws" },
    owner: OWNER,
    ignore: [],
    catalog: toyCatalog,
    folder,
    store,
    clock,
    log: silent,
    random: () => 0.5,
    ...overrides,
  };
  const world: World = {
    ...{ algorithms, clock, cloud, files, folder, documents },
    engine: createEngine(deps),
    write: (file, content) => void files.set(file, typeof content === "string" ? content : JSON.stringify(content)),
    remove: (file) => void files.delete(file),
    crash: () => connection.cut(),
    restart(more = {}) {
      connection = cloud.connect();
      world.engine = createEngine({ ...deps, registry: connection.registry, ...more });
      return world.engine;
    },
  };
  return world;
}

export const condition = (status: DaemonStatus, name: string, type: ConditionType): Condition => {
  const workflow = [...status.workflows, ...(status.foundation ? [status.foundation] : [])].find(
    (one) => one.name === name,
  );
  const found = workflow?.conditions.find((one) => one.type === type);
  if (!found) throw new Error(`no condition ${type} of ${name}`);
  return found;
};

type Toy = Head & { readonly toy: ToyFile; readonly texts: readonly string[] };

export const toyCatalog: Catalog = {
  parse(file, lookUp) {
    try {
      const toy = JSON.parse(new TextDecoder().decode(file.bytes)) as ToyFile;
      const name = toy.name ?? file.path.replace(".json", "");
      const texts = (toy.algorithms ?? []).map((one) => new TextDecoder().decode(lookUp(one)?.bytes));
      const head: Toy = {
        ...{ name, file: file.path, hash: JSON.stringify([toy, texts]), toy, texts },
        ...{ suspend: toy.suspend ?? false, drift: toy.drift ?? "repair", ignore: toy.ignore ?? [] },
        onDelete: toy.onDelete ?? "retain-data",
      };
      return { workflow: head, problems: [] };
    } catch {
      return { problems: [problem(file.path, "is no JSON")] };
    }
  },
  checkFolder(workflows) {
    const accepted: Head[] = [];
    const refused: { workflow: Head; problems: Problem[] }[] = [];
    for (const workflow of workflows) {
      const twin = accepted.find((one) => one.name === workflow.name);
      if (twin) refused.push({ workflow, problems: [problem(workflow.file, `name stands in ${twin.file} too`)] });
      else accepted.push(workflow);
    }
    return { accepted, refused };
  },
  compile: (head) => compileToy(head as Toy),
  compileFoundation(heads) {
    const clusters = [...new Set(heads.map((head) => (head as Toy).toy.cluster ?? "shared"))].sort();
    return [
      desired("role/lambda_exec_role", FOUNDATION, { trust: "lambda", clusters }, { claim: "verify" }),
      desired("bucket/control", FOUNDATION, { private: true }),
      desired("group/shared", FOUNDATION, { ingress: "none" }),
    ];
  },
  lookElsewhere: async () => "",
  checkElsewhere: () => [],
  usedElsewhere: () => new Map(),
  folderOf: async () => undefined,
  checkAgainst(head) {
    const { account } = (head as Toy).toy;
    return account && account !== ACCOUNT ? [problem(head.file, `account ${account} is not ${ACCOUNT}`)] : [];
  },
};

function compileToy({ name, onDelete, texts, toy }: Toy): Desired[] {
  const steps = toy.steps ?? ["grey"];
  const input = `bucket/${toy.input ?? `${name}-in`}` as const;
  const output = `bucket/${toy.output ?? `${name}-out`}` as const;
  const claimOf = (key: Key): Claim => (toy.adopt?.includes(key) ? "adopt" : key.startsWith("bucket/") ? "use" : "own");
  const make = (key: Key, fields: Record<string, unknown>, needs: readonly Key[] = []): Desired =>
    desired(key, name, fields, { needs, claim: claimOf(key), onDelete });
  const perStep = steps.flatMap((step) => {
    const queue: Key = `queue/pw-${name}-${step}`;
    const run: Key = `function/pw-${name}-${step}`;
    const group: Ref = { ref: "group/shared", field: "id" };
    const queueId: Ref = { ref: queue, field: "id" };
    return [
      make(queue, { visibility: toy.visibility ?? 300, retention: texts[0] || 10 }),
      make(run, { handler: "index.handler", queue: queueId, group }, [queue]),
    ];
  });
  return [
    ...(toy.keyPair ? [desired(`key-pair/${toy.keyPair}`, name, {}, { claim: "verify" })] : []),
    make(input, { private: true, encryption: "AES256" }),
    make(output, { private: true, encryption: "AES256" }),
    ...perStep,
    make(`notification/${name}`, { function: { ref: `function/pw-${name}-${steps[0]}`, field: "id" } }, [
      input,
      output,
      ...perStep.map((one) => one.key),
    ]),
  ];
}

function desired(
  key: Key,
  workflow: string,
  fields: Record<string, unknown>,
  more: { needs?: readonly Key[]; claim?: Claim; onDelete?: Head["onDelete"] } = {},
): Desired {
  const claim = more.claim ?? "own";
  const spec: FakeSpec = { workflow, onDelete: more.onDelete ?? "retain-data", adopted: claim === "adopt", fields };
  return { key, spec, needs: more.needs ?? [], claim };
}

const problem = (file: string, message: string): Problem => ({
  ...{ file, line: 1, column: 1, path: "", message, severity: "error" },
});
