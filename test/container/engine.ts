/** docker or podman, as the tests of the image use it. */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { call, findEngine } from "../../src/wrap/container-engine.ts";

export interface Engine {
  readonly name: "docker" | "podman";
  /** What it needs beside the process's own. */
  readonly environment: Readonly<Record<string, string>>;
  /** Answers what it wrote to standard output. @throws with its last words */
  call(...args: readonly string[]): Promise<string>;
  /** The same with what it wrote to standard error. */
  said(...args: readonly string[]): Promise<string>;
}

/** Seen to work on Debian 12 as root, without an engine before. */
const PACKAGES = [
  ...["podman", "buildah", "runc", "conmon", "netavark", "aardvark-dns", "iptables", "catatonit"],
  "debootstrap",
];

/**
 * @param folder where podman keeps its images, apart from the machine's own
 * @throws where there is no engine and none can be installed
 */
export async function openEngine(folder: string): Promise<Engine> {
  const environment = ownStorage(folder);
  try {
    return open(await findName(environment), environment);
  } catch (error) {
    install(error as Error);
    return open(await findName(environment), environment);
  }
}

/** By what `run.ts` found. */
export function givenEngine(): Engine {
  const { PIPEWRIGHT_TEST_ENGINE: name } = process.env;
  if (name !== "docker" && name !== "podman") throw new Error("no engine is given; say `npm run test:container`");
  return open(name, {});
}

const findName = async (environment: Engine["environment"]): Promise<Engine["name"]> =>
  (await findEngine({ environment: { ...process.env, ...environment }, onLine: () => {} })).name;

function open(name: Engine["name"], environment: Engine["environment"]): Engine {
  const all = { ...process.env, ...environment };
  return {
    name,
    environment,
    call: (...args) => call(name, args, { environment: all, onLine: () => {} }),
    async said(...args) {
      const lines: string[] = [];
      await call(name, args, { environment: all, onLine: (line) => lines.push(line) });
      return lines.join("\n");
    },
  };
}

function install(why: Error): void {
  const isRoot = process.getuid?.() === 0;
  if (!isRoot || spawnSync("apt-get", ["--version"]).status !== 0) {
    throw new Error(`${why.message}\n  and podman can only be installed by root, where there is apt-get`);
  }
  console.log("no container engine works here; installing podman …");
  for (const args of [["update"], ["install", "--yes", "--no-install-recommends", ...PACKAGES]]) {
    const { status, stderr } = spawnSync("apt-get", ["-qq", ...args], {
      encoding: "utf8",
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    });
    if (status !== 0) throw new Error(`podman could not be installed: apt-get ${args[0]}: ${stderr}`);
  }
}

/** Neither the machine's images nor its settings are touched. */
export function ownStorage(folder: string): Record<string, string> {
  mkdirSync(folder, { recursive: true });
  const storage = join(folder, "storage.conf");
  const paths = `graphroot = "${join(folder, "storage")}"\nrunroot = "${join(folder, "run")}"\n`;
  writeFileSync(storage, `[storage]\ndriver = "overlay"\n${paths}`);
  // crun fails where CAP_SYS_RESOURCE is missing, or cgroups of both versions are mounted.
  const settings = join(folder, "containers.conf");
  const ulimits = 'default_ulimits = ["nofile=20000:20000", "nproc=32768:32768"]';
  writeFileSync(settings, `[containers]\n${ulimits}\n[engine]\nruntime = "runc"\ncgroup_manager = "cgroupfs"\n`);
  return { CONTAINERS_STORAGE_CONF: storage, CONTAINERS_CONF: settings };
}
