// Lays out what worker/<version>.tgz holds: for each architecture a folder with Node, its loader and libraries, and the
// worker, so that it runs in any image, whatever C library that has, or none.
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { WORKER_BUNDLE } from "../src/desired/task-definition.ts";
import { writeWorkerBundle } from "./worker-bundle.mjs";
import { NODE_VERSION } from "./worker-parts.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** What Node's own executable needs, and the resolver that glibc loads by itself. */
const LIBRARIES = [
  ...["libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0", "libresolv.so.2"],
  ...["libgcc_s.so.1", "libstdc++.so.6"],
];

const NOTICE = `Node.js ${NODE_VERSION} (MIT and others: https://github.com/nodejs/node/blob/v${NODE_VERSION}/LICENSE),
the GNU C library (LGPL 2.1), and libgcc and libstdc++ of GCC (GPL 3 with the runtime library exception), unchanged, the
latter three as Debian distributes them, their sources with them: https://sources.debian.org
`;

/**
 * @param {string} content folder to fill
 * @param {"x86_64" | "arm64"} architecture
 * @param {{ node: string, find: (name: string) => string, licenses: string[] }} parts where Node and files, by their names,
 *   are to be found
 */
export async function layOutWorker(content, architecture, parts) {
  const { folder, loader } = WORKER_BUNDLE[architecture];
  const into = join(content, folder);
  mkdirSync(join(into, "lib"), { recursive: true });
  copy(parts.node, join(into, "node"), 0o755);
  copy(parts.find(loader), join(into, loader), 0o755);
  for (const name of LIBRARIES) copy(parts.find(name), join(into, "lib", name), 0o644);
  await writeWorkerBundle(root, join(into, "worker.mjs"));
  mkdirSync(join(into, "licenses"));
  for (const file of parts.licenses) copy(file, join(into, "licenses", `${basename(dirname(file))}.txt`), 0o644);
  writeFileSync(join(into, "licenses", "README"), NOTICE);
}

function copy(from, to, mode) {
  copyFileSync(from, to);
  chmodSync(to, mode);
}
