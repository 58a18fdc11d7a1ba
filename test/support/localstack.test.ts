import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { it } from "node:test";

it("test:localstack fails without a container engine, and says of both what is wrong with them", () => {
  const run = join(import.meta.dirname, "../localstack/run.ts");
  const { status, stderr } = spawnSync(process.execPath, [run], {
    encoding: "utf8",
    env: { PATH: import.meta.dirname },
  });
  assert.equal(status, 1);
  assert.match(stderr, /did not run against LocalStack: no container engine works here/);
  assert.match(stderr, /docker: not on the PATH\n.*podman: not on the PATH/);
});
