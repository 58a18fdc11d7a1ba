/** Which way a task runs, with a program in place of podman that says what it is told to. */
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, it, type TestContext } from "node:test";
import {
  type ContainerRunnerOptions,
  createContainerRunner,
} from "../../../localcloud/world/tasks/container-runner.ts";
import type { ContainerToRun, TaskRunner } from "../../../localcloud/world/tasks/task-runner.ts";

/** Has images that end in `here`, pulls none, writes down what it is asked, and runs everything to exit code 7. */
const PODMAN = `#!/bin/sh
echo "$@" >> "$FOLDER/asked"
case "$1 $*" in
  image*here) exit 0 ;;
  image*) exit 1 ;;
  pull*silent) exec sleep 60 ;;
  pull*) echo "no such host" >&2; exit 125 ;;
  logs*) echo "a line" ;;
  wait*) echo 7 ;;
esac
`;
const CONTAINER: ContainerToRun = {
  name: "algorithm",
  image: "example/grey:here",
  command: ["/pw/node", "worker.mjs"],
  environment: { COLOUR: "deep green" },
  isEssential: true,
  memoryMiB: 640,
  hasInit: true,
  mounts: [{ hostPath: "/var/lib/worker", containerPath: "/pw", readOnly: true }],
  stopTimeoutMs: 1_000,
  onLine: (line) => void lines.push(line),
};
let lines: string[] = [];
let ways: string[] = [];
let now = 0;

describe("a task, where there are containers", () => {
  beforeEach(() => {
    [lines, ways, now] = [[], [], 0];
  });

  it("runs in one, limited and with what it mounts, and the engine keeps nothing of it", async (t) => {
    const { start, asked } = stage(t);
    assert.equal(await start(CONTAINER), 7);
    assert.deepEqual([lines, ways], [["a line"], ["example/grey:here in containers, by podman"]]);
    const run = asked("run")[0]!;
    for (const part of ["--memory 640m", "--init", "--volume /here/worker:/pw:ro,z", "--env COLOUR=deep green"]) {
      assert.ok(run.includes(` ${part} `), `${part} is missing in ${run}`);
    }
    assert.match(run, / --entrypoint \/pw\/node example\/grey:here worker\.mjs$/);
    assert.equal(asked("rm").length, 1);
  });

  const notHere = { ...CONTAINER, image: "example/grey:1" };

  it("is a local process where no engine works, and the engine is looked for again only after a while", async (t) => {
    let searches = 0;
    const findEngine = async () => {
      searches += 1;
      throw new Error("none works:\n  podman: not on the PATH");
    };
    const { start } = stage(t, { findEngine }, true);
    for (now of [0, 1_000, 600_000]) assert.equal(await start(CONTAINER), "process");
    assert.equal(searches, 2);
    assert.deepEqual(ways, ["example/grey:here as local processes: none works: podman: not on the PATH"]);
  });

  it("is told as no local process where no program of it is here either", async (t) => {
    const findEngine = async () => {
      throw new Error("none works");
    };
    const { start } = stage(t, { findEngine });
    await start(CONTAINER);
    assert.deepEqual(ways, []);
  });

  it("is a local process where its program is here and its image is not, which is not pulled then", async (t) => {
    const { start, asked } = stage(t, {}, true);
    assert.equal(await start(notHere), "process");
    assert.deepEqual(asked("pull"), []);
  });

  it("is a local process where nothing stands in for what it mounts", async (t) => {
    const { start } = stage(t, { hostFolder: () => Promise.reject(new Error("no worker")) }, true);
    assert.equal(await start(CONTAINER), "process");
    assert.deepEqual(ways, ["example/grey:here as local processes: no worker"]);
  });

  it("fails where only a pull could help and that fails, and the registry is left in peace for a while", async (t) => {
    const { start, asked } = stage(t);
    for (now of [0, 1_000])
      await assert.rejects(start(notHere), /^Error: CannotPullContainerError: \S+:1: .*no such host/);
    assert.equal(asked("pull").length, 1);
    now = 600_000;
    await assert.rejects(start(notHere), /CannotPullContainerError/);
    assert.equal(asked("pull").length, 2);
  });

  it("is not waited for at a registry that does not answer, once nobody needs it", async (t) => {
    const { start } = stage(t);
    const signal = AbortSignal.timeout(200);
    await assert.rejects(start({ ...CONTAINER, image: "example/grey:silent" }, signal), /CannotPullContainerError/);
  });
});

function stage(t: TestContext, over: Partial<ContainerRunnerOptions> = {}, hasProgram = false) {
  const folder = mkdtempSync(join(tmpdir(), "pipewright-runner-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "podman"), PODMAN);
  chmodSync(join(folder, "podman"), 0o755);
  const processes: TaskRunner = {
    start: async () => ({ exited: Promise.resolve(new Map()), stop() {}, kill() {} }),
  };
  const runner = createContainerRunner({
    findEngine: async () => "podman",
    environment: { PATH: `${folder}:${process.env.PATH}`, FOLDER: folder },
    hostFolder: async () => "/here/worker",
    onWay: (image, way) => void ways.push(`${image} ${way}`),
    world: { now: () => now, after: () => () => {} },
    processes,
    hasProgram: () => hasProgram,
    ...over,
  });
  return {
    /** Answers its exit code, or that it ran as a local process. */
    async start(container: ContainerToRun, signal = new AbortController().signal) {
      const init = { ...container, name: "worker", isEssential: false };
      const { exited } = await runner.start({ arn: "task/1", containers: [init, container], signal });
      return (await exited).get("algorithm") ?? "process";
    },
    asked: (command: string) =>
      readFileSync(join(folder, "asked"), "utf8")
        .split("\n")
        .filter((line) => line.startsWith(`${command} `)),
  };
}
