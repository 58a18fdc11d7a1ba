import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { DeleteQueueCommand, GetQueueUrlCommand } from "@aws-sdk/client-sqs";
import type { DaemonStatus } from "../../src/engine/status.ts";
import { accountOf } from "../scenarios/account.ts";
import { eventually } from "../scenarios/program.ts";
import { createWorld, example } from "../scenarios/world.ts";
import { freePort } from "../support/free-port.ts";
import { engine, IMAGE, startContainer, startDaemonContainer } from "./container.ts";

const { version } = JSON.parse(readFileSync(join(import.meta.dirname, "../../package.json"), "utf8"));
/** A resync comes after 30 s, at most 5 % later. */
const RESYNC_MS = 45_000;
const MIB = 1_024 * 1_024;

const plants = (): Promise<object> =>
  example("change123", { input_s3_name: "plants-input", output_s3_name: "plants-output" });

describe("the image", () => {
  test("says who made it of what, runs as nobody in particular, and needs no shell", async () => {
    const config = JSON.parse(await engine.call("image", "inspect", "--format", "{{json .Config}}", IMAGE));
    assert.equal(config.User, "1000:1000");
    const [first, ...words] = config.Entrypoint;
    assert.equal(first, "node");
    // Between them stand options of V8 alone: nothing that a shell would have to read.
    assert.deepEqual(
      words.filter((word: string) => !/^--[a-z-]+=\d+$/.test(word)),
      ["/app/dist/pipewright.js"],
    );
    assert.deepEqual(config.Cmd, ["run"]);
    assert.deepEqual(Object.keys(config.Volumes).sort(), ["/data", "/pipelines"]);
    const labels = config.Labels;
    assert.equal(labels["org.opencontainers.image.version"], version);
    assert.equal(labels["org.opencontainers.image.revision"], "test");
    for (const name of ["title", "description", "licenses"])
      assert.ok(labels[`org.opencontainers.image.${name}`], name);
    assert.ok(!config.Env.some((entry: string) => /AWS|SECRET|TOKEN/i.test(entry)), config.Env.join());
  });

  test("its layers on top of the base: the daemon below 10 MB, the worker in one of its own", async () => {
    const lines = await engine.call("history", "--no-trunc", "--format", "{{.Size}}\t{{.CreatedBy}}", IMAGE);
    const copied = lines.split("\n").filter((line) => / COPY /.test(line));
    const bytes = copied.map((line) => bytesOf(line.split("\t")[0]!));
    // The Dockerfile's order, newest first.
    const [worker = 0, ...daemon] = bytes;
    const daemonMB = daemon.reduce((total, one) => total + one, 0) / 1e6;
    console.log(`daemon ${daemonMB.toFixed(1)} MB, worker ${(worker / 1e6).toFixed(1)} MB`);
    assert.ok(daemonMB > 1 && daemonMB < 10, `${daemonMB} MB`);
    assert.ok(worker > 20e6, `${worker} bytes`);
  });
});

