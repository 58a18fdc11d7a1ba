// Bundles what ships: the binaries, the functions' zips, the worker, and the page's files. Runs in `prepare`, so `npm ci` alone makes a working clone.
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { functionZip, treeshake } from "./function-zip.mjs";
import { writeWorkerBundle } from "./worker-bundle.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, "dist");
/** Built beside it and put in its place at the end: whoever uses it meanwhile finds it whole. */
const staged = join(root, `dist-${process.pid}`);

await bundleBinaries();
for (const name of ["enqueue", "scale"]) await writeFunction(name);
mkdirSync(join(staged, "page"));
for (const name of ["page.css", "page.js", "favicon.svg"]) {
  copyFileSync(join(root, "src/server/page", name), join(staged, "page", name));
}
await writeWorkerBundle(root, join(staged, "worker/worker.mjs"));
putInPlace();

async function bundleBinaries() {
  const build = await rolldown({
    input: { "pipewright-main": join(root, "src/main.ts") },
    platform: "node",
    // Modules before what they also offer to `require`: smaller, and jsonc-parser's other half cannot be bundled.
    resolve: {
      mainFields: ["module", "main"],
      // What metrics load of it: of its CommonJS, rolldown makes a function that declares a name twice.
      alias: { "@opentelemetry/api": fileURLToPath(import.meta.resolve("@opentelemetry/api")) },
    },
    treeshake,
  });
  await build.write({
    dir: staged,
    format: "esm",
    entryFileNames: "[name].js",
    chunkFileNames: "chunk-[hash].js",
    minify: true,
  });
  await build.close();
  const { bin, devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const major = Number.parseInt(devDependencies.node, 10);
  for (const [name, path] of Object.entries(bin)) {
    const command = name === "pipewright" ? [] : [name];
    const text = `#!/usr/bin/env node
// An older Node would fail somewhere in the middle.
if (Number.parseInt(process.versions.node, 10) < ${major}) {
  console.error(\`error: Pipewright needs Node ${major} or newer, and this is \${process.versions.node}; in a clone, npx pipewright brings its own\`);
  process.exit(1);
}
const { main } = await import("./pipewright-main.js");
await main(${JSON.stringify(command)});
`;
    const file = join(staged, relative("dist", path));
    writeFileSync(file, text);
    chmodSync(file, 0o755);
  }
}

async function writeFunction(name) {
  mkdirSync(join(staged, "functions"), { recursive: true });
  writeFileSync(join(staged, "functions", `${name}.zip`), await functionZip(root, name));
}

function putInPlace() {
  const old = `${staged}-old`;
  if (existsSync(dist)) renameSync(dist, old);
  renameSync(staged, dist);
  rmSync(old, { recursive: true, force: true });
}
