/**
 * Where a workflow chooses its cluster, what the functions may do there stands in a policy of the region's own: with any one
 * statement of it gone, or any one action of a statement, the call is refused and what it is for does not happen.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createPermits, type Part, partsOf, titleOf, until } from "./permissions.ts";
import { localOnly } from "./world.ts";

interface Case extends Part {
  /** The operation that is refused, `service:operation`. */
  readonly call: string;
}

/** By what the scaler is doing when it is missing. */
const CASES = {
  launch: [
    { sid: "KeepLeaseAndFailures", call: "s3:PutObject" },
    { sid: "KeepLeaseAndFailures", action: "s3:GetObject", call: "s3:GetObject" },
    { sid: "KeepLeaseAndFailures", action: "s3:PutObject", call: "s3:PutObject" },
    { sid: "ListTasks", call: "ecs:ListTasks" },
    { sid: "ListAndRemoveContainerInstances", call: "ecs:ListContainerInstances" },
    {
      sid: "ListAndRemoveContainerInstances",
      action: "ecs:ListContainerInstances",
      call: "ecs:ListContainerInstances",
    },
  ],
  start: [
    { sid: "RunTasks", call: "ecs:RunTask" },
    { sid: "WatchAndDrainContainerInstances", call: "ecs:DescribeContainerInstances" },
    {
      sid: "WatchAndDrainContainerInstances",
      action: "ecs:DescribeContainerInstances",
      call: "ecs:DescribeContainerInstances",
    },
  ],
  evacuate: [
    { sid: "WatchAndStopTasks", call: "ecs:DescribeTasks" },
    { sid: "WatchAndStopTasks", action: "ecs:DescribeTasks", call: "ecs:DescribeTasks" },
    { sid: "WatchAndStopTasks", action: "ecs:StopTask", call: "ecs:StopTask" },
  ],
  drain: [
    {
      sid: "WatchAndDrainContainerInstances",
      action: "ecs:UpdateContainerInstancesState",
      call: "ecs:UpdateContainerInstancesState",
    },
  ],
  remove: [
    {
      sid: "ListAndRemoveContainerInstances",
      action: "ecs:DeregisterContainerInstance",
      call: "ecs:DeregisterContainerInstance",
    },
  ],
} as const satisfies Readonly<Record<string, readonly Case[]>>;

test("functions need every statement of the region's own policy", { skip: localOnly }, async (t) => {
  const permits = await createPermits(t, "field");
  const { cloud, written, without, refused, scale, upload, emptyQueue } = permits;
  const { member, setState, tasks, instances, freeLease, loseAgent, sendMessage } = permits;

  const each = async (cases: readonly Case[], isUndone: () => Promise<boolean>, event?: object) => {
    for (const one of cases) {
      await t.test(`without ${titleOf(one)} in LambdaExec-us-east-1`, async () => {
        await without("Regional", one, async () => {
          await until(`${one.call} is refused`, async () => {
            await scale(event);
            return refused().includes(one.call);
          });
          assert.ok(await isUndone(), "what it is for does not happen");
        });
      });
    }
  };

  await t.test("each statement, and each action of those with several, has its test", () => {
    assert.deepEqual(
      new Set(partsOf(written.Regional).map(titleOf)),
      new Set(Object.values(CASES).flat().map(titleOf)),
    );
  });

  await sendMessage("waits.txt");
  await freeLease();
  await each(CASES.launch, async () => (await instances()).length === 0);

  await scale();
  const [instanceId = ""] = await instances();
  await until("the instance has joined", async () => (await member())?.status === "ACTIVE");
  await each(CASES.start, async () => (await tasks()).length === 0);

  await scale();
  await until("a worker runs", () => cloud.runningTasks().length > 0);
  // So that it does not leave meanwhile.
  for (let number = 0; number < 5; number += 1) await upload(`file-${number}.txt`, "slow");
  const warning = { "detail-type": "EC2 Spot Instance Interruption Warning", detail: { "instance-id": instanceId } };
  const goesOn = async () => {
    if ((await member())!.status === "DRAINING") await setState("ACTIVE");
    return cloud.runningTasks().length > 0;
  };
  await each(CASES.evacuate, goesOn, warning);
  await each(CASES.drain, async () => (await member())!.status === "ACTIVE", warning);

  await emptyQueue();
  for (const arn of cloud.runningTasks()) cloud.killTask(arn);
  await until("no task runs", async () => (await tasks()).length === 0);
  const [remove] = CASES.remove;
  await t.test(`without ${titleOf(remove)} in LambdaExec-us-east-1`, async () => {
    await without("Regional", remove, async () => {
      loseAgent();
      await setState("DRAINING");
      await until(`${remove.call} is refused`, async () => {
        // A nudge that was throttled comes again, and its run may have started another.
        for (const arn of cloud.runningTasks()) cloud.killTask(arn);
        await scale();
        return refused().includes(remove.call);
      });
      assert.ok(await member(), "ECS goes on listing it");
    });
  });
});
