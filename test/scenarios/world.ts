/**
 * What a scenario plays in: an account, a folder of workflow files on disk, and the product as `src/session.ts` wires it,
 * but for rates and waiting times. What came of it is looked at with plain SDK clients (account.ts).
 */
import { cp, mkdir, mkdtemp, readFile, rm, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import { CreateKeyPairCommand } from "@aws-sdk/client-ec2";
import { readAccount } from "../../src/aws/account.ts";
import type { PackedWorker } from "../../src/aws/aws.ts";
import { readBundles, workerProgram } from "../../src/bundles.ts";
import { createCatalog } from "../../src/catalog.ts";
import type { Facts } from "../../src/desired/facts.ts";
import { lambdaExecRole } from "../../src/desired/foundation.ts";
import { createEngine, type Engine } from "../../src/engine/engine.ts";
import type { Limits } from "../../src/engine/limits.ts";
import { createFlow } from "../../src/flow.ts";
import { createAlgorithmSources } from "../../src/io/algorithm-sources.ts";
import { systemClock } from "../../src/io/clock.ts";
import { createFileList } from "../../src/io/file-list.ts";
import { createMemoryStore, createStore } from "../../src/io/store.ts";
import { createWorkflowFolder } from "../../src/io/workflow-folder.ts";
import { createRegistry } from "../../src/kinds/index.ts";
import { type Backend, startBackend } from "../support/backend.ts";
import { assertLoopback } from "../support/loopback.ts";
import { type Call, createProduct, type Product } from "../support/product.ts";
import type { Sdk } from "../support/sdk.ts";
import { silent } from "../support/silent.ts";

export interface World {
  readonly backend: Backend;
  readonly sdk: Sdk;
  /** Holds the folders below. */
  readonly root: string;
  /** The folder of workflow files. The algorithms of the examples are in it. */
  readonly folder: string;
  readonly data: string;
  /** A path relative to the folder; an object is written as JSON. */
  write(file: string, content: object | string | Uint8Array): Promise<string>;
  remove(file: string): Promise<void>;
  /** Done when the test ends, before the account is gone. */
  atEnd(undo: () => Promise<unknown>): void;
  /** A new engine, as a command opens one: it remembers nothing but what the data folder holds. */
  open(options?: OpenOptions): Promise<Opened>;
  /** The same for one piece of work, with what it sent. */
  doing<T>(work: (opened: Opened) => Promise<T>, options?: OpenOptions): Promise<Done<T>>;
  apply(options?: OpenOptions): Promise<Done<Awaited<ReturnType<Engine["apply"]>>>>;
  plan(options?: OpenOptions): Promise<Done<Awaited<ReturnType<Engine["plan"]>>>>;
}

export interface OpenOptions {
  /** Files named one by one instead of the folder. */
  readonly files?: readonly string[];
  /** @default the world's */
  readonly folder?: string;
  /** @default the backend's */
  readonly region?: string;
  readonly readOnly?: boolean;
  readonly limits?: Partial<Limits>;
  /** The packed worker that the installation holds. @default none, as in a clone */
  readonly worker?: { readonly version: string; readonly packed: PackedWorker };
}

export interface Opened {
  readonly engine: Engine;
  readonly facts: Facts;
  readonly product: Product;
  readonly calls: readonly Call[];
  readonly writes: readonly Call[];
  close(): Promise<void>;
}

export interface Done<T> {
  readonly result: T;
  readonly calls: readonly Call[];
  readonly writes: readonly Call[];
}

/** The examples that are shipped. */
export const EXAMPLES = join(import.meta.dirname, "../../pipelines");
const PROGRAM = join(import.meta.dirname, "../../src");
/** `default`, as a user has it. */
export const OWNER = "default";
/** The name under which the sample file has its key pair. */
export const KEY_PAIR = "my-key";

export const isLocal = (process.env.PIPEWRIGHT_TEST_BACKEND ?? "local") === "local";
/** Why a scenario is left out where a cloud is not ours to break, or slow to start over. */
export const localOnly: string | false = isLocal
  ? false
  : "only in the local cloud: it needs its faults, clock or call log";

/** Waiting times as a test can bear them; what is waited for stays the same. */
export const QUICK: Partial<Limits> = { busyMs: 200, oldValueMs: 50, quietMs: 50, cleanUpPatienceMs: 1_000 };

/** Another cloud is started once for all suites: it is emptied instead. */
let shared: Promise<Backend> | undefined;

/** @param running functions, instances and tasks really run, the algorithms' programs as in `run --local` */
export async function createWorld(t: TestContext, { running = false } = {}): Promise<World> {
  const root = await mkdtemp(join(tmpdir(), "pipewright-scenario-"));
  const folder = join(root, "pipelines");
  const tasks = { workerPath: workerProgram(PROGRAM), sources: createAlgorithmSources(folder) };
  const run = running && { bootMs: 100, pullMs: 50, tasks };
  const backend = isLocal ? await startBackend(process.env, run) : await emptied();
  const data = join(root, "data");
  const opened = new Set<Opened>();
  const undoing: (() => Promise<unknown>)[] = [];
  await mkdir(folder);
  await cp(join(EXAMPLES, "algorithms"), join(folder, "algorithms"), { recursive: true });
  await backend.sdk.ec2.send(new CreateKeyPairCommand({ KeyName: KEY_PAIR }));
  t.after(async () => {
    for (const undo of undoing) await undo();
    for (const one of opened) await one.close();
    if (isLocal) await backend.stop();
    await rm(root, { recursive: true, force: true });
  });

  async function open(options: OpenOptions = {}): Promise<Opened> {
    const bundles = readBundles(PROGRAM);
    const { region = backend.region } = options;
    const packed = options.worker && { packedWorker: options.worker.packed };
    const product = createProduct({ ...backend, region }, { owner: OWNER, code: bundles.zips, ...packed });
    const facts: Facts = {
      ...(await readAccount(product.aws.clients, region)),
      ...{
        owner: OWNER,
        initImage: "public.ecr.aws/aws-cli/aws-cli:2.31.0",
        workerVersion: options.worker?.version ?? "0.1.0",
        ...packed,
        functions: bundles.functions,
        plainHttp: true,
      },
    };
    const pipelines = options.folder ?? folder;
    const store = createStore(data);
    const engine = createEngine({
      registry: createRegistry(product.aws),
      account: facts,
      owner: OWNER,
      ignore: backend.ignore,
      catalog: createCatalog(facts, product.aws.clients.s3),
      flow: createFlow({ clients: product.aws.clients, clock: systemClock, facts }),
      folder: options.files ? createFileList(options.files, pipelines) : createWorkflowFolder(pipelines),
      store: options.readOnly ? createMemoryStore(store) : store,
      clock: systemClock,
      log: silent,
      random: Math.random,
      limits: { ...QUICK, ...options.limits },
    });
    const one: Opened = {
      engine,
      facts,
      product,
      calls: product.calls,
      get writes() {
        return product.writes;
      },
      async close() {
        opened.delete(one);
        await engine.stop();
        product.stop();
      },
    };
    opened.add(one);
    return one;
  }

  async function doing<T>(work: (one: Opened) => Promise<T>, options?: OpenOptions): Promise<Done<T>> {
    const one = await open(options);
    const result = await work(one);
    await one.close();
    return { result, calls: one.calls, writes: one.writes };
  }

  return {
    ...{ backend, sdk: backend.sdk, root, folder, data, open, doing },
    async write(file, content) {
      const path = join(folder, file);
      await mkdir(dirname(path), { recursive: true });
      const isBytes = typeof content === "string" || content instanceof Uint8Array;
      await writeFile(path, isBytes ? content : JSON.stringify(content, undefined, 2));
      return path;
    },
    atEnd: (undo) => void undoing.push(undo),
    remove: (file) => unlink(join(folder, file)),
    apply: (options) => doing(({ engine }) => engine.apply(), options),
    plan: (options) => doing(({ engine }) => engine.plan(), { readOnly: true, ...options }),
  };
}

/** One of the shipped files, with some fields otherwise. */
export async function example(name: "change123" | "river-gauges", fields: object = {}): Promise<object> {
  return { ...JSON.parse(await readFile(join(EXAMPLES, `${name}.json`), "utf8")), ...fields };
}

/** The one role that `create-lambda-exec-role` makes. */
export const createLambdaExecRole = (world: World): Promise<Done<Awaited<ReturnType<Engine["applyDesired"]>>>> =>
  world.doing(({ engine, facts }) => engine.applyDesired([lambdaExecRole(facts, { adopt: true })]));

async function emptied(): Promise<Backend> {
  const reset = async (): Promise<void> => {
    const endpoint = assertLoopback(process.env.PIPEWRIGHT_TEST_ENDPOINT);
    const backend = process.env.PIPEWRIGHT_TEST_BACKEND;
    const path = backend === "localstack" ? "_localstack/state/reset" : "moto-api/reset";
    const answer = await fetch(`${endpoint}/${path}`, { method: "POST" });
    if (!answer.ok) throw new Error(`${backend} could not be emptied: ${answer.status}`);
  };
  shared ??= reset().then(() => startBackend());
  const backend = await shared;
  await reset();
  return backend;
}
