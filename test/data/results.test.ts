import assert from "node:assert/strict";
import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join, relative, resolve, sep } from "node:path";
import { describe, it } from "node:test";
import fc from "fast-check";
import { localName } from "../../src/data/local-name.ts";
import { toMetadata } from "../../src/workflow/result-metadata.ts";
import { ODD_KEYS, openStage, type Stage } from "./stage.ts";

const metadata = (stage: Stage, key: string) =>
  toMetadata({
    key,
    eTag: "e",
    workflow: "plants",
    algorithm: stage.steps.at(-1)!.algorithm,
    attempt: 2,
    seconds: 1.5,
  });

const putResult = (stage: Stage, key: string, body = key) => stage.put("plants-out", key, body, metadata(stage, key));

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const one of items) found.push(one);
  return found;
}

async function filesBelow(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const texts = paths.map(async (path) => [relative(folder, path), await readFile(path, "utf8")] as const);
  return Object.fromEntries(await Promise.all(texts));
}

describe("results", () => {
  it("lists what the last step has left, and nothing else that lies there", async (t) => {
    const stage = await openStage(t);
    for (const key of ODD_KEYS) await putResult(stage, key);
    await stage.put("plants-out", "somebody's.txt");
    await stage.put("plants-out", "other.png", "x", { ...metadata(stage, "other.png"), workflow: "other" });
    const found = await all(stage.plants.results());
    assert.deepEqual(
      found.map(({ key }) => key),
      [...ODD_KEYS].sort(),
    );
    const { source, seconds, attempt, size } = found[0]!;
    assert.deepEqual([source, seconds, attempt, size], [found[0]!.key, 1.5, 2, found[0]!.size]);
  });

  it("downloads every result byte for byte, and again over what is there", async (t) => {
    const stage = await openStage(t);
    for (const key of ODD_KEYS) await putResult(stage, key);
    const folder = join(stage.folder, "new", "results");
    await all(stage.plants.download(folder));
    const outcomes = await all(stage.plants.download(folder));
    assert.deepEqual(
      outcomes.filter(({ problem }) => problem),
      [],
    );
    assert.deepEqual(await filesBelow(folder), Object.fromEntries(ODD_KEYS.map((key) => [key, key])));
  });

  it("writes nothing outside of the folder, whatever keys and links say", async (t) => {
    const stage = await openStage(t);
    const outside = join(stage.folder, "outside");
    const folder = join(stage.folder, "results");
    for (const path of [outside, folder]) await mkdir(path);
    await writeFile(join(outside, "precious.txt"), "precious");
    await symlink(outside, join(folder, "linked"));
    await symlink(join(outside, "precious.txt"), join(folder, "file.png"));
    for (const key of ["../evil.png", "a/../../evil.png", "/abs.png", "linked/evil.png", "file.png", "a//b.png", "."]) {
      await putResult(stage, key);
    }
    const outcomes = await all(stage.plants.download(folder));
    assert.deepEqual(await filesBelow(outside), { "precious.txt": "precious" });
    assert.deepEqual((await readdir(stage.folder)).sort(), ["outside", "results"]);
    const refused = outcomes.filter(({ problem }) => problem !== undefined).map(({ key }) => key);
    assert.deepEqual(refused, ["linked/evil.png"]);
    assert.deepEqual(await filesBelow(folder), {
      "%2E%2E/evil.png": "../evil.png",
      "a/%2E%2E/%2E%2E/evil.png": "a/../../evil.png",
      "%2F/abs.png": "/abs.png",
      "a/%2F/b.png": "a//b.png",
      "%2E": ".",
      "file.png": "file.png",
    });
  });

  it("goes on where one name cannot be had, and says which", async (t) => {
    const stage = await openStage(t);
    for (const key of ["a", "a/b.png", "c.png"]) await putResult(stage, key);
    const outcomes = await all(stage.plants.download(stage.folder));
    assert.equal(outcomes.filter(({ problem }) => problem !== undefined).length, 1);
    assert.equal((await filesBelow(stage.folder))["c.png"], "c.png");
  });
});

describe("a key's name on a disk", () => {
  it("never leads out of the folder, and fits every file system", () => {
    const part = fc.oneof(fc.constantFrom("", ".", "..", "\0", "\\..\\", "é".repeat(300), "C:"), fc.string());
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), (parts) => {
        const names = localName(parts.join("/"));
        assert.ok(resolve("/results/of", ...names).startsWith(`/results/of${sep}`));
        for (const name of names) assert.ok(Buffer.byteLength(name) <= 255 && !/[/\\\0]/.test(name) && name !== "");
      }),
    );
  });

  it("is another for long keys that begin alike, and keeps their endings", () => {
    const [one, other] = ["1", "2"].map((digit) => localName(`${"x".repeat(300)}${digit}.png`)[0]!);
    assert.notEqual(one, other);
    assert.ok(one!.endsWith(".png") && Buffer.byteLength(one!) <= 255);
  });
});
