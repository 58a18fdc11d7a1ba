import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const root = join(import.meta.dirname, "../..");
const { bin } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { bin: Record<string, string> };

/** What the program sees of the Node that runs it. */
const PRETEND = `data:text/javascript,Object.defineProperty(process,"versions",{value:{...process.versions,node:"20.20.2"}})`;

for (const [name, path] of Object.entries(bin)) {
  test(`${name} says on an older Node which one it needs, and does nothing`, () => {
    const ran = spawnSync(process.execPath, ["--import", PRETEND, join(root, path), "--version"], { encoding: "utf8" });
    assert.deepEqual([ran.status, ran.stdout], [1, ""]);
    assert.match(ran.stderr, /^error: Pipewright needs Node 24 or newer, and this is 20\.20\.2;.*npx pipewright/);
  });
}
