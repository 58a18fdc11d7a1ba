import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { CommanderError } from "commander";
import type { Context } from "../../src/cli/context.ts";
import { createProgram } from "../../src/cli/program.ts";
import { UsageError } from "../../src/cli/usage-error.ts";
import { environmentSchema, readEnvironment } from "../../src/config.ts";
import type { HistoryEntry } from "../../src/engine/history.ts";

/** The program with a context that has no AWS: whoever opens one fails. */
async function called(words: readonly string[], more: Partial<Context> = {}) {
  const said = { out: "", err: "", code: undefined as number | undefined };
  const context = {
    environment: readEnvironment({}),
    terminal: {
      interactive: false,
      width: 100,
      line(text = "") {
        said.out += `${text}\n`;
      },
      error(text: string) {
        said.err += `${text}\n`;
      },
      progress() {},
      paint: (_colour: string, text: string) => text,
    },
    open: async () => assert.fail("AWS was opened"),
    exit(code: number) {
      said.code = code;
    },
    readFile: async () => undefined,
    history: async () => [],
    ...more,
  } as unknown as Context;
  const program = createProgram(context, "1.2.3");
  const error = await program.parseAsync(words, { from: "user" }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return { ...said, error, program };
}

const commands = (await called(["--version"])).program.commands.map((command) => command.name());

describe("help", () => {
  it("names every command and every variable of the environment", async () => {
    const { error, out } = await called(["--help"]);
    assert.ok(error instanceof CommanderError && error.exitCode === 0);
    for (const name of commands) assert.match(out, new RegExp(`^  ${name}\\b`, "m"));
    for (const name of Object.keys(environmentSchema.shape)) assert.ok(out.includes(name), name);
    assert.match(out, /Exit codes: 0 .*, 1 .*, 2 .*, 64 /);
  });

  it("is there for the commands that operators need", () => {
    for (const name of [
      "run",
      "plan",
      "apply",
      "setup-pipe",
      "create-lambda-exec-role",
      "status",
      "history",
      "validate",
    ])
      assert.ok(commands.includes(name), name);
    for (const name of ["schema", "graph", "clean-up", "prune", "demo"]) assert.ok(commands.includes(name), name);
  });

  for (const name of commands.filter((one) => one !== "help")) {
    it(`of ${name} has examples that call it, and the exit codes`, async () => {
      const { out } = await called([name, "--help"]);
      assert.match(out, new RegExp(`Examples:\\n(  \\$ pipewright ${name}\\b.*\\n)+`));
      assert.match(out, /Exit codes: 0 .*, 64 called wrongly\./);
    });
  }
});

describe("a wrong call", () => {
  for (const words of [
    ["fly"],
    ["run", "--fast"],
    ["setup-pipe"],
    ["graph"],
    ["validate"],
    ["schema", "zebra"],
    ["clean-up"],
    ["clean-up", "plants", "--all"],
  ]) {
    it(`is told before AWS is asked anything: ${words.join(" ")}`, async () => {
      const { error } = await called(words);
      assert.ok(
        error instanceof UsageError || (error instanceof CommanderError && error.exitCode !== 0),
        String(error),
      );
    });
  }

  for (const command of ["plan", "apply", "setup-pipe"]) {
    it(`is a file that is not there: ${command}`, async () => {
      const { error } = await called([command, ...(command === "setup-pipe" ? ["-f"] : []), "gone.json"]);
      assert.ok(error instanceof UsageError, String(error));
      assert.match(error.message, /gone\.json does not exist/);
    });
  }
});

describe("commands without AWS", () => {
  it("print the schemas", async () => {
    for (const name of ["workflow", "algorithm"]) {
      const { code, out } = await called(["schema", name]);
      assert.equal(code, 0);
      assert.match(JSON.parse(out).$schema, /2020-12/);
    }
  });

  it("leave out the folder's marker, which a star names too", async () => {
    const named = ["pipelines/gone.json", "pipelines/pipewright-folder.json"];
    assert.equal(
      (await called(["validate", ...named])).out,
      "pipelines/gone.json:1:1 does not exist, or is no file; a folder is named with --pipelines\n",
    );
    for (const words of [["validate"], ["plan"], ["apply"], ["setup-pipe", "-f"]]) {
      const { error } = await called([...words, "pipelines/pipewright-folder.json"]);
      assert.ok(error instanceof UsageError, words[0]);
      assert.match(error.message, /is the folder's marker, no workflow file/);
    }
  });

  it("tell of a file to validate that is not there, for people and for machines", async () => {
    const plain = await called(["validate", "gone.json"]);
    assert.deepEqual([plain.code, /gone\.json:1:1.*does not exist/.test(plain.out)], [1, true]);
    const machine = await called(["validate", "gone.json", "--json"]);
    assert.deepEqual([machine.code, JSON.parse(machine.out).problems.length], [1, 1]);
  });

  it("tell what changed, each in one line", async () => {
    const entry = (event: HistoryEntry["event"], more: Partial<HistoryEntry> = {}): HistoryEntry => ({
      ...{ at: "2026-01-01T00:00:00.000Z", workflow: "plants", key: "queue/pw-plants", path: "", pass: "p-1" },
      ...{ want: undefined, have: undefined, event },
      ...more,
    });
    const body = (minutes: number) => `{\n  "minutes": ${minutes}\n}`;
    const history = async () => [
      entry("drift-detected"),
      entry("drift-repaired"),
      entry("updated", { path: "body", have: body(60), want: body(7) }),
    ];
    const { out } = await called(["history", "plants"], { history });
    assert.deepEqual(
      out
        .trimEnd()
        .split("\n")
        .map((line) => line.split(/ {2,}/).slice(1)),
      [
        ["EVENT", "RESOURCE", "FIELD"],
        ["drift-detected", "queue/pw-plants", "it is gone"],
        ["drift-repaired", "queue/pw-plants"],
        ["updated", "queue/pw-plants", 'body: { "minutes": 60 } → { "minutes": 7 }'],
      ],
    );
  });

  it("tell that nothing is remembered", async () => {
    const { code, out } = await called(["history", "plants"]);
    assert.deepEqual([code, out], [0, "nothing is remembered of plants in ./.pipewright\n"]);
  });
});

describe("users' old scripts", () => {
  const main = join(import.meta.dirname, "..", "..", "src", "main.ts");
  const env = { PATH: process.env.PATH, AWS_ENDPOINT_URL: "http://127.0.0.1:9" };

  it("may say -uu: they are warned that no key is stored, and a wrong call ends with 64", () => {
    for (const flag of ["-uu", "--use_user_credential"]) {
      const { status, stderr } = spawnSync(process.execPath, [main, "setup-pipe", flag, "-f", "gone.json"], {
        env,
        encoding: "utf8",
      });
      assert.match(stderr, /warning: --use_user_credential does nothing any more/);
      assert.match(stderr, /gone\.json does not exist/);
      assert.equal(status, 64);
    }
  });
});

describe("what a command shows", () => {
  const main = join(import.meta.dirname, "..", "..", "src", "main.ts");
  const schema = (into: string) => spawnSync("sh", ["-c", `"$0" "$1" schema workflow ${into}`, process.execPath, main]);

  it(
    "is an error where it cannot be written, and none where its reader has gone away",
    {
      skip: !existsSync("/dev/full") && "there is no /dev/full on this machine",
    },
    () => {
      const full = schema("> /dev/full");
      assert.equal(full.status, 1);
      assert.match(String(full.stderr), /could not be written: ENOSPC/);
      const gone = schema("| true");
      assert.deepEqual([gone.status, String(gone.stderr)], [0, ""]);
    },
  );
});
