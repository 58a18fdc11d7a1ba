import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Context } from "../../src/cli/context.ts";
import { createProgram } from "../../src/cli/program.ts";
import { readEnvironment } from "../../src/config.ts";
import { createGate } from "./gate.ts";
import { pipewright, startDaemon } from "./program.ts";
import { createWorld, example, isLocal, localOnly } from "./world.ts";

describe("the command line", { concurrency: isLocal, skip: localOnly }, () => {
  test("the help of every command has examples that call it, and exit codes", async () => {
    const lines: string[] = [];
    const print = (text = "") => void lines.push(text);
    const terminal = { line: print, error: print };
    const program = createProgram({ terminal, environment: readEnvironment({}) } as unknown as Context, "1.0.0");
    const names = program.commands.map((command) => command.name());
    for (const name of ["run", "plan", "apply", "setup-pipe", "create-lambda-exec-role", "clean-up", "prune", "wrap"]) {
      assert.ok(names.includes(name), name);
    }
    for (const name of names) {
      lines.length = 0;
      await assert.rejects(program.parseAsync([name, "--help"], { from: "user" }), { code: "commander.helpDisplayed" });
      const printed = lines.join("\n");
      assert.match(printed, new RegExp(`Examples:\n  \\$ pipewright ${name}`), name);
      assert.match(printed, /Exit codes: 0 .*1 .*2 .*64/, name);
    }
    console.log(`help of ${names.length} commands`);
  });

  test("setup-pipe sets a pipeline up and ends with where to upload; -uu is answered with a warning", async (t) => {
    const world = await createWorld(t);
    const file = await world.write("change123.json", await example("change123"));
    const made = await pipewright(world, ["setup-pipe", "-f", file, "-uu"]);
    assert.equal(made.code, 0, made.out + made.err);
    assert.ok(
      made.out.endsWith(
        "You can start upload files at container-clouds-input\nYou will get your result at container-clouds-output\n",
      ),
      made.out,
    );
    assert.match(
      made.err,
      /^warning: --use_user_credential does nothing any more: tasks run under a role, and no key is stored/,
    );
    assert.equal((await world.plan()).result.workflows.flatMap((one) => one.steps).length, 0);
  });

  test("a daemon that still waits for AWS is alive, says so, and stops as cleanly as one that watches", async (t) => {
    const world = await createWorld(t);
    const gate = await createGate(world.backend.endpoint);
    t.after(() => gate.close());
    await gate.close();
    const daemon = startDaemon(world, t, ["--port", "0"], { AWS_ENDPOINT_URL: gate.endpoint });
    const { url } = await daemon.logged(({ msg }) => msg === "serving", "where it is served");
    await daemon.logged(({ msg }) => msg === "AWS does not answer yet", "that nobody answers");
    const get = (path: string) => fetch(`${url}${path}`);
    assert.equal((await get("/healthz")).status, 200);
    const unready = await get("/readyz");
    assert.equal(unready.status, 503);
    const why = new RegExp(`AWS does not answer at ${new URL(gate.endpoint).host}`);
    assert.match(((await unready.json()) as { awsProblem: string }).awsProblem, why);
    assert.equal(await daemon.stop(), 0);
    assert.equal(daemon.log.at(-1)?.msg, "stopped");
  });

  test("status, history and plan speak JSON; graph speaks Mermaid; what they say is what stands", async (t) => {
    const world = await createWorld(t);
    await world.write("change123.json", await example("change123"));
    assert.equal((await world.apply()).result.ok, true);
    const json = async (...args: string[]) => {
      const { code, out, err } = await pipewright(world, [...args, "--json"]);
      assert.equal(code, 0, `${args.join(" ")}: ${out}${err}`);
      return JSON.parse(out);
    };
    const [status, history, plan] = await Promise.all([
      json("status", "change123"),
      json("history", "change123"),
      json("plan"),
    ]);
    assert.equal(status.conditions.find((one: { type: string }) => one.type === "Ready").status, "True");
    assert.ok(
      history.some(
        (one: { event: string; key: string }) =>
          one.event === "created" && one.key === "notification/container-clouds-input",
      ),
    );
    assert.deepEqual(
      plan.workflows.map((one: { name: string; steps: unknown[] }) => [one.name, one.steps]),
      [
        ["@foundation", []],
        ["change123", []],
      ],
    );

    const graph = await pipewright(world, ["graph", "change123"]);
    assert.equal(graph.code, 0, graph.err);
    const [head, ...lines] = graph.out.trimEnd().split("\n");
    assert.equal(head, "flowchart LR");
    const node = /^ +(r\d+)\["[a-z-]+<br\/>[^"]+"\]$/;
    const known = new Set(lines.flatMap((line) => node.exec(line)?.[1] ?? []));
    for (const line of lines) {
      const [, from, to] = /^ {2}(r\d+) --> (r\d+)$/.exec(line) ?? [];
      if (from && to) assert.ok(known.has(from) && known.has(to), line);
      else assert.ok(node.test(line) || ["  subgraph foundation", "  end"].includes(line), line);
    }
    assert.ok(known.size > 18, graph.out);
  });

  test("schema prints what editors take, validate what is wrong, and a wrong call ends with exit 64", async (t) => {
    const world = await createWorld(t);
    const good = await world.write("change123.json", await example("change123"));
    const bad = await world.write("typo.json", { ...(await example("change123")), inptu: {} });
    const [workflow, algorithm, valid, invalid, wrong] = await Promise.all([
      pipewright(world, ["schema", "workflow"]),
      pipewright(world, ["schema", "algorithm"]),
      pipewright(world, ["validate", good]),
      pipewright(world, ["validate", good, bad]),
      pipewright(world, ["plan", "--fast"]),
    ]);
    for (const { code, out } of [workflow, algorithm]) {
      assert.equal(code, 0);
      assert.equal(JSON.parse(out).$schema, "https://json-schema.org/draft/2020-12/schema");
    }
    assert.deepEqual([valid.code, valid.out], [0, `${good}: valid\n`]);
    assert.equal(invalid.code, 1);
    assert.match(invalid.out, /typo\.json:\d+:\d+ inptu is not known; did you mean "input"/);
    assert.equal(wrong.code, 64);
    assert.match(wrong.err, /unknown option '--fast'/);
    // Beside a bad file, which may be the one that is asked about, the answer would be its problems.
    await world.remove("typo.json");
    const unknown = await pipewright(world, ["status", "change124"]);
    assert.equal(unknown.code, 64);
    assert.match(unknown.err, /no workflow is named "change124"; there is change123/);
  });
});
