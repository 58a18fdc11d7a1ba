import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { unzipSync } from "fflate";
import { entriesOf } from "../../worker/folder.ts";
import { zipBytesMost, zipFolder } from "../../worker/zip.ts";

describe("the zip of a folder", () => {
  let root: string;
  let folder: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "pipewright-zip-"));
    folder = join(root, "folder");
    mkdirSync(folder);
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const zip = async () => {
    const entries = await entriesOf(folder);
    const chunks: Buffer[] = [];
    for await (const chunk of zipFolder(folder, entries)) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    assert.ok(bytes.length <= zipBytesMost(entries), `${bytes.length} bytes`);
    return bytes;
  };

  /** What Python's zipfile, a reader that checks every sum, says of it. */
  const listed = (bytes: Buffer) => {
    writeFileSync(join(root, "it.zip"), bytes);
    const script = `import sys, zipfile, json
z = zipfile.ZipFile(sys.argv[1])
assert z.testzip() is None
print(json.dumps([[i.filename, i.file_size, oct(i.external_attr >> 16)] for i in z.infolist()]))`;
    return JSON.parse(
      execFileSync("python3", ["-c", script, join(root, "it.zip")], { encoding: "utf8", maxBuffer: 2 ** 28 }),
    );
  };

  it("holds each file with its content, name and mode", { skip: pythonMissing() }, async () => {
    mkdirSync(join(folder, "deep", "er"), { recursive: true });
    writeFileSync(join(folder, "deep", "ü \"'.txt"), "hello");
    writeFileSync(
      join(folder, "noise"),
      Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7919) % 251)),
    );
    writeFileSync(join(folder, "empty"), "");
    writeFileSync(join(folder, "run.sh"), "exit 0");
    chmodSync(join(folder, "run.sh"), 0o755);
    assert.deepEqual(listed(await zip()), [
      ["deep/", 0, "0o40755"],
      ["deep/er/", 0, "0o40755"],
      ["deep/ü \"'.txt", 5, "0o100644"],
      ["empty", 0, "0o100644"],
      ["noise", 300_000, "0o100644"],
      ["run.sh", 6, "0o100755"],
    ]);
  });

  it("is the same bytes each time, whenever the files were written", async () => {
    writeFileSync(join(folder, "a"), "one");
    const first = await zip();
    rmSync(join(folder, "a"));
    writeFileSync(join(folder, "a"), "one");
    assert.ok(first.equals(await zip()));
  });

  it("of an empty folder is an empty zip", async () => {
    assert.deepEqual(unzipSync(await zip()), {});
  });

  it("may hold more files than the first zips could", { skip: pythonMissing() }, async () => {
    const entries = Array.from({ length: 65_600 }, (_, index) => ({
      path: `folder ${index}`,
      kind: "folder" as const,
      size: 0,
      isExecutable: false,
      stamp: "",
    }));
    const chunks: Buffer[] = [];
    for await (const chunk of zipFolder(folder, entries)) chunks.push(chunk);
    assert.equal(listed(Buffer.concat(chunks)).length, 65_600);
  });

  it("breaks off when a file vanishes under its hands", async () => {
    writeFileSync(join(folder, "a"), "one");
    const entries = await entriesOf(folder);
    rmSync(join(folder, "a"));
    await assert.rejects(async () => {
      for await (const _ of zipFolder(folder, entries));
    }, /ENOENT/);
  });
});

function pythonMissing(): string | false {
  try {
    execFileSync("python3", ["--version"], { stdio: "ignore" });
    return false;
  } catch {
    return "no Python here to read the zip with";
  }
}
