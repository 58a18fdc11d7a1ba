/** The script of the first container, run for real, with a stand-in for the `aws` command. */
import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, delimiter, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { compile } from "../../src/desired/compile.ts";
import { INIT_CONTAINER } from "../../src/desired/task-definition.ts";
import type { TaskDefinitionSpec } from "../../src/kinds/task-definition.ts";
import { facts, sample } from "./samples.ts";

const definition = compile(sample(), facts).find((one) => one.key.startsWith("task-definition/"))!;
const init = (definition.spec as TaskDefinitionSpec).containers.find((one) => one.name === INIT_CONTAINER)!;
const [shell, ...flags] = init.entryPoint;

/** `tar` is not among them: the AWS CLI's image has none. */
const TOOLS = ["sh", "mktemp", "dirname", "chmod", "cp", "mv", "rm", "test"];
/** The interpreter itself: what is on the path may be a script that needs other tools. */
const python = pythonExecutable();

describe("the container that unpacks the worker", () => {
  let root: string;
  let host: string;

  before(() => {
    root = mkdtempSync(join(tmpdir(), "pipewright-unpack-"));
    host = join(root, "host");
    const bundle = join(root, "bundle");
    mkdirSync(join(bundle, "x64", "lib"), { recursive: true });
    writeFileSync(join(bundle, "x64", "worker.mjs"), "// the worker\n");
    writeFileSync(join(bundle, "x64", "lib", "libc.so.6"), "library\n");
    execFileSync("tar", ["-czf", join(root, "worker.tgz"), "-C", bundle, "."]);
    writeFileSync(join(bundle, "x64", "worker.mjs"), "// of the other task\n");
    execFileSync("tar", ["-czf", join(root, "other.tgz"), "-C", bundle, "."]);
    writeFileSync(join(root, "script"), init.command.join(" "));
    for (const [folder, tools] of [
      ["with-tar", [...TOOLS, "tar", "gzip"]],
      ["with-python", TOOLS],
    ] as const) {
      mkdirSync(join(root, folder));
      for (const tool of tools) symlinkSync(onPath(tool)!, join(root, folder, tool));
      // aws s3 cp --only-show-errors FROM TO
      const aws = `#!${onPath("sh")}\n[ "$4" = "${init.environment.BUNDLE}" ] && cp "$WORKER_TGZ" "$5"\n`;
      writeFileSync(join(root, folder, "aws"), aws, { mode: 0o755 });
    }
    const start = `#!${onPath("sh")}\nexec "${python}" "$@"\n`;
    if (python) writeFileSync(join(root, "with-python", "python3"), start, { mode: 0o755 });
  });

  after(() => rmSync(root, { recursive: true, force: true }));

  const run = (tools: string, more: Record<string, string> = {}): Promise<{ code: number; stderr: string }> => {
    mkdirSync(host, { recursive: true });
    const env = {
      ...init.environment,
      FOLDER: join(host, "worker-0.1.0"),
      WORKER_TGZ: join(root, "worker.tgz"),
      ...more,
    };
    return new Promise((resolve) => {
      const options = { env: { ...env, PATH: join(root, tools) } };
      execFile(onPath(shell!)!, [...flags, ...init.command], options, (error, _stdout, stderr) =>
        resolve({ code: error ? Number(error.code) : 0, stderr }),
      );
    });
  };

  const assertUnpacked = (): void => {
    assert.deepEqual(readdirSync(host), ["worker-0.1.0"], "only the unpacked folder is left");
    assert.equal(readFileSync(join(host, "worker-0.1.0", "x64", "worker.mjs"), "utf8"), "// the worker\n");
    assert.ok(existsSync(join(host, "worker-0.1.0", "x64", "lib", "libc.so.6")));
  };

  it("unpacks the bundle with tar", async () => {
    rmSync(host, { recursive: true, force: true });
    assert.deepEqual(await run("with-tar"), { code: 0, stderr: "" });
    assertUnpacked();
  });

  it("unpacks it with Python where there is no tar", { skip: python ? false : "no Python here" }, async () => {
    rmSync(host, { recursive: true, force: true });
    assert.equal((await run("with-python")).code, 0);
    assertUnpacked();
  });

  it("fetches nothing when the folder stands already", async () => {
    rmSync(host, { recursive: true, force: true });
    await run("with-tar");
    assert.deepEqual(await run("with-tar", { WORKER_TGZ: "/nowhere.tgz" }), { code: 0, stderr: "" });
  });

  const damage = (): void => {
    mkdirSync(join(host, "worker-0.1.0", "x64", "lib"), { recursive: true });
    writeFileSync(join(host, "worker-0.1.0", "x64", "lib", "libc.so.6"), "library\n");
  };

  for (const [start, prepare] of [
    ["an empty instance", () => {}],
    ["a folder that lacks the worker", damage],
  ] as const) {
    // The script runs at its own pace between two tools: before each of them, another task runs from its start to its end.
    for (const tool of ["mktemp", "chmod", "aws", "tar", "rm", "mv"]) {
      it(`keeps the folder of a task that comes and goes just before ${tool}, on ${start}`, async () => {
        rmSync(host, { recursive: true, force: true });
        prepare();
        const seen = join(root, "seen");
        rmSync(seen, { force: true });
        const tools = mkdtempSync(join(root, "tools-"));
        for (const name of readdirSync(join(root, "with-tar"))) {
          if (name !== tool) symlinkSync(join(root, "with-tar", name), join(tools, name));
        }
        const other = `PATH="${join(root, "with-tar")}" WORKER_TGZ="${join(root, "other.tgz")}" sh "${join(root, "script")}"`;
        const first = `[ -e "${seen}" ] || { ${other} && "${onPath("cp")}" "$FOLDER/$NEEDED" "${seen}"; }`;
        const standIn = `#!${onPath("sh")}\n${first}\nexec "${join(root, "with-tar", tool)}" "$@"\n`;
        writeFileSync(join(tools, tool), standIn, { mode: 0o755 });

        assert.equal((await run(basename(tools))).code, 0);

        const worker = join(host, "worker-0.1.0", "x64", "worker.mjs");
        assert.equal(readFileSync(worker, "utf8"), readFileSync(seen, "utf8"), "the folder the other task starts from");
        assert.deepEqual(readdirSync(host), ["worker-0.1.0"]);
      });
    }

    it(`leaves one whole folder when eight tasks start at once on ${start}`, async () => {
      rmSync(host, { recursive: true, force: true });
      prepare();
      const ends = await Promise.all(Array.from({ length: 8 }, () => run("with-tar")));
      assert.ok(
        ends.every(({ code }) => code === 0),
        JSON.stringify(ends),
      );
      assertUnpacked();
    });
  }

  it("fails, and says why, when the bundle lacks this architecture", async () => {
    rmSync(host, { recursive: true, force: true });
    const { code, stderr } = await run("with-tar", { NEEDED: "arm64/worker.mjs" });
    assert.equal(code, 1);
    assert.match(stderr, /holds no arm64\/worker\.mjs/);
  });

  it("fails when the bundle cannot be fetched", async () => {
    rmSync(host, { recursive: true, force: true });
    assert.notEqual((await run("with-tar", { WORKER_TGZ: "/nowhere.tgz" })).code, 0);
  });

  it("leaves nothing behind where the bundle cannot be fetched, or not be unpacked", async () => {
    rmSync(host, { recursive: true, force: true });
    const damaged = join(root, "damaged.tgz");
    writeFileSync(damaged, "no archive");
    for (const WORKER_TGZ of ["/nowhere.tgz", damaged]) {
      assert.notEqual((await run("with-tar", { WORKER_TGZ })).code, 0);
      assert.deepEqual(readdirSync(host), []);
    }
  });

  it("replaces a folder that lacks the worker", async () => {
    rmSync(host, { recursive: true, force: true });
    damage();
    assert.deepEqual(await run("with-tar"), { code: 0, stderr: "" });
    assertUnpacked();
  });
});

function pythonExecutable(): string | undefined {
  try {
    return execFileSync("python3", ["-c", "import sys; print(sys.executable)"], { encoding: "utf8" }).trim();
  } catch {
    return undefined;
  }
}

function onPath(tool: string): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return folders.map((folder) => join(folder, tool)).find((path) => existsSync(path));
}
