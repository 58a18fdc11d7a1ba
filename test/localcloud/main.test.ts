import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { startLocalCloud } from "../../localcloud/server.ts";

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

  it("ends though what it holds can no longer be kept, and says so", async () => {
    const folder = await mkdtemp(join(tmpdir(), "pipewright-kept-"));
    try {
      const { child } = await start(["--data", join(folder, "cloud")]);
      const said = text(child.stderr!);
      await rm(join(folder, "cloud"), { recursive: true });
      await writeFile(join(folder, "cloud"), "");
      child.kill("SIGTERM");
      assert.deepEqual(await once(child, "exit"), [1, null]);
      assert.match(await said, /^what is in the cloud could not be kept in .*cloud: ENOTDIR/);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it("does not begin where nothing could be kept", async () => {
    const folder = await mkdtemp(join(tmpdir(), "pipewright-kept-"));
    try {
      await writeFile(join(folder, "cloud"), "");
      await assert.rejects(startLocalCloud({ dataFolder: join(folder, "cloud") }), /cannot keep what is in the cloud/);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

async function start(flags: string[]): Promise<{ child: ChildProcess; endpoint: string }> {
  const child = spawn(process.execPath, [main, ...flags], { stdio: "pipe" });
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  return { child, endpoint: JSON.parse(line).endpoint };
}
