/** A LocalStack to test against: its image where there is a container engine that gets it, else from the package index. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { call, findEngine } from "../../src/wrap/container-engine.ts";
import { freePort } from "../support/free-port.ts";
import { assertLoopback } from "../support/loopback.ts";
import { answering, ask, install } from "../support/python.ts";

/** The last that starts without a token. */
const VERSION = "4.14.0";
/** It names no versions of what it depends on, and later ones break it: they are taken as of the day after its own. */
const AS_OF = "2026-02-27T00:00:00Z";
/** As in compose.yaml; podman wants the registry's name. */
const TODAYS = `docker.io/localstack/localstack:${process.env.LOCALSTACK_VERSION || "2026.03.0"}`;
/** Its image has the first; older ones do not know its syntax. */
const PYTHONS = ["3.13", "3.12"];
const START_SECONDS = 120;
const HOOKS = "/etc/localstack/init/start.d";
const STORED = join(import.meta.dirname, "functions-are-stored.py");

/** Nothing is told or asked of its makers; port 9 is closed on any machine. */
const SETTINGS = {
  DISABLE_EVENTS: "1",
  SKIP_SSL_CERT_DOWNLOAD: "1",
  API_ENDPOINT: "http://127.0.0.1:9",
  // Its later CloudWatch drops the tags that an alarm is made with, so that every alarm would be a stranger's.
  PROVIDER_OVERRIDE_CLOUDWATCH: "v1",
};

export interface LocalStack {
  readonly endpoint: string;
  /** What it is and which way it came here, for people. */
  readonly name: string;
  /** Why it is in no container. */
  readonly since?: string;
  readonly hasEcs: boolean;
  stop(): Promise<unknown>;
}

export interface Deps {
  readonly environment: NodeJS.ProcessEnv;
  /** Where it is installed where no container engine gets it. */
  readonly venv: string;
}

/** @throws naming what is wrong with each way */
export async function startLocalStack(deps: Deps): Promise<LocalStack> {
  if (deps.environment.LOCALSTACK_AUTH_TOKEN) return inContainer(TODAYS, deps);
  try {
    return await inContainer(`docker.io/localstack/localstack:${VERSION}`, deps);
  } catch (noContainer) {
    const since = (noContainer as Error).message;
    return onThisMachine(deps).then(
      (started) => ({ ...started, since }),
      (error: Error) => Promise.reject(new Error(`${since}\n${error.message}`)),
    );
  }
}

async function inContainer(image: string, { environment }: Deps): Promise<LocalStack> {
  const deps = { environment, onLine: () => {} };
  const { name: engine } = await findEngine(deps);
  const run = (...args: string[]) => call(engine, args, deps).then((out) => out.trim());
  // Of the token only the name is given: a value would stand in the list of processes.
  const given = environment.LOCALSTACK_AUTH_TOKEN
    ? ["--env", "LOCALSTACK_AUTH_TOKEN"]
    : [
        ...Object.entries(SETTINGS).flatMap(([name, value]) => ["--env", `${name}=${value}`]),
        ...["--volume", `${STORED}:${HOOKS}/${basename(STORED)}:ro`],
      ];
  const container = await run("run", "--detach", "--rm", ...given, "--publish", "127.0.0.1::4566", image);
  const stop = () => run("rm", "--force", container);
  try {
    const endpoint = assertLoopback(`http://${(await run("port", container, "4566")).split("\n")[0]}`);
    return { endpoint, name: `${image} in ${engine}`, hasEcs: await hasEcs(endpoint), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function onThisMachine({ environment, venv }: Deps): Promise<LocalStack> {
  const own = join(venv, "bin", "python");
  // Of a package that is there without the rest it asks nothing.
  const stands = ask(own, "import localstack.aws.components, localstack.version as v; print(v.version)") === VERSION;
  const packages = [`localstack-core[runtime]==${VERSION}`];
  const python = stands
    ? own
    : install({ name: `LocalStack ${VERSION}`, venv, pythons: PYTHONS, packages, asOf: AS_OF }, environment);
  const state = mkdtempSync(join(tmpdir(), "pipewright-localstack-"));
  mkdirSync(join(state, HOOKS), { recursive: true });
  copyFileSync(STORED, join(state, HOOKS, basename(STORED)));
  const port = await freePort();
  const endpoint = assertLoopback(`http://127.0.0.1:${port}`);
  const server = spawn(python, [join(import.meta.dirname, "on-loopback.py")], {
    stdio: "ignore",
    env: {
      PATH: environment.PATH,
      HOME: state,
      // In a container of someone else's it would take the folders of its own image.
      OVERRIDE_IN_DOCKER: "0",
      FILESYSTEM_ROOT: state,
      XDG_CACHE_HOME: join(state, "cache"),
      GATEWAY_LISTEN: `127.0.0.1:${port}`,
      LOCALSTACK_HOST: `127.0.0.1:${port}`,
      DNS_ADDRESS: "0",
      ...SETTINGS,
    },
  });
  const stop = async () => {
    await ended(server);
    rmSync(state, { recursive: true, force: true });
  };
  try {
    const name = `LocalStack ${VERSION} in this machine's Python`;
    return { endpoint, name, hasEcs: await hasEcs(endpoint, server), stop };
  } catch (error) {
    await stop();
    throw new Error(`LocalStack in this machine's Python: ${(error as Error).message}`);
  }
}

async function ended(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null) return;
  server.kill("SIGKILL");
  await once(server, "exit");
}

async function hasEcs(endpoint: string, server?: ChildProcess): Promise<boolean> {
  const health = await answering(`${endpoint}/_localstack/health`, START_SECONDS, server);
  return "ecs" in (health as { services: object }).services;
}
