// The test suite: `npm test [-- FILE…]`. Each file is a process of its own; most of what it costs is loading code, which
// Node's compile cache saves, and waiting, which more processes than cores make up for.
import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const files = process.argv.slice(2);
const { status } = spawnSync(
  process.execPath,
  ["--test", `--test-concurrency=${availableParallelism() + 1}`, ...(files.length > 0 ? files : ["test/**/*.test.ts"])],
  {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, NODE_COMPILE_CACHE: join(root, "node_modules", ".cache", "compile") },
  },
);
process.exit(status ?? 1);
