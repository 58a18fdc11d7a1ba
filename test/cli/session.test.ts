import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { Context, Session } from "../../src/cli/context.ts";
import { makeNamedKeyPairs } from "../../src/cli/run.ts";
import type { CleanUpReport, EngineEvent } from "../../src/engine/engine.ts";
import { command } from "./console.ts";

const report = { ok: false, deleted: [], kept: [], refused: [], failed: [], unknown: [] } as CleanUpReport;

/** An engine whose clean-up goes on until it is stopped, or is over at once. */
function engineOf(ends: "when stopped" | "by itself") {
  let stop: () => void = () => {};
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  return {
    async cleanUp() {
      if (ends === "when stopped") await stopped;
      return { ...report, ok: ends === "by itself" };
    },
    async stop() {
      stop();
    },
  };
}

describe("a command that writes", () => {
  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const) {
    it(`asked to stop by ${signal}, ends cleanly and says by its exit code that it is not done`, async () => {
      const around = { engine: engineOf("when stopped"), stopAsked: async () => signal };
      const shown = await command(["clean-up", "--all"], around);
      assert.deepEqual([shown.code, shown.out], [code, "0 resources deleted\n"]);
      assert.match(shown.err, /stopping: steps that have begun come to their end/);
    });
  }

  it("that was done when it was asked has done its work", async () => {
    const around = { engine: engineOf("by itself"), stopAsked: async () => "SIGTERM" };
    assert.equal((await command(["clean-up", "--all"], around)).code, 0);
  });

  it("prints nothing but JSON where a machine reads it", async () => {
    const subscribe = (listener: (event: EngineEvent) => void) => {
      listener({ type: "step-done", workflow: "plants", key: "queue/a", do: "delete" });
      return () => {};
    };
    const shown = await command(["clean-up", "--all", "--json"], { engine: { ...engineOf("by itself"), subscribe } });
    assert.deepEqual(JSON.parse(shown.out).deleted, []);
  });
});

describe("the daemon", () => {
  it("ends when it is asked to, though its engine has not come to start", { timeout: 60_000 }, async () => {
    const around = { engine: { start: () => new Promise<void>(() => {}) }, stopAsked: async () => "SIGTERM" };
    assert.equal((await command(["run"], around)).code, 0);
  });

  it("that cannot start closes what it has opened, and ends", async () => {
    const closed: string[] = [];
    const start = () => Promise.reject(new Error("no"));
    const around = { engine: { start }, closed: () => void closed.push("session") };
    assert.deepEqual([(await command(["run"], around)).code, closed], [1, ["session"]]);
  });

  it("against an embedded cloud takes no file that it cannot read for a reason not to start", async () => {
    const text = await readFile(join(import.meta.dirname, "../../pipelines/change123.json"), "utf8");
    const readable = { path: "b.json", bytes: Buffer.from(text) };
    const made: string[] = [];
    const readFileOf = async (path: string) => {
      if (path === "a.json") throw new Error("EACCES");
      return readable;
    };
    const algorithm = (_file: string, _pipelines: string, name: string) => {
      const path = join(import.meta.dirname, `../../pipelines/algorithms/${name}.json`);
      return { path, bytes: readFileSync(path) };
    };
    const folder = { list: async () => ({ files: ["a.json", "b.json"], complete: true }) };
    const makeKeyPairs = async (names: Iterable<string>) => void made.push(...names);
    const context = { readFile: readFileOf, algorithm } as unknown as Context;
    await makeNamedKeyPairs(context, { folder, makeKeyPairs } as unknown as Session, "pipelines");
    assert.deepEqual(made, ["my-key"]);
  });
});

describe("prune", () => {
  const engine = (more: object, prunable: string[] = []) => ({
    prunable: async () => prunable,
    status: () => ({ workflows: [], problems: [], ...more }) as never,
  });

  it("names what is gone, for people and for machines", async () => {
    const plain = await command(["prune"], { engine: engine({}, ["plants"]) });
    assert.deepEqual([plain.code, plain.out.split("\n")[0]], [0, "these workflows have no file any more: plants"]);
    const machine = await command(["prune", "--json"], { engine: engine({}, ["plants"]) });
    assert.deepEqual(JSON.parse(machine.out), { prunable: ["plants"], problems: [] });
  });

  it("takes a folder that cannot be read for no empty list", async () => {
    const { code, out } = await command(["prune"], { engine: engine({ folderProblem: "it is not mounted" }) });
    assert.deepEqual([code, out], [1, "it is not mounted\nnothing is pruned before that is mended\n"]);
  });
});

describe("plan and status", () => {
  it("count files to be sent as something to do", async () => {
    const plants = { name: "plants", outcome: { is: "synced" as const }, steps: [], due: "files are sent" };
    const plan = async () => ({ workflows: [plants], problems: [] });
    const { code, out } = await command(["plan"], { engine: { plan } });
    assert.equal(code, 2);
    assert.deepEqual(out.split("\n"), [
      "plants",
      "  > files are sent",
      "",
      "0 to create, 0 to update, files to send in 1 workflow",
      "",
    ]);
  });

  it("are not in sync with what they could not read", async () => {
    const folderProblem = "it is not mounted";
    const plan = async () => ({ workflows: [], problems: [], folderProblem });
    const planned = await command(["plan"], { engine: { plan } });
    assert.deepEqual([planned.code, /in sync/.test(planned.out)], [1, false]);
    const status = () => ({ workflows: [], problems: [], leftovers: [], folderProblem }) as never;
    assert.equal((await command(["status"], { engine: { status } })).code, 1);
  });

  it("tell what is only worth knowing from what is wrong", async () => {
    const place = { file: "plants.json", line: 3, column: 5, path: "ignore" };
    const problems = [{ ...place, message: "names no field", severity: "notice" as const }];
    const told = "plants.json:3:5 ignore names no field (notice)";
    const status = () => ({ workflows: [], problems, leftovers: [] }) as never;
    const plan = async () => ({ workflows: [], problems });
    const apply = async () => ({ ok: true, gaveUp: false, status: status(), collected: {} }) as never;
    for (const name of ["status", "plan", "apply"]) {
      const { code, out } = await command([name], { engine: { status, plan, apply } });
      assert.deepEqual([code, out.split("\n").includes(told)], [0, true], name);
    }
  });
});
