import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { it } from "node:test";

const PROGRAM = join(import.meta.dirname, "../../dist/pipewright.js");

it("a port that is taken ends it with an error, though the embedded cloud is up by then", async (t) => {
  const taken = createServer().listen(0, "127.0.0.1");
  t.after(() => taken.close());
  await once(taken, "listening");
  const { port } = taken.address() as AddressInfo;
  const folder = await mkdtemp(join(tmpdir(), "pipewright-bundled-"));
  t.after(() => rm(folder, { recursive: true }));
  const daemon = start(folder, port);
  const [[code], said] = await Promise.all([once(daemon, "close"), text(daemon.stderr!)]);
  assert.match(said, /EADDRINUSE/);
  assert.equal(code, 1);
});

it("the bundled daemon serves health and metrics: what it loads late was bundled rightly too", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "pipewright-bundled-"));
  const daemon = start(folder, 0);
  const gone = once(daemon, "close");
  t.after(async () => {
    daemon.kill("SIGTERM");
    await gone;
    await rm(folder, { recursive: true });
  });
  const said: string[] = [];
  let url: string | undefined;
  for await (const line of createInterface({ input: daemon.stderr! })) {
    said.push(line);
    url = line.startsWith("{") ? JSON.parse(line).url : undefined;
    if (url) break;
  }
  assert.ok(url, `it ended: ${said.join("\n")}`);
  assert.equal((await fetch(`${url}/healthz`)).status, 200);
  assert.match(await (await fetch(`${url}/metrics`)).text(), /^leader_election_master_status/m);
});

const start = (folder: string, port: number): ChildProcess =>
  spawn(process.execPath, [PROGRAM, "run", "--local", "--port", String(port)], {
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
    timeout: 60_000,
    env: { PATH: process.env.PATH, HOME: folder, PIPEWRIGHT_PIPELINES: folder, PIPEWRIGHT_DATA: join(folder, "data") },
  });
