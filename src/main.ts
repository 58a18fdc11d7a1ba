/** Wires everything. The only user of the process: arguments, environment, signals, exit codes, standard streams. */
import { randomUUID } from "node:crypto";
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { cp, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { devNull, homedir, hostname, tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { CommanderError } from "commander";
import { awaitAccount, readAccount } from "./aws/account.ts";
import { createAws } from "./aws/aws.ts";
import type { ClientSettings } from "./aws/clients.ts";
import { createLimiter, UNLIMITED } from "./aws/limits.ts";
import { resolveRegion } from "./aws/region.ts";
import { packedWorker, readBundles, workerProgram } from "./bundles.ts";
import { createCatalog } from "./catalog.ts";
import { type Context, EXIT, type OpenOptions, type Session } from "./cli/context.ts";
import { createProgram } from "./cli/program.ts";
import { createTerminal } from "./cli/terminal.ts";
import { UsageError } from "./cli/usage-error.ts";
import { type Environment, readEnvironment } from "./config.ts";
import type { Log } from "./core/ports.ts";
import type { AccountFacts } from "./core/resource.ts";
import { createData } from "./data/data.ts";
import { createQueueSamples } from "./data/queue-samples.ts";
import { daemonPolicies } from "./desired/daemon-policy.ts";
import type { Facts } from "./desired/facts.ts";
import { lambdaExecRole } from "./desired/foundation.ts";
import { createEngine } from "./engine/engine.ts";
import { createHistory } from "./engine/history.ts";
import { LIMITS } from "./engine/limits.ts";
import { explain } from "./engine/outcome.ts";
import type { Folder, Lock } from "./engine/ports.ts";
import { createFlow } from "./flow.ts";
import { systemClock } from "./io/clock.ts";
import { createFileList } from "./io/file-list.ts";
import { createLog } from "./io/log.ts";
import { createQuestions, type Questions } from "./io/questions.ts";
import { createMemoryStore, createStore } from "./io/store.ts";
import { createWorkflowFolder } from "./io/workflow-folder.ts";
import { createRegistry } from "./kinds/index.ts";
import { openLease } from "./lease.ts";
import { type Local, type LocalContainers, startLocal } from "./local.ts";
import { startNotices } from "./notices/notices.ts";
import { createWebhook } from "./notices/webhook.ts";
import { type Serving, startServing } from "./serving.ts";
import { parseWorkflow } from "./workflow/parse.ts";
import { createWrapper } from "./wrap/wrap.ts";

const WORKER_BUNDLE_MISSING = {
  reason: "WorkerBundleMissing",
  // Which endpoint is a local cloud is not known here, nor asked: both are said.
  why: "this installation holds no packed worker: on AWS no task starts without it, and a local cloud runs tasks as local processes only. `npm run pack-worker` packs one",
};

const programFolder = dirname(fileURLToPath(import.meta.url));
const version = readVersion();

/** @param first words that stand before the arguments: the name under which the binary was called */
export async function main(first: readonly string[] = []): Promise<void> {
  const terminal = createTerminal({
    out: process.stdout,
    err: process.stderr,
    noColour: process.env.NO_COLOR !== undefined,
  });
  // A reader that goes away (`| head`) ends the command quietly.
  process.stdout.on("error", () => process.exit(0));
  let questions: Questions | undefined;
  try {
    const environment = readEnvironment(process.env);
    const log = createLog(environment.PIPEWRIGHT_LOG_LEVEL ?? "info");
    const tellWay: OnWay = (image, way) => terminal.error(`${image} runs ${way}`);
    const context: Context = {
      terminal,
      environment,
      log,
      // A command tells a person itself what it does; only the daemon writes a log of it.
      open: (options) =>
        options.daemon
          ? open(options, environment, log, (image, way) => log.info({ image, way }, "how an image runs"))
          : open(options, environment, createLog(environment.PIPEWRIGHT_LOG_LEVEL ?? "error"), tellWay),
      readFile: (path) => createWorkflowFolder(dirname(path)).read(path),
      algorithm: (file, pipelines, name) => createWorkflowFolder(pipelines).algorithm(file, name),
      history: async (name, data) => {
        const remembered = createHistory({ clock: systemClock, log, store: createStore(data), limits: LIMITS });
        await remembered.load(name);
        return remembered.entries(name);
      },
      startLocal: async (given) => ({
        ...(await openLocal({ ...given, onWay: tellWay })),
        folder: createWorkflowFolder(given.pipelines),
      }),
      copyExamples,
      ask(question) {
        questions ??= createQuestions({ input: process.stdin, output: process.stderr });
        return questions.ask(question);
      },
      async writeNewFile(name, text) {
        await writeFile(name, text, { flag: "wx" });
        return name;
      },
      policies: (buckets) => daemonPolicies(environment.PIPEWRIGHT_OWNER, buckets),
      wrapper: createWrapper({
        packed: () => packedWorker(programFolder, version)?.path,
        contextFolder: ".",
        architecture: process.arch === "arm64" ? "arm64" : "x86_64",
        environment: process.env,
      }),
      stopAsked,
      exit(code) {
        process.exitCode = code;
      },
    };
    // Users' scripts say `-uu`, which is no option by today's rules: a short one has a single letter.
    const given = process.argv.slice(2).map((word) => (word === "-uu" ? "--use_user_credential" : word));
    await createProgram(context, version).parseAsync([...first, ...given], { from: "user" });
  } catch (error) {
    // It has printed its help, or what was wrong with the call, by itself.
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    else {
      process.exitCode = error instanceof UsageError ? EXIT.usage : EXIT.error;
      terminal.error(terminal.paint("red", `error: ${explain(error as Error)}`));
    }
  } finally {
    // Standard input that is listened to keeps the process alive.
    questions?.close();
  }
}

type OnWay = LocalContainers["onWay"];

async function open(options: OpenOptions, environment: Environment, log: Log, onWay: OnWay): Promise<Session> {
  const local = options.local ? await openLocal({ pipelines: options.pipelines, onWay }) : undefined;
  const endpoint = local?.endpoint ?? environment.AWS_ENDPOINT_URL;
  const region = local?.region ?? (await resolveRegion());
  const bundles = readBundles(programFolder);
  // The embedded cloud starts the worker by itself.
  const packed = local ? undefined : packedWorker(programFolder, version);
  const notice = packed || local ? undefined : WORKER_BUNDLE_MISSING;
  let serving: Serving | undefined;
  let lock: Lock | undefined;
  const stopping = new AbortController();
  const settings: ClientSettings = {
    region,
    ...(endpoint ? { endpoint } : {}),
    ...(local ? { credentials: local.credentials } : {}),
    clock: systemClock,
    onCall: (call) => serving?.awsCall(call),
    limiter: local ? UNLIMITED : createLimiter(systemClock),
    stopping: stopping.signal,
  };
  const aws = createAws({
    ...settings,
    mayWrite() {
      if (lock && !lock.held) throw new Error("the lease has run out: another daemon may be acting");
    },
    ...(packed ? { packedWorker: packed } : {}),
    code: new Map(Object.values(bundles).map((bundle) => [bundle.codeSha256, bundle.zip])),
  });
  /** What would keep a process alive that has nothing more to do. */
  async function release(): Promise<void> {
    for (const client of Object.values(aws.clients)) client.destroy();
    await local?.stop();
    await serving?.stop();
  }
  let account: AccountFacts;
  try {
    const about = { environment, region, clock: systemClock, log, version, programFolder };
    const { daemon, pipelines, serve, stop: signal } = options;
    if (serve) serving = await startServing({ ...about, pipelines }, serve);
    const waits = (why: string) => serving?.waits(why);
    const asking = { ...aws, clock: systemClock, log, random: Math.random, signal, waits };
    account = daemon ? await awaitAccount(asking, region) : await readAccount(aws.clients, region);
  } catch (error) {
    await release();
    throw error;
  }
  const facts: Facts = {
    ...account,
    owner: environment.PIPEWRIGHT_OWNER,
    plainHttp: endpoint?.startsWith("http:") ?? false,
    initImage: environment.PIPEWRIGHT_INIT_IMAGE,
    workerVersion: version,
    ...(packed ? { packedWorker: packed } : {}),
    functions: bundles,
  };
  if (options.daemon && notice) log.warn({ reason: notice.reason }, notice.why);
  const watched = options.files ? undefined : createWorkflowFolder(options.pipelines);
  const folder = options.files ? createFileList(options.files, options.pipelines) : watched;
  if (environment.PIPEWRIGHT_LEASE && !options.readOnly) {
    const holder = `${hostname()}/${process.pid}/${randomUUID()}`;
    lock = openLease({
      settings,
      facts,
      clock: systemClock,
      log,
      holder,
      leaseMs: environment.PIPEWRIGHT_LEASE_SECONDS * 1_000,
    });
  }
  const catalog = createCatalog(facts, aws.clients.s3);
  const engine = createEngine({
    registry: createRegistry(aws),
    ...(lock ? { lock } : {}),
    ...(notice ? { notice } : {}),
    account: facts,
    owner: facts.owner,
    ignore: environment.PIPEWRIGHT_IGNORE,
    catalog,
    flow: createFlow({ clients: aws.clients, clock: systemClock, facts }),
    ...(folder ? { folder } : {}),
    store: options.readOnly ? createMemoryStore(createStore(options.data)) : createStore(options.data),
    clock: systemClock,
    log,
    random: Math.random,
  });
  const data = createData({
    clients: aws.clients,
    clock: systemClock,
    account: facts,
    owner: facts.owner,
    stopping: stopping.signal,
  });
  const samples = createQueueSamples({
    counts: () => data.counts(),
    clock: systemClock,
    log,
    everyMs: environment.PIPEWRIGHT_QUEUE_SAMPLE_SECONDS * 1_000,
  });
  const url = options.daemon ? environment.PIPEWRIGHT_WEBHOOK_URL : undefined;
  const notices =
    url === undefined
      ? undefined
      : await startNotices({
          ...{ engine, samples, clock: systemClock, log, store: createStore(options.data) },
          webhook: createWebhook({ url, clock: systemClock, log, random: Math.random, fetch }),
        });
  if (serving) {
    serving.show({ engine, data, samples });
    samples.start();
  }
  return {
    engine,
    data,
    account: facts,
    clock: systemClock,
    endpoint,
    makeKeyPairs: local?.makeKeyPairs,
    folder: watched,
    async lambdaExecRole() {
      await catalog.lookElsewhere(new Set());
      const clusters = [...catalog.clustersElsewhere(), ...(folder ? await clustersOf(folder) : [])];
      return lambdaExecRole(facts, { clusters, adopt: true });
    },
    url: serving?.url,
    async close() {
      stopping.abort(new Error("stopped"));
      samples.stop();
      await engine.stop();
      await notices?.stop();
      await release();
    },
  };
}

interface LocalRequest {
  readonly pipelines: string;
  readonly port?: number;
  readonly data?: string | undefined;
  readonly onWay: OnWay;
}

/** What the environment and the SDK's files say of AWS is about another one. */
function openLocal({ onWay, ...options }: LocalRequest): Promise<Local> {
  for (const name of Object.keys(process.env)) if (name.startsWith("AWS_")) delete process.env[name];
  Object.assign(process.env, { AWS_CONFIG_FILE: devNull, AWS_SHARED_CREDENTIALS_FILE: devNull });
  return startLocal({
    ...options,
    workerPath: workerProgram(programFolder),
    containers: {
      packed: packedWorker(programFolder, version),
      version,
      platform: process.platform,
      architecture: process.arch,
      cacheFolder: join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "pipewright"),
      environment: process.env,
      onWay,
    },
  });
}

function stopAsked(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => resolve(signal));
  });
}

