/**
 * One workflow on a local cloud whose clock stands still but for what is due. Real are: what the product sets up, the local
 * cloud's services, notifications, rules, alarms and machines, the published quotas, and the functions' own code. Left out
 * are the wire, the functions' processes and policies, and what the algorithm does, which only takes its time.
 */
import { unzipSync } from "fflate";
import { createEnqueuer } from "../../../lambda/enqueue.ts";
import { createScaler } from "../../../lambda/scale.ts";
import { createRandom } from "../../../localcloud/random.ts";
import { type LocalCloud, startLocalCloud } from "../../../localcloud/server.ts";
import type { AwsError } from "../../../localcloud/service.ts";
import type { FunctionRecord } from "../../../localcloud/services/lambda/functions.ts";
import type { OwnedWorld } from "../../../localcloud/world.ts";
import { type EnqueueSettings, type ScaleSettings, SETTINGS_FILE } from "../../../src/desired/function-settings.ts";
import type { Condition } from "../../../src/engine/status.ts";
import { REGION } from "../cloud.ts";
import { createFolder } from "../folder.ts";
import { startProduct } from "../product.ts";
import { createDirectCalls, type DirectCalls } from "./direct-calls.ts";
import { createFunctionsHere, type Handler } from "./functions-here.ts";
import { watchInstances } from "./instance-hours.ts";
import { createPacedTasks } from "./paced-tasks.ts";
import { createStandingClock } from "./standing-clock.ts";

export interface SimulationOptions {
  /** Of the workflow file's `compute`. @default the defaults */
  readonly compute?: object;
  /** From a file's message to its result. @default 5000 */
  readonly fileMs?: number;
  /** So long after its start each task ends with an error. @default never */
  readonly tasksDieAfterMs?: number;
  /**
   * `processes`: the functions are the bundles that the product uploads, in processes of their own and under their role's
   * policy, as in life; it takes a thousand times as long.
   * @default "here"
   */
  readonly functions?: "here" | "processes";
  /** Refuses a call of the functions as AWS would, for a reason that the world does not know. */
  readonly refusal?: ((service: string, operation: string) => AwsError | undefined) | undefined;
}

export type Simulation = Awaited<ReturnType<typeof simulate>>;

const START_MS = Date.parse("2026-01-01T00:00:00Z");
const SEED = 1;
/** From a call in the region to its answer. */
export const LATENCY_MS = 20;
/** From a running instance to the start of its agent, and until a task's image is there. */
export const BOOT_MS = 90_000;
export const PULL_MS = 10_000;
export const FILE_MS = 5_000;
const WORKFLOW = "w0000";

/** With the workflow set up, and nothing uploaded. */
export async function simulate(options: SimulationOptions = {}) {
  const { compute = {}, fileMs = FILE_MS, tasksDieAfterMs: dieAfterMs, refusal } = options;
  const results = new Map<string, number>();
  let lastResultMs = START_MS;
  let calls!: DirectCalls;
  let invocations!: ReturnType<typeof createFunctionsHere>["invocations"];
  const cloud = await startLocalCloud({
    region: REGION,
    clock: createStandingClock(START_MS),
    run(world) {
      calls = createDirectCalls({ world, random: createRandom(SEED), latencyMs: LATENCY_MS, refusal });
      const handlerOf = (record: Readonly<FunctionRecord>) => handler(record, world, calls);
      const functions = createFunctionsHere({ handlerOf, sleep: calls.sleep, now: world.now });
      const onResult = (key: string) => {
        results.set(key, (results.get(key) ?? 0) + 1);
        lastResultMs = world.now();
      };
      const tasks = createPacedTasks({ calls, now: world.now, fileMs, dieAfterMs, onResult });
      invocations = functions.invocations;
      const isHere = options.functions !== "processes";
      return { tasks, bootMs: BOOT_MS, pullMs: PULL_MS, ...(isHere && { functions: functions.host }) };
    },
  });
  const { world } = cloud;
  const workflow = await oneWorkflow(cloud, compute);

  const place = { account: world.account, region: REGION };
  let uploaded = 0;
  /** S3 tells of a file as of any other. */
  const upload = (): void => {
    const detail = { bucket: `bench-${WORKFLOW}-in`, key: `${uploaded}.png`, size: 1_000, eTag: "0".repeat(32) };
    uploaded += 1;
    world.emit({ source: "s3", type: "ObjectCreated:Put", ...place, detail });
  };
  return {
    cloud,
    world,
    calls,
    invocations,
    instances: watchInstances(world),
    /** How often each file's result was written. */
    results: results as ReadonlyMap<string, number>,
    /** So many files, evenly over so long. */
    upload(files: number, overMs = 0): void {
      const startMs = world.now();
      const next = (done: number) => {
        upload();
        if (done + 1 < files) world.after(startMs + ((done + 1) * overMs) / files - world.now(), () => next(done + 1));
      };
      next(0);
    },
    advance: (ms: number): Promise<void> => cloud.advance(ms),
    /** Since the beginning. */
    elapsedMs: (): number => world.now() - START_MS,
    /** Of the last result. */
    lastResultMs: (): number => lastResultMs - START_MS,
    /** Names of the alarms that end instances. */
    async alarms(): Promise<string[]> {
      const answer = calls.call("cloudwatch", "DescribeAlarms", {});
      await cloud.advance(LATENCY_MS);
      const { MetricAlarms } = (await answer) as { MetricAlarms: { AlarmName: string }[] };
      return MetricAlarms.map(({ AlarmName }) => AlarmName).filter((name) => name.endsWith("-shutdown"));
    },
    /** Of the workflow, as `status` shows them. */
    conditions: workflow.look,
    async stop(): Promise<void> {
      await cloud.stop();
      await workflow.remove();
    },
  };
}

/** The product's own functions, told apart by their settings. */
function handler({ code }: Readonly<FunctionRecord>, { now }: OwnedWorld, { clients }: DirectCalls): Handler {
  const files = unzipSync(code.zip, { filter: ({ name }) => name === SETTINGS_FILE });
  const settings: EnqueueSettings | ScaleSettings = JSON.parse(Buffer.from(files[SETTINGS_FILE]!).toString());
  if ("queueUrl" in settings) return createEnqueuer(settings, { ...clients, monotonic: now });
  const terminateAction = `arn:aws:automate:${REGION}:ec2:terminate`;
  return createScaler(settings, { clients, terminateAction, now, monotonic: now });
}

/** The product's own look at a folder with one workflow: the first one sets it up. */
async function oneWorkflow(cloud: LocalCloud, compute: object) {
  const folder = await createFolder();
  await folder.add(WORKFLOW, 1, { compute });
  const look = async (): Promise<readonly Condition[]> => {
    const product = await startProduct(cloud, folder);
    const { status } = await product.engine.apply();
    await product.stop();
    return status.workflows[0]?.conditions ?? [];
  };
  const conditions = await look();
  if (!conditions.some(({ type, status }) => type === "Ready" && status === "True")) {
    throw new Error(`the workflow does not stand: ${JSON.stringify(conditions)}`);
  }
  cloud.calls.clear();
  return { look, remove: folder.remove };
}
