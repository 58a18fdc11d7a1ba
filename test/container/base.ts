/** The image that ours stands on: the real one where a registry answers, else one made of Debian's packages and our Node. */
import { execFileSync } from "node:child_process";
import {
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
import { type Engine, UnavailableError } from "./engine.ts";

const REAL = "docker.io/library/node:24-slim";
const STAND_IN = "localhost/pipewright-test-base";
const RELEASE = "bookworm";
/** A registry that cannot be reached is not waited for. */
const PULL_SECONDS = "20";
const NODE = join(dirname(dirname(import.meta.dirname)), "node_modules", "node", "bin", "node");

/** @param folder where a stand-in is kept for the next time */
export async function findBase(engine: Engine, folder: string): Promise<string> {
  try {
    execFileSync("timeout", [PULL_SECONDS, engine.name, "pull", "--quiet", REAL], {
      stdio: "pipe",
      env: { ...process.env, ...engine.environment },
    });
    return REAL;
  } catch {
    console.log(`${REAL} cannot be had here; making one to stand in for it …`);
  }
  const archive = join(folder, `base-${process.versions.node}.tar`);
  if (!existsSync(archive)) makeArchive(archive, folder);
  const environment = existsSync(EXTRA_CERTIFICATES) ? ["--change", `ENV NODE_EXTRA_CA_CERTS=${CERTIFICATES}`] : [];
  await engine.call("import", ...environment, "--change", 'CMD ["node"]', archive, STAND_IN);
  return STAND_IN;
}

/** Certificates and registry of this machine's npm, which the build has to go through. */
const EXTRA_CERTIFICATES = process.env.NODE_EXTRA_CA_CERTS ?? "";
const CERTIFICATES = "/usr/local/etc/extra-certificates.pem";

function makeArchive(archive: string, folder: string): void {
  if (process.getuid?.() !== 0 || !existsSync("/usr/sbin/debootstrap")) {
    throw new UnavailableError(`${REAL} cannot be pulled, and only root with debootstrap can make one to stand in`);
  }
  const from = performance.now();
  const rootfs = mkdtempSync(join(folder, "rootfs-"));
  try {
    const includes = "--include=libstdc++6,ca-certificates";
    run("debootstrap", "--variant=minbase", includes, RELEASE, rootfs, mirror());
    addNode(join(rootfs, "usr/local"));
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
  if (found === undefined) throw new Error(`apt knows no mirror of Debian ${RELEASE}; run \`apt-get update\` first`);
  return found;
}

const run = (command: string, ...args: readonly string[]): string =>
  execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], maxBuffer: 64 * 1024 * 1024 });
