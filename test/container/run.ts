/**
 * The image, built from the repository's own Dockerfile and run: `npm run test:container [-- FILE…]`. Uses docker or podman,
 * else installs podman where that can be done, else ends with 69 (EX_UNAVAILABLE) and says why nothing was tested.
 */
import { spawn } from "node:child_process";
import { globSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Base, findBase } from "./base.ts";
import { type Engine, openEngine } from "./engine.ts";
import { OTHER, OWN, type Platform } from "./platform.ts";

const UNAVAILABLE = 69;
/** Nothing here can run containers, and nothing can be done about it. */
class UnavailableError extends Error {}

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
  const { engine, base } = await findMachinery(folder);
  await build(engine, base, OWN, IMAGE);
  const other = `${IMAGE}-${OTHER.debian}`;
  if (!base.ownOnly) await build(engine, base, OTHER, other);
  const suites = files.length > 0 ? files : globSync("test/container/*.test.ts", { cwd: root });
  const tests = spawn(process.execPath, ["--test", "--test-concurrency=1", ...suites], {
    cwd: root,
    stdio: "inherit",
    env: {
      ...process.env,
      ...engine.environment,
      PIPEWRIGHT_TEST_ENGINE: engine.name,
      PIPEWRIGHT_TEST_IMAGE: IMAGE,
      ...(base.ownOnly ? { PIPEWRIGHT_TEST_OWN_ONLY: base.ownOnly } : { PIPEWRIGHT_TEST_OTHER_IMAGE: other }),
    },
  });
  return new Promise((resolve) => tests.on("close", (code) => resolve(code ?? 1)));
}

/** What fails as long as nothing of ours is in it is this machine's affair. */
async function findMachinery(folder: string): Promise<{ engine: Engine; base: Base }> {
  try {
    const engine = await openEngine(folder);
    const base = await findBase(engine, folder);
    await engine.call("run", "--rm", "--network", "host", base.name, "node", "--version");
    return { engine, base };
  } catch (error) {
    throw new UnavailableError((error as Error).message, { cause: error });
  }
}

async function build(engine: Engine, base: Base, { debian }: Platform, image: string): Promise<void> {
  const from = performance.now();
  const given = Object.entries({
    NODE_IMAGE: base.name,
    BUILDPLATFORM: `linux/${OWN.debian}`,
    REVISION: "test",
  }).flatMap(([name, value]) => ["--build-arg", `${name}=${value}`]);
  const format = engine.name === "podman" ? ["--format", "docker", `--pull=${base.local ? "never" : "missing"}`] : [];
  const platform = ["--platform", `linux/${debian}`];
  await engine.call("build", ...platform, ...format, "--network", "host", ...given, "--tag", image, root);
  console.log(`image for ${debian} built by ${engine.name} in ${Math.round((performance.now() - from) / 1_000)} s`);
}
