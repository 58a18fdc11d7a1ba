import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
// @ts-expect-error: a script without types
import { isStale } from "../../scripts/stale.mjs";

test("what was built is stale once any source is newer, of the program, the functions or the worker", async (t) => {
  const root = await mkdtemp(join(tmpdir(), "pipewright-stale-"));
  t.after(() => rm(root, { recursive: true }));
  const changed = async (file: string, second: number) => {
    const path = join(root, file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, "");
    await utimes(path, second, second);
  };
  const sources = [
    "src/cli/run.ts",
    "src/server/page/page.css",
    "lambda/scale.ts",
    "worker/main.ts",
    "package-lock.json",
  ];
  for (const file of sources) await changed(file, 1);
  assert.equal(isStale(root), true, "nothing is built");
  await changed("dist/pipewright.js", 2);
  assert.equal(isStale(root), false);
  await changed("test/some.test.ts", 3);
  assert.equal(isStale(root), false, "no part of it");
  for (const file of sources) {
    await changed(file, 3);
    assert.equal(isStale(root), true, file);
    await changed(file, 1);
  }
});
