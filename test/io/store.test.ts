import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { createMemoryStore, createStore } from "../../src/io/store.ts";

let root: string;
let folder: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "pipewright-store-"));
  folder = join(root, "deep", "data");
});
afterEach(() => rm(root, { recursive: true, force: true }));

describe("a document", () => {
  it("is read as it was written last, by another process too", async () => {
    await createStore(folder).write("plants.json", { entries: [1] });
    await createStore(folder).write("plants.json", { entries: [1, 2] });
    assert.deepEqual(await createStore(folder).read("plants.json"), { entries: [1, 2] });
    assert.deepEqual(await readdir(folder), ["plants.json"]);
  });

  it("that was never written, is torn or is a folder reads as lost", async () => {
    const store = createStore(folder);
    assert.equal(await store.read("never.json"), undefined);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "torn.json"), '{"entries":[1');
    assert.equal(await store.read("torn.json"), undefined);
    await mkdir(join(folder, "folder.json"));
    assert.equal(await store.read("folder.json"), undefined);
  });

  it("is seen whole by whoever reads while it is written", async () => {
    const store = createStore(folder);
    const big = (n: number) => ({ n, filler: "x".repeat(200_000) });
    await store.write("a.json", big(0));
    const writes = Array.from({ length: 20 }, (_, n) => store.write("a.json", big(n + 1)));
    const reads = await Promise.all(Array.from({ length: 20 }, () => store.read("a.json")));
    await Promise.all(writes);
    for (const read of reads) assert.equal((read as { filler: string } | undefined)?.filler.length, 200_000);
    assert.deepEqual(await readdir(folder), ["a.json"]);
  });

  it("cannot be put outside of the folder, whatever it is called", async () => {
    const store = createStore(folder);
    for (const name of ["..", ".", "../out.json", "../../out.json", "/out.json", "a/b.json", "..\\out.json", "a\0b"]) {
      await store.write(name, name);
      assert.equal(await store.read(name), name);
    }
    assert.deepEqual(await readdir(root), ["deep"]);
    assert.deepEqual(await readdir(join(root, "deep")), ["data"]);
    assert.ok((await readdir(folder, { withFileTypes: true })).every((entry) => entry.isFile()));
  });
});

describe("a folder of data", () => {
  it("is made with the first write and not before", async () => {
    const store = createStore(folder);
    await store.read("a.json");
    assert.deepEqual(await readdir(root), []);
    await store.write("a.json", 1);
    assert.deepEqual(await readdir(folder), ["a.json"]);
  });
});

describe("a memory in front of it", () => {
  it("answers what the folder holds and what was written since, and leaves the folder as it was", async () => {
    const behind = createStore(folder);
    await behind.write("a.json", "old");
    const store = createMemoryStore(behind);
    assert.equal(await store.read("a.json"), "old");
    await store.write("a.json", "new");
    await store.write("b.json", "new");
    assert.deepEqual([await store.read("a.json"), await store.read("b.json")], ["new", "new"]);
    assert.equal(await behind.read("a.json"), "old");
    assert.deepEqual(await readdir(folder), ["a.json"]);
  });
});
