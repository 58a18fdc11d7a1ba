// Bundles what ships: the binaries, and the functions' zips. Runs in `prepare`, so `npm ci` alone makes a working clone.
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { zipSync } from "fflate";
import { rolldown } from "rolldown";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, "dist");

/** Half the size and start-up time: packages' modules count as free of side effects. */
const treeshake = { moduleSideEffects: [{ test: /node_modules/, sideEffects: false }] };

await rm(dist);
await bundleBinaries();
for (const name of ["enqueue", "scale"]) await bundleFunction(name);

async function bundleBinaries() {
  const build = await rolldown({
    input: { "pipewright-main": join(root, "src/main.ts") },
    platform: "node",
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

/** Same bytes on every machine, so `CodeSha256` tells whether a function's code differs: stored, one date, one mode. */
async function bundleFunction(name) {
  const build = await rolldown({ input: join(root, `lambda/${name}.ts`), platform: "node", treeshake });
  const { output } = await build.generate({ format: "esm", minify: true, codeSplitting: false });
  await build.close();
  const epoch = new Date(1980, 0, 1);
  const zip = zipSync({
    "index.mjs": [Buffer.from(output[0].code), { level: 0, mtime: epoch, os: 3, attrs: (0o100644 << 16) >>> 0 }],
  });
  mkdirSync(join(dist, "functions"), { recursive: true });
  writeFileSync(join(dist, "functions", `${name}.zip`), zip);
}

async function rm(path) {
  rmSync(path, { recursive: true, force: true });
}
