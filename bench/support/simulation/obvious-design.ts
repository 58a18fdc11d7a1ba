/**
 * The way this kind of system is usually written, for comparison: each upload invokes a function, which sends a message,
 * lists the container instances, and if none has room launches one and loops until it is there. A model by the same clock,
 * quotas, latency and times as the simulation of the product; where it leaves something open, it is given the better of it:
 * two reads tell of all instances, no vCPU quota is in the way, and messages are taken in order.
 */
import { createQuotas, publishedQuotas } from "../../../localcloud/quotas.ts";
import { createRandom } from "../../../localcloud/random.ts";
import { advanceClock } from "../../../localcloud/world/advance.ts";
import { createStandingClock } from "./standing-clock.ts";

export interface ObviousOptions {
  readonly files: number;
  /** Evenly over so long. */
  readonly overMs: number;
  readonly fileMs: number;
  readonly bootMs: number;
  readonly pullMs: number;
  readonly latencyMs: number;
  /** Tasks that fit onto an instance. */
  readonly tasksPerInstance: number;
  /** `sdk`: three tries, then the invocation fails, and Lambda invokes twice again. `patient`: a throttled call is tried for ever. */
  readonly throttled: "sdk" | "patient";
}

export interface ObviousResult {
  readonly calls: ReadonlyMap<string, { calls: number; throttled: number }>;
  readonly invocations: number;
  /** Events that Lambda gave up: too old, or failed three times. */
  readonly discarded: number;
  readonly launched: number;
  readonly instanceHours: number;
  /** Files with a result. */
  readonly done: number;
  /** From the first upload to the last result. */
  readonly drainedMs: number;
  /** Messages that nobody will ever take. */
  readonly stranded: number;
}

const CONCURRENCY = 1_000;
const EVENT_AGE_MS = 6 * 3_600_000;
const RETRY_AFTER_MS = [60_000, 120_000];
const TIMEOUT_MS = 900_000;
const SDK_TRIES = 3;
const RETRY_BASE_MS = 500;
const RETRY_MOST_MS = 20_000;
const INSTANCES_A_CLUSTER = 5_000;
/** Its alarm: an hour without work. */
const ALARM_MS = 3_600_000;
const ALARM_PERIOD_MS = 300_000;

interface Instance {
  readonly launchedMs: number;
  joined: boolean;
  tasks: number;
  idleSinceMs: number;
  endedMs: number | undefined;
}

