// Packs worker/<version>.tgz, which is put into containers beside the algorithm.
//
//   node scripts/pack-worker.mjs                            this machine's architecture, from what is installed here
//   node scripts/pack-worker.mjs --release                  both architectures, from npm and Debian
//   node scripts/pack-worker.mjs --out FILE                 somewhere else than dist/worker/<version>.tgz
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  globSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { WORKER_BUNDLE } from "../src/desired/task-definition.ts";
import { DEBIAN_PACKAGES, found, installedParts, layOutWorker, NODE_VERSION } from "./worker-layout.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/** How npm and Debian call what we call by AWS's names. */
const NAMES = { x86_64: { npm: "x64", debian: "amd64" }, arm64: { npm: "arm64", debian: "arm64" } };

const { values: options } = parseArgs({ options: { release: { type: "boolean" }, out: { type: "string" } } });
const out = resolve(options.out ?? join(root, "dist/worker", `${version}.tgz`));
const stage = mkdtempSync(join(tmpdir(), "pipewright-pack-"));
try {
  const content = join(stage, "content");
  if (options.release) {
    for (const architecture of Object.keys(WORKER_BUNDLE))
      await layOutWorker(content, architecture, downloaded(architecture));
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

/** Needs npm, and apt with a Debian or Ubuntu behind it. */
function downloaded(architecture) {
  const { npm, debian } = NAMES[architecture];
  const folder = join(stage, architecture);
  mkdirSync(join(folder, "lists/partial"), { recursive: true });
  mkdirSync(join(folder, "archives/partial"), { recursive: true });
  const run = (command, ...args) =>
    execFileSync(command, args, { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });

  run("npm", "pack", "--silent", `node-linux-${npm}@${NODE_VERSION}`);
  run("tar", "-xzf", globSync(join(folder, "node-linux-*.tgz"))[0]);
  run("mv", "package", "node");
  // Lists and a status of its own: the machine's apt knows nothing of other architectures, and is left as it is.
  writeFileSync(join(folder, "status"), "");
  const apt = [
    ...["-qq", "-o", `Dir::State::lists=${folder}/lists`, "-o", `Dir::State::status=${folder}/status`],
    ...["-o", `Dir::Cache=${folder}`, "-o", `APT::Architecture=${debian}`, "-o", `APT::Architectures=${debian}`],
    ...["-o", "APT::Sandbox::User=root"],
  ];
  const fetched = (packages) => {
    run("apt-get", ...apt, "download", ...packages);
    for (const file of globSync(join(folder, "*.deb"))) run("dpkg-deb", "-x", file, "libraries");
  };
  run("apt-get", ...apt, "update");
  fetched(DEBIAN_PACKAGES);
  // GCC's libraries have their licence in a package of its own, to which their folders of documents are links.
  const documents = DEBIAN_PACKAGES.map((name) => join(folder, "libraries/usr/share/doc", name));
  fetched(new Set(documents.filter((path) => lstatSync(path).isSymbolicLink()).map((path) => readlinkSync(path))));
  return {
    node: join(folder, "node/bin/node"),
    find: (name) => found(name, globSync(join(folder, "libraries/**", name))),
    licenses: [join(folder, "node/LICENSE"), ...documents.map((path) => join(path, "copyright"))],
  };
}
