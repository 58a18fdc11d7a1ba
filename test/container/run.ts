/**
 * The image, built from the repository's own Dockerfile and run: `npm run test:container [-- FILE…]`. Uses docker or podman,
 * else installs podman where that can be done, else ends with 69 (EX_UNAVAILABLE) and says why nothing was tested.
 */
import { spawn } from "node:child_process";
import { globSync } from "node:fs";
import { arch } from "node:os";
import { dirname, join } from "node:path";
import { findBase } from "./base.ts";
import { type Engine, openEngine, UnavailableError } from "./engine.ts";

const UNAVAILABLE = 69;
const IMAGE = "localhost/pipewright-test";
const root = dirname(dirname(import.meta.dirname));

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UnavailableError)) throw error;
  console.error(`The image was not tested: ${error.message}`);
  process.exitCode = UNAVAILABLE;
}

async function main(files: readonly string[]): Promise<number> {
  const folder = join(root, ".cache", "container");
  const engine = await openEngine(folder);
  const base = await findBase(engine, folder);
  await build(engine, base);
  const suites = files.length > 0 ? files : globSync("test/container/*.test.ts", { cwd: root });
  const tests = spawn(process.execPath, ["--test", "--test-concurrency=1", ...suites], {
    cwd: root,
    stdio: "inherit",
    env: {
      ...process.env,
      ...engine.environment,
      PIPEWRIGHT_TEST_ENGINE: engine.name,
      PIPEWRIGHT_TEST_IMAGE: IMAGE,
    },
  });
  return new Promise((resolve) => tests.on("close", (code) => resolve(code ?? 1)));
}

async function build(engine: Engine, base: string): Promise<void> {
  const from = performance.now();
  const platform = `linux/${arch() === "arm64" ? "arm64" : "amd64"}`;
  const given = Object.entries({
    NODE_IMAGE: base,
    BUILDPLATFORM: platform,
    // The other architecture's would have to be fetched.
    WORKER: "",
    REVISION: "test",
  }).flatMap(([name, value]) => ["--build-arg", `${name}=${value}`]);
  const format = engine.name === "podman" ? ["--format", "docker", "--pull=never"] : [];
  await engine.call("build", ...format, "--network", "host", ...given, "--tag", IMAGE, root);
  console.log(`image built by ${engine.name} in ${Math.round((performance.now() - from) / 1_000)} s`);
}
