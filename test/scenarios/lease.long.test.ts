import assert from "node:assert/strict";
import { test } from "node:test";
import { DeleteQueueCommand, GetQueueUrlCommand } from "@aws-sdk/client-sqs";
import type { LoggedCall } from "../../localcloud/call-log.ts";
import { type Account, accountOf } from "./account.ts";
import { type Daemon, eventually, startDaemon } from "./program.ts";
import { undisturbed } from "./undisturbed.ts";
import { createWorld, example, localOnly, type World } from "./world.ts";

const LEASE_SECONDS = 4;
const LEASE = "leases/daemon.json";

test(
  "a holder that is paused past its lease and woken starts no further write, and everything ends as it should",
  { skip: localOnly },
  async (t) => {
    const file = await example("change123");
    const { account: wanted } = await undisturbed(t, file);
    const world = await createWorld(t);
    const { calls, latency } = world.backend.cloud!;
    const daemon = (name: string): Daemon =>
      startDaemon({ ...world, data: `${world.data}-${name}` }, t, [], {
        PIPEWRIGHT_LEASE: "on",
        PIPEWRIGHT_LEASE_SECONDS: String(LEASE_SECONDS),
        AWS_ACCESS_KEY_ID: name,
      });
    const first = daemon("first");
    await takes(first, 1);
    const second = daemon("second");
    await second.logged(({ msg }) => msg === "watching", "that it watches");

    // Slow enough that the pause comes in the middle of the work, with writes on their way.
    latency.set({ ms: 50 });
    await world.write("change123.json", file);
    await eventually("the first has written something", () => writesOf("first").length >= 8, 60_000, 5);
    first.signal("SIGSTOP");
    await takes(second, 1);
    await stands(world, wanted);
    latency.clear();

    const woken = calls.list().length;
    const before = writesOf("first").length;
    first.signal("SIGCONT");
    await first.logged(({ msg }) => msg === "lease lost", "that it has lost its lease");
    await eventually("it watches", () => leaseReadsOf("first", woken) >= 5);
    assert.deepEqual(writesOf("first").slice(before), []);
    await stands(world, wanted);

    // Now the other way round: who lost it once takes over again, and repairs what broke meanwhile.
    second.signal("SIGSTOP");
    const queue = wanted.queue?.[0] ?? "";
    const { QueueUrl } = await world.sdk.sqs.send(new GetQueueUrlCommand({ QueueName: queue }));
    await world.sdk.sqs.send(new DeleteQueueCommand({ QueueUrl }));
    await takes(first, 2);
    await stands(world, wanted);
    second.signal("SIGCONT");
    const [one, other] = await Promise.all([first.stop(), second.stop()]);
    assert.deepEqual([one, other], [0, 0]);
    // Nothing twice: a daemon that takes over for the second time looks again where it once saw nothing.
    assert.deepEqual(compared(await accountOf(world.sdk)), compared(wanted));
    assert.deepEqual(
      (await world.plan()).result.workflows.flatMap((workflow) => workflow.steps),
      [],
    );

    function writesOf(accessKeyId: string): LoggedCall[] {
      // The lease itself is written only where it is what the writer last saw.
      return calls
        .list({ write: true })
        .filter((call) => call.accessKeyId === accessKeyId && !call.input.includes(LEASE));
    }
    function leaseReadsOf(accessKeyId: string, since: number): number {
      const reads = calls.list().slice(since);
      return reads.filter((call) => !call.write && call.accessKeyId === accessKeyId && call.input.includes(LEASE))
        .length;
    }
  },
);

const takes = (daemon: Daemon, times: number): Promise<unknown> =>
  eventually(
    "it takes the lease",
    () => daemon.log.filter(({ msg }) => msg === "lease taken").length === times,
    20_000,
    50,
  );

/** As in the undisturbed account, but for the lease. */
async function stands(world: World, wanted: Account): Promise<void> {
  await eventually(
    "all stands",
    async () => {
      assert.deepEqual(compared(await accountOf(world.sdk)), compared(wanted));
      return true;
    },
    40_000,
  );
}

const compared = ({ object, ...rest }: Account): Account => ({
  ...rest,
  object: (object ?? []).filter((key) => !key.endsWith(LEASE)),
});
