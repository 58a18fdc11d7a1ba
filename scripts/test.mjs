// The test suites: `npm test [-- FILE…]` for everything but the long ones, `npm run test:long` for those (`*.long.test.ts`:
// whole daemons, killed, starved and misled). Each file is a process of its own; most of what it costs is loading code,
// which Node's compile cache saves, and waiting, which more processes than cores make up for.
import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [first, ...rest] = process.argv.slice(2);
const long = first === "--long";
const named = long || first === undefined ? rest : [first, ...rest];
// Those of the image need an engine and an image: `npm run test:container`.
const elsewhere = ["test/container/**"];
const all = globSync("test/**/*.test.ts", { cwd: root, exclude: elsewhere }).filter(
  (file) => file.endsWith(".long.test.ts") === long,
);
const { status } = spawnSync(
  process.execPath,
  ["--test", `--test-concurrency=${availableParallelism() + 1}`, ...(named.length > 0 ? named : all.sort())],
  {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, NODE_COMPILE_CACHE: join(root, "node_modules", ".cache", "compile") },
  },
);
process.exit(status ?? 1);
