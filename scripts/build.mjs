// Bundles what ships: the binaries, the functions' zips, the worker, and the page's files. Runs in `prepare`, so `npm ci` alone makes a working clone.
import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { functionZip, treeshake } from "./function-zip.mjs";
import { writeWorkerBundle } from "./worker-bundle.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, "dist");

await rm(dist);
await bundleBinaries();
for (const name of ["enqueue", "scale"]) await writeFunction(name);
mkdirSync(join(dist, "page"));
for (const name of ["page.css", "page.js", "favicon.svg"]) {
  copyFileSync(join(root, "src/server/page", name), join(dist, "page", name));
}
await writeWorkerBundle(root, join(dist, "worker/worker.mjs"));

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
    dir: dist,
    format: "esm",
    entryFileNames: "[name].js",
    chunkFileNames: "chunk-[hash].js",
    minify: true,
  });
  await build.close();
  const { bin } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  for (const [name, path] of Object.entries(bin)) {
    const command = name === "pipewright" ? [] : [name];
    const text = `#!/usr/bin/env node\nimport { main } from "./pipewright-main.js";\n\nawait main(${JSON.stringify(command)});\n`;
    writeFileSync(join(root, path), text);
    chmodSync(join(root, path), 0o755);
  }
}

async function writeFunction(name) {
  mkdirSync(join(dist, "functions"), { recursive: true });
  writeFileSync(join(dist, "functions", `${name}.zip`), await functionZip(root, name));
}

async function rm(path) {
  rmSync(path, { recursive: true, force: true });
}
