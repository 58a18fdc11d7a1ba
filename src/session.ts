/** What a command works with on AWS: clients, engine, data, and what is served, wired together. Loaded only where AWS is asked. */
import { awaitAccount, readAccount } from "./aws/account.ts";
import { createAws } from "./aws/aws.ts";
import type { ClientSettings } from "./aws/clients.ts";
import { createLimiter, UNLIMITED } from "./aws/limits.ts";
import { resolveRegion } from "./aws/region.ts";
import { packedWorker, readBundles } from "./bundles.ts";
import { createCatalog } from "./catalog.ts";
import type { OpenOptions, Session } from "./cli/context.ts";
import type { Environment } from "./config.ts";
import type { Log } from "./core/ports.ts";
import type { AccountFacts } from "./core/resource.ts";
import { createData } from "./data/data.ts";
import { createQueueSamples } from "./data/queue-samples.ts";
import type { Facts } from "./desired/facts.ts";
import { lambdaExecRole } from "./desired/foundation.ts";
import { createEngine } from "./engine/engine.ts";
import type { Folder, Lock } from "./engine/ports.ts";
import { createFlow } from "./flow.ts";
import { systemClock } from "./io/clock.ts";
import { createFileList } from "./io/file-list.ts";
import { createMemoryStore, createStore } from "./io/store.ts";
import { createWorkflowFolder } from "./io/workflow-folder.ts";
import { createRegistry } from "./kinds/index.ts";
import { openLease } from "./lease.ts";
import type { Local } from "./local.ts";
import { startNotices } from "./notices/notices.ts";
import { createWebhook } from "./notices/webhook.ts";
import { type Serving, startServing } from "./serving.ts";
import { parseWorkflow } from "./workflow/parse.ts";

export interface SessionDeps {
  readonly environment: Environment;
  readonly log: Log;
  /** Of this program. */
  readonly version: string;
  /** Where it lies, with what the build left. */
  readonly programFolder: string;
  /** Unique to this process, and telling people which one it is. */
  readonly holder: string;
  /** The embedded cloud, where the session is to have one: it ends with the session. */
  readonly local: Local | undefined;
}

export async function openSession(options: OpenOptions, deps: SessionDeps): Promise<Session> {
  const { environment, holder, local, log, programFolder, version } = deps;
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
    code: bundles.zips,
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
    functions: bundles.functions,
  };
  if (options.daemon && notice) log.warn({ reason: notice.reason }, notice.why);
  const watched = options.files ? undefined : createWorkflowFolder(options.pipelines);
  const folder = options.files ? createFileList(options.files, options.pipelines) : watched;
  if (environment.PIPEWRIGHT_LEASE && !options.readOnly) {
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

const WORKER_BUNDLE_MISSING = {
  reason: "WorkerBundleMissing",
  // Which endpoint is a local cloud is not known here, nor asked: both are said.
  why: "this installation holds no packed worker: on AWS no task starts without it, and a local cloud runs tasks as local processes only. `npm run pack-worker` packs one",
};

/** Clusters that the folder's workflows name: the role has to serve them all, those that are not set up yet too. */
async function clustersOf(folder: Folder): Promise<string[]> {
  const { files } = await folder.list();
  const sources = await Promise.all(files.map((file) => folder.read(file)));
  return sources.flatMap((file) => {
    const parsed = file && parseWorkflow(file, (name) => folder.algorithm(file.path, name));
    return parsed?.workflow ? [parsed.workflow.compute.cluster] : [];
  });
}
