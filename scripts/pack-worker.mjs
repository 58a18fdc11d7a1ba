// Packs worker/<version>.tgz, which is put into containers beside the algorithm.
//
//   node scripts/pack-worker.mjs                            this machine's architecture, from what is installed here
//   node scripts/pack-worker.mjs --release                  both architectures, from npm and Debian
//   node scripts/pack-worker.mjs --out FILE                 somewhere else than dist/worker/<version>.tgz
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { WORKER_BUNDLE } from "../src/desired/task-definition.ts";
import { layOutWorker } from "./worker-layout.mjs";
import { downloadedParts, installedParts } from "./worker-parts.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

const { values: options } = parseArgs({ options: { release: { type: "boolean" }, out: { type: "string" } } });
const out = resolve(options.out ?? join(root, "dist/worker", `${version}.tgz`));
const stage = mkdtempSync(join(tmpdir(), "pipewright-pack-"));
try {
  const content = join(stage, "content");
  if (options.release) {
    for (const architecture of Object.keys(WORKER_BUNDLE))
      await layOutWorker(content, architecture, downloadedParts(architecture, join(stage, architecture)));
  } else {
    await layOutWorker(content, process.arch === "arm64" ? "arm64" : "x86_64", installedParts());
  }
  mkdirSync(dirname(out), { recursive: true });
  // The same files make the same bytes.
  const same = ["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner"];
  rmSync(`${out}.sha256`, { force: true });
  execFileSync("tar", [...same, "--use-compress-program=gzip -n", "-cf", out, "-C", content, "."]);
  // As S3 will answer it, so that no command has to read the whole of it.
  writeFileSync(`${out}.sha256`, `${createHash("sha256").update(readFileSync(out)).digest("base64")}\n`);
  console.log(out);
} finally {
  rmSync(stage, { recursive: true, force: true });
}
