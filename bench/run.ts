/** All benchmarks, one after the other, each in a process of its own. About an hour. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";

for (const name of ["aws-calls", "ready", "drop", "fail-over", "pass", "resync", "localcloud", "leaks", "uploads"]) {
  const { status } = spawnSync(process.execPath, [join(import.meta.dirname, `${name}.ts`)], { stdio: "inherit" });
  if (status !== 0) {
    console.error(`${name} failed`);
    process.exitCode = 1;
  }
}
