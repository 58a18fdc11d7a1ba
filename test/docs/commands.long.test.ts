/** Every command of the documents runs, as it is written, on a local cloud of its own. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { globSync, readFileSync } from "node:fs";
import { chmod, cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, type TestContext, test } from "node:test";
import { CreateKeyPairCommand } from "@aws-sdk/client-ec2";
import { workerProgram } from "../../src/bundles.ts";
import { createAlgorithmSources } from "../../src/io/algorithm-sources.ts";
import { startBackend } from "../support/backend.ts";
import { blocksOf } from "./blocks.ts";

const ROOT = join(import.meta.dirname, "../..");
const DOCUMENTS = ["README.md", "CONTRIBUTING.md", ...globSync("docs/*.md", { cwd: ROOT }).sort()];

/** What would reach over the network, or change the machine. */
const BEYOND = ["npm", "docker", "podman", "aws", "systemctl", "sudo", "install"];

describe("the commands of", { concurrency: true }, () => {
  for (const path of DOCUMENTS) {
    const blocks = blocksOf(readFileSync(join(ROOT, path), "utf8"));
    if (blocks.length === 0) continue;
    test(path, { timeout: 300_000 }, async (t) => {
      const run = blocks.every(({ notRun }) => notRun !== undefined) ? undefined : await createPlace(t);
      for (const { line, script, notRun } of blocks) {
        const name = `line ${line}: ${script.split("\n")[0]}`;
        if (notRun !== undefined) await t.test(name, { skip: notRun }, () => {});
        else await t.test(name, () => run!(script));
      }
    });
  }
});

/** A folder as a reader has it, and a cloud in which everything runs. Answers what runs a script there. */
async function createPlace(t: TestContext): Promise<(script: string) => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "pipewright-documents-"));
  const pipelines = join(folder, "pipelines");
  // One of the examples is enough, and quicker.
  const others = /\/(grey-pictures|river-gauges)\.json$/;
  await cp(join(ROOT, "pipelines"), pipelines, { recursive: true, filter: (path) => !others.test(path) });
  for (const name of ["node_modules", "schema"]) await symlink(join(ROOT, name), join(folder, name));
  const tasks = { workerPath: workerProgram(join(ROOT, "src")), sources: createAlgorithmSources(pipelines) };
  const backend = await startBackend({}, { bootMs: 100, pullMs: 50, tasks });
  await backend.sdk.ec2.send(new CreateKeyPairCommand({ KeyName: "my-key" }));
  t.after(async () => {
    await backend.stop();
    await rm(folder, { recursive: true, force: true });
  });
  const bin = join(folder, ".bin");
  await mkdir(bin);
  // What `npm ci` would have put there.
  for (const name of ["pipewright", "setup-pipe", "create-lambda-exec-role", "clean-up"]) {
    const first = name === "pipewright" ? "" : `${name} `;
    const program = `exec ${process.execPath} ${join(ROOT, "src/main.ts")} ${first}"$@"`;
    await writeFile(join(bin, name), `#!/bin/sh\n${program}\n`);
    await chmod(join(bin, name), 0o755);
  }
  await writeFile(join(bin, "npx"), '#!/bin/sh\nexec "$@"\n');
  for (const name of BEYOND) {
    await writeFile(
      join(bin, name),
      `#!/bin/sh\necho "${name} has no place in a test: say why before the block"; exit 1\n`,
    );
  }
  for (const name of ["npx", ...BEYOND]) await chmod(join(bin, name), 0o755);
  const env = {
    PATH: `${bin}:${process.env.PATH}`,
    HOME: folder,
    NODE_COMPILE_CACHE: join(ROOT, "node_modules/.cache/pipewright-scenarios"),
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_ENDPOINT_URL: backend.endpoint,
    AWS_REGION: backend.region,
    AWS_ACCESS_KEY_ID: backend.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: backend.credentials.secretAccessKey,
  };
  return async (script) => {
    const child = spawn("bash", ["-eu", "-c", script], { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
    const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
    assert.equal(code, 0, `${script}\n${out}${err}`);
  };
}
