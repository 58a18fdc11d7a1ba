/** The image that ours stands on: the real one where a registry answers, else one made of Debian's packages and Node. */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
// @ts-expect-error a script has no types
import { downloadedParts } from "../../scripts/worker-parts.mjs";
import type { Engine } from "./engine.ts";
import { OTHER, OWN, type Platform } from "./platform.ts";

const REAL = "docker.io/library/node:24-slim";
const STAND_IN = "localhost/pipewright-test-base";
const RELEASE = "bookworm";
/** A registry that cannot be reached is not waited for. */
const PULL_SECONDS = "20";
const NODE = join(dirname(dirname(import.meta.dirname)), "node_modules", "node", "bin", "node");

export interface Base {
  readonly name: string;
  /** Nobody but this machine has it. */
  readonly local: boolean;
  /** Why there is none for the other architecture. */
  readonly ownOnly: string | false;
}

/** @param folder where a stand-in is kept for the next time */
export async function findBase(engine: Engine, folder: string): Promise<Base> {
  try {
    execFileSync("timeout", [PULL_SECONDS, engine.name, "pull", "--quiet", REAL], {
      stdio: "pipe",
      env: { ...process.env, ...engine.environment },
    });
    return { name: REAL, local: false, ownOnly: false };
  } catch {
    console.log(`${REAL} cannot be had here; making one to stand in for it …`);
  }
  const own = await standIn(engine, folder, OWN, makeRoot);
  if (engine.name === "docker") return { name: own, local: true, ownOnly: "docker keeps no stand-in of two platforms" };
  const other = await standIn(engine, folder, OTHER, makeOtherRoot);
  // Of the last time, if there was one.
  await engine.call("manifest", "rm", STAND_IN).catch(() => {});
  await engine.call("manifest", "create", STAND_IN);
  for (const image of [own, other]) await engine.call("manifest", "add", STAND_IN, `containers-storage:${image}`);
  return { name: STAND_IN, local: true, ownOnly: false };
}

async function standIn(
  engine: Engine,
  folder: string,
  { debian }: Platform,
  make: (root: string) => void,
): Promise<string> {
  const archive = join(folder, `base-${debian}-${process.versions.node}.tar`);
  if (!existsSync(archive)) makeArchive(archive, folder, make);
  const image = `${STAND_IN}-${debian}`;
  const environment = existsSync(EXTRA_CERTIFICATES) ? ["--change", `ENV NODE_EXTRA_CA_CERTS=${CERTIFICATES}`] : [];
  const platform = ["--os", "linux", "--arch", debian];
  const about = engine.name === "podman" ? platform : [];
  await engine.call("import", ...about, ...environment, "--change", `ENV PATH=${PATH}`, archive, image);
  return image;
}

/** Certificates and registry of this machine's npm, which the build has to go through. */
const EXTRA_CERTIFICATES = process.env.NODE_EXTRA_CA_CERTS ?? "";
const CERTIFICATES = "/usr/local/etc/extra-certificates.pem";

/** As the real one has it. */
const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

function makeArchive(archive: string, folder: string, make: (root: string) => void): void {
  if (process.getuid?.() !== 0 || !existsSync("/usr/sbin/debootstrap")) {
    throw new Error(`${REAL} cannot be pulled, and only root with debootstrap can make one to stand in`);
  }
  const from = performance.now();
  const rootfs = mkdtempSync(join(folder, "rootfs-"));
  try {
    make(rootfs);
    const without = ["var/cache/apt/archives", "var/lib/apt/lists", "usr/share/locale"].map(
      (one) => `--exclude=./${one}/*`,
    );
    run("tar", "-C", rootfs, ...without, "-cf", `${archive}.part`, ".");
    run("mv", `${archive}.part`, archive);
  } finally {
    rmSync(rootfs, { recursive: true });
  }
  console.log(`stand-in made in ${Math.round((performance.now() - from) / 1_000)} s`);
}

function makeRoot(root: string): void {
  const includes = "--include=libstdc++6,ca-certificates";
  run("debootstrap", "--variant=minbase", includes, RELEASE, root, mirror());
  addNode(join(root, "usr/local"));
}

/** Node and the libraries that it runs with, and nothing else: none of it runs while the image is built. */
function makeOtherRoot(root: string): void {
  const parts = join(root, "parts");
  downloadedParts(OTHER.architecture, parts);
  run("cp", "-a", `${join(parts, "libraries")}/.`, root);
  run("cp", "-a", join(parts, "node"), join(root, "usr/local"));
  rmSync(parts, { recursive: true });
  mkdirSync(join(root, "tmp"));
  // Mounted over with a file system of its own, it keeps its mode.
  chmodSync(join(root, "tmp"), 0o1777);
}

/** As the real one has it: Node and npm below /usr/local. */
function addNode(local: string): void {
  copyFileSync(NODE, join(local, "bin/node"));
  const npm = dirname(dirname(realpathSync(run("sh", "-c", "command -v npm").trim())));
  cpSync(npm, join(local, "lib/node_modules/npm"), { recursive: true });
  symlinkSync("../lib/node_modules/npm/bin/npm-cli.js", join(local, "bin/npm"));
  mkdirSync(join(local, "etc"), { recursive: true });
  writeFileSync(join(local, "etc/npmrc"), `registry=${run("npm", "config", "get", "registry")}`);
  if (existsSync(EXTRA_CERTIFICATES)) copyFileSync(EXTRA_CERTIFICATES, join(local, "..", "..", CERTIFICATES));
}

/** The one that this machine's apt uses. */
function mirror(): string {
  const targets = run(
    "apt-get",
    "indextargets",
    "--format",
    "$(REPO_URI) $(SUITE) $(CODENAME)",
    "Created-By: Packages",
  );
  const [found] =
    targets
      .split("\n")
      .find((line) => line.split(" ").slice(1).includes(RELEASE))
      ?.split(" ") ?? [];
  if (found === undefined) {
    throw new Error(
      `${REAL} cannot be pulled, and apt knows no mirror of Debian ${RELEASE}; \`apt-get update\` may help`,
    );
  }
  return found;
}

const run = (command: string, ...args: readonly string[]): string =>
  execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], maxBuffer: 64 * 1024 * 1024 });