export async function simulateObviousDesign(options: ObviousOptions): Promise<ObviousResult> {
  const clock = createStandingClock(0);
  const random = createRandom(1);
  const quotas = createQuotas(publishedQuotas, clock.now);
  const calls = new Map<string, { calls: number; throttled: number }>();
  const instances: Instance[] = [];
  const messages: number[] = [];
  let nextMessage = 0;
  const done = new Uint8Array(options.files);
  const counts = { invocations: 0, discarded: 0, done: 0, lastResultMs: 0 };
  const sleep = (ms: number): Promise<void> => new Promise((resolve) => void clock.after(ms, resolve));

  async function call(service: string, operation: string): Promise<void> {
    const name = `${service}:${operation}`;
    const tally = calls.get(name) ?? { calls: 0, throttled: 0 };
    calls.set(name, tally);
    for (let attempt = 0; ; attempt += 1) {
      tally.calls += 1;
      await sleep(options.latencyMs);
      if (quotas.take(service, operation)) return;
      tally.throttled += 1;
      if (options.throttled === "sdk" && attempt + 1 === SDK_TRIES) throw new Error("ThrottlingException");
      await sleep(random() * Math.min(RETRY_MOST_MS, 2 ** attempt * RETRY_BASE_MS));
    }
  }

  async function handle(file: number): Promise<void> {
    const deadlineMs = clock.now() + TIMEOUT_MS;
    await call("sqs", "SendMessage");
    messages.push(file);
    for (let hasLaunched = false; ; ) {
      if (clock.now() > deadlineMs) throw new Error("timed out");
      await call("ecs", "ListContainerInstances");
      await call("ecs", "DescribeContainerInstances");
      const host = instances.find(
        (one) => one.joined && one.endedMs === undefined && one.tasks < options.tasksPerInstance,
      );
      if (host) {
        await call("ecs", "StartTask");
        // Others have read the same, and may have been faster.
        if (host.tasks >= options.tasksPerInstance || host.endedMs !== undefined) continue;
        host.tasks += 1;
        void runTask(host);
        return;
      }
      if (hasLaunched) continue;
      hasLaunched = true;
      await call("ec2", "RunInstances");
      const instance: Instance = {
        launchedMs: clock.now(),
        joined: false,
        tasks: 0,
        idleSinceMs: clock.now(),
        endedMs: undefined,
      };
      instances.push(instance);
      clock.after(options.bootMs, () => {
        instance.joined =
          instances.filter(({ joined, endedMs }) => joined && endedMs === undefined).length < INSTANCES_A_CLUSTER;
      });
      await call("cloudwatch", "PutMetricAlarm");
    }
  }

  /** Takes a message, deletes it, and then begins to work. */
  async function runTask(host: Instance): Promise<void> {
    await sleep(options.pullMs);
    await call("sqs", "ReceiveMessage");
    const file = messages[nextMessage];
    if (file !== undefined) {
      nextMessage += 1;
      await call("sqs", "DeleteMessage");
      await call("s3", "GetObject");
      await sleep(options.fileMs);
      await call("s3", "PutObject");
      if (done[file] === 0) counts.done += 1;
      done[file] = 1;
      counts.lastResultMs = clock.now();
    }
    host.tasks -= 1;
    host.idleSinceMs = clock.now();
  }

  const waiting: { file: number; acceptedMs: number; failures: number }[] = [];
  let head = 0;
  let atOnce = 0;
  /** Lambda's queue before the function: the oldest first. */
  function deliver(): void {
    while (atOnce < CONCURRENCY && head < waiting.length) {
      const event = waiting[head]!;
      head += 1;
      if (clock.now() - event.acceptedMs > EVENT_AGE_MS) {
        counts.discarded += 1;
        continue;
      }
      atOnce += 1;
      counts.invocations += 1;
      handle(event.file)
        .catch(() => {
          event.failures += 1;
          const againMs = RETRY_AFTER_MS[event.failures - 1];
          if (againMs === undefined) counts.discarded += 1;
          else clock.after(againMs, () => accept(event));
        })
        .finally(() => {
          atOnce -= 1;
          deliver();
        });
    }
  }
  function accept(event: (typeof waiting)[number]): void {
    waiting.push(event);
    deliver();
  }

  const upload = (file: number): void => {
    accept({ file, acceptedMs: clock.now(), failures: 0 });
    if (file + 1 < options.files) {
      clock.after(((file + 1) * options.overMs) / options.files - clock.now(), () => upload(file + 1));
    }
  };
  clock.after(0, () => upload(0));

  const isOver = () => clock.nextDueMs() === undefined;
  let isWatched = true;
  const watch = () => {
    for (const one of instances) {
      const isIdle = one.endedMs === undefined && one.tasks === 0 && clock.now() - one.idleSinceMs >= ALARM_MS;
      if (isIdle) one.endedMs = clock.now();
    }
    isWatched = instances.length === 0 || instances.some(({ endedMs }) => endedMs === undefined);
    if (isWatched) clock.after(ALARM_PERIOD_MS, watch);
  };
  clock.after(ALARM_PERIOD_MS, watch);
  while (!isOver()) await advanceClock(clock, 3_600_000, () => Promise.resolve());

  return {
    calls,
    ...counts,
    launched: instances.length,
    instanceHours: instances.reduce((ms, { launchedMs, endedMs }) => ms + endedMs! - launchedMs, 0) / 3_600_000,
    drainedMs: counts.lastResultMs,
    stranded: messages.length - nextMessage,
  };
}
