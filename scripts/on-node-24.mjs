// `node scripts/on-node-24.mjs FILE ARGUMENT…` works on whatever Node the machine has (20 or newer): installs what the lock
// file says, once, builds what has changed since it was built, and then runs the file on the pinned Node that came with it.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isStale } from "./stale.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const isWindows = process.platform === "win32";
const node = join(root, "node_modules", "node", "bin", isWindows ? "node.exe" : "node");

/** npm notes what it installed in a lock file of its own: older than ours, it speaks of something else. */
const changedMs = (path) => statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs ?? 0;
const current = changedMs("node_modules/.package-lock.json") >= changedMs("package-lock.json");
const installed = current && existsSync(node) && existsSync(join(root, "dist"));
if (!installed) {
  console.error("Installing the pinned packages and Node 24 (npm ci), once …");
  const npm = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
    shell: isWindows,
  });
  if (npm.status !== 0) {
    console.error("npm ci failed; run it by hand to see why.");
    process.exit(npm.status ?? 1);
  }
}

if (isStale(root)) {
  const build = spawnSync(node, [join(root, "scripts/build.mjs")], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (build.status !== 0) process.exit(build.status ?? 1);
}

const child = spawn(node, process.argv.slice(2), { stdio: "inherit" });
// Ctrl-C reaches both at once; this one waits for the other to end in order.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => child.kill("SIGTERM"));
child.on("exit", (code, signal) => process.exit(code ?? (signal === null ? 1 : 128)));
