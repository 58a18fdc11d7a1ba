import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../../localcloud/main.ts", import.meta.url));

describe("the local cloud as a process of its own", () => {
  it("says where it answers, and ends on SIGTERM", async () => {
    const { child, endpoint } = await start(["--account", "111122223333", "--region", "eu-west-1"]);
    const health = await (await fetch(`${endpoint}/_localcloud/health`)).json();
    assert.deepEqual(health, { status: "running", account: "111122223333", region: "eu-west-1" });
    child.kill("SIGTERM");
    assert.deepEqual(await once(child, "exit"), [0, null]);
  });

  it("ends with whoever started it, when told to watch its input", async () => {
    const { child } = await start(["--stdin"]);
    child.stdin!.end();
    assert.deepEqual(await once(child, "exit"), [0, null]);
  });
});

async function start(flags: string[]): Promise<{ child: ChildProcess; endpoint: string }> {
  const child = spawn(process.execPath, [main, ...flags], { stdio: ["pipe", "pipe", "inherit"] });
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  return { child, endpoint: JSON.parse(line).endpoint };
}