/** Clusters that the folder's workflows name: the role has to serve them all, those that are not set up yet too. */
async function clustersOf(folder: Folder): Promise<string[]> {
  const { files } = await folder.list();
  const sources = await Promise.all(files.map((file) => folder.read(file)));
  return sources.flatMap((file) => {
    const parsed = file && parseWorkflow(file, (name) => folder.algorithm(file.path, name));
    return parsed?.workflow ? [parsed.workflow.compute.cluster] : [];
  });
}

async function copyExamples(): ReturnType<Context["copyExamples"]> {
  const folder = await mkdtemp(join(tmpdir(), "pipewright-demo-"));
  const pipelines = join(folder, "pipelines");
  await cp(join(programFolder, "..", "pipelines"), pipelines, { recursive: true });
  // Programs of the examples use libraries that are installed with ours.
  const libraries = dirname(dirname(createRequire(import.meta.url).resolve("pngjs/package.json")));
  await symlink(libraries, join(folder, "node_modules"));
  return { pipelines, data: join(folder, "data"), remove: () => rm(folder, { recursive: true, force: true }) };
}

function readVersion(): string {
  const path = [join(programFolder, "package.json"), join(programFolder, "..", "package.json")].find(existsSync);
  return path ? JSON.parse(readFileSync(path, "utf8")).version : "0.0.0";
}

const started = process.argv[1];
if (
  started &&
  existsSync(started) &&
  realpathSync(started) === fileURLToPath(import.meta.url) &&
  /^main\.ts$/.test(basename(started))
) {
  await main();
}