describe("a hardened container", () => {
  test("a file dropped into the mounted folder becomes resources, one broken is repaired, SIGTERM ends it with 0", async (t) => {
    const world = await createWorld(t);
    const daemon = await startDaemonContainer(t, world);
    const readyMs = await daemon.readyMs();

    const { calls } = world.backend.cloud!;
    calls.clear();
    const dropped = Date.now();
    await world.write("plants.json", await plants());
    const first = await eventually("a call was made", () => calls.list()[0], 20_000, 10);
    await eventually("the pipeline stands", async () => (await accountOf(world.sdk)).notification?.length === 1);
    const before = await accountOf(world.sdk);

    const [QueueName = ""] = before.queue ?? [];
    const { QueueUrl } = await world.sdk.sqs.send(new GetQueueUrlCommand({ QueueName }));
    await world.sdk.sqs.send(new DeleteQueueCommand({ QueueUrl }));
    const broken = Date.now();
    await eventually(
      "all stands again",
      async () => {
        assert.deepEqual(await accountOf(world.sdk), before);
        return true;
      },
      RESYNC_MS,
    );
    const repairedMs = Date.now() - broken;

    const status = await daemon.node("console.log((await import('node:fs')).readFileSync('/proc/1/status', 'utf8'))");
    const peakMiB = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1_024;
    assert.match(status, /^Uid:\s+1000\s+1000\s+1000\s+1000$/m);
    assert.match(status, /^CapEff:\s+0+$/m);
    assert.match(status, /^NoNewPrivs:\s+1$/m);
    assert.ok(peakMiB < 230, `${peakMiB} MiB of 256`);

    const { code, ms } = await daemon.stop();
    assert.equal(code, 0, await daemon.logs());
    assert.ok(ms < 30_000, `${ms} ms`);
    console.log(
      `started → ready ${readyMs} ms; dropped → first call ${first.at - dropped} ms; deleted → repaired ${repairedMs} ms; ` +
        `SIGTERM → ended ${ms} ms; memory at most ${Math.round(peakMiB)} MiB`,
    );
  });

  test("writes nowhere but into its volumes, and its memory ends where it was told", async (t) => {
    const world = await createWorld(t);
    const daemon = await startDaemonContainer(t, world);
    await daemon.readyMs();
    const tried = await daemon.node(`
      import { writeFileSync } from "node:fs";
      for (const folder of ["/app", "/etc", "/node_modules", "/data", "/pipelines", "/tmp"]) {
        try { writeFileSync(folder + "/.written", ""); console.log(folder, "written"); }
        catch (error) { console.log(folder, error.code); }
      }
      console.log(process.constrainedMemory());`);
    assert.deepEqual(tried.trim().split("\n"), [
      "/app EROFS",
      "/etc EROFS",
      "/node_modules EROFS",
      "/data written",
      "/pipelines written",
      "/tmp written",
      String(256 * MIB),
    ]);
  });

  test("its health check passes while it lives, and fails once it does not answer", async (t) => {
    const world = await createWorld(t);
    const daemon = await startDaemonContainer(t, world);
    await daemon.readyMs();
    const [command, ...args] = JSON.parse(
      await engine.call("image", "inspect", "--format", "{{json .Config.Healthcheck.Test}}", IMAGE),
    ).slice(1);
    const check = (...more: string[]) => engine.call("exec", ...more, daemon.name, command, ...args);
    await check();
    await assert.rejects(check("--env", `PIPEWRIGHT_PORT=${await freePort()}`));
  });
});

test("of two containers one acts, and the other goes on where it is killed", async (t) => {
  const world = await createWorld(t);
  const lease = { PIPEWRIGHT_LEASE: "on", PIPEWRIGHT_LEASE_SECONDS: "3" };
  const daemons = [await startDaemonContainer(t, world, lease), await startDaemonContainer(t, world, lease)];
  const leads = async (daemon: (typeof daemons)[0]) =>
    ((await (await daemon.get("/api/v1/status")).json()) as DaemonStatus).leader;
  const acting = await eventually("one leads", async () => {
    const [first, second] = await Promise.all(daemons.map(leads));
    assert.ok(!(first && second), "never both");
    return first ? 0 : second ? 1 : undefined;
  });
  const [leader, other] = [daemons[acting]!, daemons[1 - acting]!];
  await leader.kill();
  await eventually("the other leads", () => leads(other));
  await world.write("plants.json", await plants());
  await eventually("the pipeline stands", async () => (await accountOf(world.sdk)).notification?.length === 1);
  assert.equal((await other.stop()).code, 0);
});

test("with an embedded cloud it needs nothing, and is reached through a published port", async (t) => {
  const port = await freePort();
  const daemon = await startContainer(t, {
    run: ["--publish", `127.0.0.1:${port}:8080`],
    command: ["run", "--local"],
    port,
  });
  await daemon.readyMs();
  assert.equal((await daemon.get("/healthz")).status, 200);
  assert.equal((await daemon.stop()).code, 0);
});

/** Both engines write sizes for people: `4.99 MB`, `674kB`. */
function bytesOf(size: string): number {
  const [, number, unit] = /^([\d.]+) ?([kMG]?)B$/.exec(size) ?? [];
  return Number(number) * 1_000 ** ["", "k", "M", "G"].indexOf(unit!);
}
