import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import type { RunningTask } from "../../localcloud/world/tasks/task-runner.ts";
import { openSdk } from "./clients/answers.ts";
import { comparable } from "./clients/comparable.ts";
import { take } from "./clients/walk.ts";
import { CLUSTER, startFleetCloud } from "./world/fleet-cloud.ts";

const main = fileURLToPath(new URL("../../localcloud/main.ts", import.meta.url));
const IS_READ = /^(Get|List|Describe|Head|Filter)/;
/** What would leave nothing to read. */
const TAKES_AWAY = /^(Delete|Remove|Revoke|Terminate|Detach|Untag|Deregister|Abort|StopTask)/;

describe("a snapshot", () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "pipewright-snapshots-"));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it("lets a new process answer every read of every service as the old one did", async () => {
    const first = await start(folder);
    const asker = openSdk(first.endpoint);
    const advance = (stepMs: number) => first.command("clock", { stepMs, settle: true });
    const taken = await take(asker.ask, advance, ({ operation }) => !TAKES_AWAY.test(operation));
    const reads = taken.filter(({ operation }) => IS_READ.test(operation));
    const answersOf = async ({ endpoint }: Started, { ask, close } = openSdk(endpoint)) => {
      const answers: [string, unknown][] = [];
      for (const { step, service, operation, input } of reads) {
        answers.push([step, await comparable(await ask(service, operation, input), endpoint)]);
      }
      close();
      return answers;
    };
    const expected = await answersOf(first, asker);
    await first.stop();

    const second = await start(folder);
    try {
      assert.ok(reads.length > 50);
      assert.deepEqual(await answersOf(second), expected);
      const { ask, close } = openSdk(second.endpoint);
      const answer = await comparable(await ask("lambda", "Invoke", { FunctionName: "walk" }), second.endpoint);
      assert.equal((answer as { Payload: string }).Payload, '"two"', "the function runs");
      close();
    } finally {
      await second.stop();
    }
  });

  it("is taken and brought back by command, and refused without a folder or by a wrong name", async () => {
    const cloud = await start(join(folder, "by-command"));
    const { ask, close } = openSdk(cloud.endpoint);
    const put = (Body: string) => ask("s3", "PutObject", { Bucket: "kept", Key: "k", Body });
    const get = async () =>
      (
        (await ask("s3", "GetObject", { Bucket: "kept", Key: "k" })) as {
          Body: { transformToString(): Promise<string> };
        }
      ).Body.transformToString();
    await ask("s3", "CreateBucket", { Bucket: "kept" });
    const large = "large ".repeat(400_000);
    await put(large);
    await cloud.command("snapshots", { name: "before" });
    await put("small");
    await cloud.command("snapshots", {});
    await cloud.command("restore", { name: "before" });
    assert.equal(await get(), large, "its file was not that of the object that was overwritten");
    await ask("s3", "DeleteObject", { Bucket: "kept", Key: "k" });
    await cloud.command("restore", { name: "before" });
    assert.equal(await get(), large, "a restored object's end is not the snapshot's");
    await cloud.command("snapshots", { name: "before" });
    assert.equal((await readdir(join(folder, "by-command", "before", "objects"))).length, 1, "no file is left behind");
    await cloud.command("restore", {});
    assert.equal(await get(), "small");
    await assert.rejects(cloud.command("restore", { name: "none" }), /there is no snapshot none/);
    await assert.rejects(cloud.command("snapshots", { name: "../out" }), /is no name/);
    close();
    await cloud.stop();
    assert.deepEqual((await readdir(join(folder, "by-command"))).sort(), ["before", "last"]);
  });

  it("goes on with what waited, machines that boot and retries, and what ran is lost", async () => {
    const fleet = await startFleetCloud(
      { tasks: { start: startEndlessTask } },
      { dataFolder: join(folder, "waiting") },
    );
    const { cloud, ecs } = fleet;
    await fleet.begin();
    await fleet.launch();
    await cloud.advance(30_000);
    await ecs.registerTaskDefinition({ family: "f", containerDefinitions: [{ name: "a", image: "x", memory: 64 }] });
    const { tasks } = await ecs.runTask({ cluster: CLUSTER, taskDefinition: "f" });
    await cloud.advance(1000);
    await fleet.makeFunction("f", 'export const handler = async () => { console.log("RAN"); throw new Error("no"); };');
    await fleet.tell("f", {});
    await cloud.settled();
    const machine = await fleet.launch();
    cloud.snapshots.save("now");

    cloud.reset();
    cloud.snapshots.restore("now");
    await cloud.advance(30_000);
    const members = (await fleet.members()).map(({ id }) => id);
    assert.equal(members.length, 2);
    assert.ok(members.includes(machine), "the machine that was starting has joined");
    const task = await fleet.task(tasks![0]!.taskArn!);
    assert.deepEqual([task.lastStatus, task.containers![0]!.exitCode], ["STOPPED", 137]);
    await cloud.advance(200_000);
    assert.equal(
      fleet.lines("f").filter((line) => line.includes("RAN")).length,
      3,
      "invoked again after one minute and two",
    );
    const again = await fleet.launch();
    assert.ok(!members.includes(again), "no name is given twice");
    await fleet.stop();
  });
});

/** Until it is killed. */
async function startEndlessTask(): Promise<RunningTask> {
  const { promise, resolve } = Promise.withResolvers<ReadonlyMap<string, number>>();
  return { exited: promise, stop() {}, kill: () => resolve(new Map()) };
}

interface Started {
  readonly endpoint: string;
  /** @throws Error with what the cloud says is wrong */
  command(name: string, body: object): Promise<void>;
  stop(): Promise<void>;
}

async function start(dataFolder: string): Promise<Started> {
  const child: ChildProcess = spawn(process.execPath, [main, "--run", "--stdin", "--data", dataFolder], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [line] = await once(createInterface({ input: child.stdout! }), "line");
  const { endpoint } = JSON.parse(line);
  return {
    endpoint,
    async command(name, body) {
      const answer = await fetch(`${endpoint}/_localcloud/${name}`, { method: "POST", body: JSON.stringify(body) });
      if (!answer.ok) throw new Error(await answer.text());
    },
    async stop() {
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      assert.deepEqual(await ended, [0, null]);
    },
  };
}
