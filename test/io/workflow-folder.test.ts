import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { createFileList } from "../../src/io/file-list.ts";
import { createWorkflowFolder } from "../../src/io/workflow-folder.ts";
import { MARKER, MAX_FILE_BYTES } from "../../src/workflow/source-file.ts";

let root: string;
let folder: string;
let closing: (() => Promise<void>)[] = [];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "pipewright-folder-"));
  folder = join(root, "pipelines");
  await mkdir(join(folder, "algorithms"), { recursive: true });
});
afterEach(async () => {
  for (const close of closing) await close();
  closing = [];
  await rm(root, { recursive: true, force: true });
});

const put = (name: string, text = "{}") => writeFile(join(folder, name), text);
const listed = async () => (await createWorkflowFolder(folder).list()).files.map((file) => basename(file));
const textOf = (file: { bytes: Uint8Array } | undefined) => file && new TextDecoder().decode(file.bytes);

describe("the folder's workflow files", () => {
  it("are its JSON files in order, and nothing else that lies there", async () => {
    for (const name of ["b.json", "a.json", "notes.txt", ".hidden.json", "c.json~", "json"]) await put(name);
    await put("algorithms/blur.json");
    await mkdir(join(folder, "folder.json"));
    assert.deepEqual(await listed(), ["a.json", "b.json"]);
  });

  it("never are its marker", async () => {
    await createWorkflowFolder(folder).writeMarker({ workflows: [] });
    assert.ok((await readdir(folder)).includes(MARKER));
    assert.deepEqual(await listed(), []);
  });

  it("are not links that lead out of it, to nothing or round in a circle; the others are still seen", async () => {
    await writeFile(join(root, "outside.json"), "secret");
    await put("real.json", "inside");
    await symlink(join(root, "outside.json"), join(folder, "out.json"));
    await symlink("nowhere.json", join(folder, "dangling.json"));
    await symlink("circle.json", join(folder, "circle.json"));
    await symlink("real.json", join(folder, "inner.json"));
    const { complete, files } = await createWorkflowFolder(folder).list();
    assert.deepEqual([complete, files.map((file) => basename(file))], [true, ["inner.json", "real.json"]]);
    const { read } = createWorkflowFolder(folder);
    assert.equal(textOf(await read(join(folder, "inner.json"))), "inside");
    for (const name of ["out.json", "dangling.json", "circle.json"])
      assert.equal(await read(join(folder, name)), undefined, name);
  });

  it("stand as Kubernetes mounts them: links within the folder", async () => {
    await mkdir(join(folder, "..2026"));
    await put("..2026/plants.json", "mounted");
    await symlink("..2026", join(folder, "..data"));
    await symlink("..data/plants.json", join(folder, "plants.json"));
    assert.deepEqual(await listed(), ["plants.json"]);
    assert.equal(textOf(await createWorkflowFolder(folder).read(join(folder, "plants.json"))), "mounted");
  });

  it("are not known where the folder is not there or is no folder: that is no empty folder", async () => {
    await put("file");
    for (const path of [join(root, "nowhere"), join(folder, "file")]) {
      const answer = await createWorkflowFolder(path).list();
      assert.deepEqual([answer.files, answer.complete], [[], false]);
      assert.match(answer.why!, new RegExp(`${basename(path)} cannot be read`));
    }
  });

  it("are seen all, however many they are", async () => {
    await Promise.all(Array.from({ length: 1_000 }, (_, n) => put(`w${n}.json`)));
    assert.equal((await listed()).length, 1_000);
  });
});

describe("a file", () => {
  it("that is not there reads as nothing, and neither does a folder of its name", async () => {
    await mkdir(join(folder, "folder.json"));
    const { read } = createWorkflowFolder(folder);
    assert.equal(await read(join(folder, "gone.json")), undefined);
    assert.equal(await read(join(folder, "folder.json")), undefined);
    assert.equal(await read(join(folder, "algorithms", "blur.json", "deeper.json")), undefined);
  });

  it("that is too long is known to be so, and is not read whole", async () => {
    await put("long.json", "x".repeat(MAX_FILE_BYTES * 2));
    const file = await createWorkflowFolder(folder).read(join(folder, "long.json"));
    assert.equal(file?.bytes.length, MAX_FILE_BYTES + 1);
  });
});

describe("an algorithm", () => {
  it("is looked for beside the workflow file, then in the folder; by its name, then with _info", async () => {
    const beside = join(root, "elsewhere", "algorithms");
    await mkdir(beside, { recursive: true });
    const places = [
      join(beside, "blur.json"),
      join(beside, "blur_info.json"),
      join(folder, "algorithms", "blur.json"),
      join(folder, "algorithms", "blur_info.json"),
    ];
    for (const place of places) await writeFile(place, place);
    for (const place of places) {
      const found = createWorkflowFolder(folder).algorithm(join(root, "elsewhere", "plants.json"), "blur");
      assert.deepEqual([found?.path, textOf(found)], [place, place]);
      await rm(place);
    }
    assert.equal(createWorkflowFolder(folder).algorithm(join(folder, "plants.json"), "blur"), undefined);
  });

  it("is nothing that lies outside of its folder, whatever its name says or a link leads to", async () => {
    await put("secret.json");
    await put("algorithms/inside.json", "inside");
    await symlink("../secret.json", join(folder, "algorithms", "out.json"));
    await symlink("loop.json", join(folder, "algorithms", "loop.json"));
    const look = (name: string) => createWorkflowFolder(folder).algorithm(join(folder, "plants.json"), name);
    for (const name of ["../secret", "../../pipelines/secret", "out", "loop", "/etc/passwd", "inside.json/x"])
      assert.equal(look(name), undefined, name);
    assert.equal(textOf(look("inside")), "inside");
  });
});

describe("the marker", () => {
  it("is read as it was written, and as nothing where it is gone or torn", async () => {
    const here = createWorkflowFolder(folder);
    assert.equal(await here.readMarker(), undefined);
    await here.writeMarker({ workflows: ["a"] });
    assert.deepEqual(await here.readMarker(), { workflows: ["a"] });
    assert.deepEqual((await readdir(folder)).sort(), ["algorithms", MARKER]);
    await put(MARKER, '{"workflows":');
    assert.equal(await here.readMarker(), undefined);
  });

  it("is not written where there is no folder, and makes none", async () => {
    await assert.rejects(createWorkflowFolder(join(root, "nowhere")).writeMarker({}));
    assert.deepEqual(await readdir(root), ["pipelines"]);
  });
});

describe("a watched folder", () => {
  /** Told names, and a promise of the next time that a name is told. */
  async function watching() {
    const waiting = new Map<string, () => void>();
    const told: string[] = [];
    const stop = await createWorkflowFolder(folder).watch((path) => {
      told.push(path);
      waiting.get(path)?.();
    });
    closing.push(stop);
    const tells = (name: string, after: () => Promise<unknown>) => {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const path = join(folder, name);
      waiting.set(path, resolve);
      const timer = setTimeout(() => reject(new Error(`nobody was told of ${name}; told: ${told}`)), 30_000);
      return after()
        .then(() => promise)
        .finally(() => clearTimeout(timer));
    };
    return { told, tells };
  }

  it("tells of each workflow file that comes, changes and goes", async () => {
    const { tells } = await watching();
    await tells("a.json", () => put("a.json"));
    await tells("a.json", () => put("a.json", "changed"));
    await tells("a.json", () => rm(join(folder, "a.json")));
  });

  it("tells of a file that an editor puts in place of another", async () => {
    await put("a.json");
    const { tells } = await watching();
    await put("draft", "changed");
    await tells("a.json", () => rename(join(folder, "draft"), join(folder, "a.json")));
  });

  it("tells of each algorithm too, also in an algorithms folder that is made later", async () => {
    await rm(join(folder, "algorithms"), { recursive: true });
    const { tells } = await watching();
    await mkdir(join(folder, "algorithms"));
    await tells("algorithms/blur.json", () => put("algorithms/blur.json"));
    await tells("algorithms/blur.json", () => put("algorithms/blur.json", "changed"));
    await tells("algorithms/blur.json", () => rm(join(folder, "algorithms", "blur.json")));
  });

  it("tells of what lies in a folder that was put in its place, and of what went with the old one", async () => {
    await put("a.json");
    const { tells } = await watching();
    const replace = async () => {
      await rename(folder, join(root, "old"));
      await mkdir(folder);
      await put("b.json");
    };
    await tells("b.json", () => tells("a.json", replace));
  });

  it("tells of files that Kubernetes swaps behind their links", async () => {
    const swap = async (name: string) => {
      await mkdir(join(folder, name));
      await put(`${name}/plants.json`, name);
      await symlink(name, join(folder, "..next"));
      await rename(join(folder, "..next"), join(folder, "..data"));
    };
    await swap("..1");
    await symlink("..data/plants.json", join(folder, "plants.json"));
    const { tells } = await watching();
    for (const [next, old] of [
      ["..2", "..1"],
      ["..3", "..2"],
    ] as const)
      await tells("plants.json", async () => {
        await swap(next);
        await rm(join(folder, old), { recursive: true });
      });
  });

  it("says nothing of its marker, of hidden files and of what is no workflow", async () => {
    const { told, tells } = await watching();
    await createWorkflowFolder(folder).writeMarker({ workflows: [] });
    await put(".a.json.swp");
    await put(".hidden.json");
    await put("notes.txt");
    await tells("last.json", () => put("last.json"));
    assert.deepEqual(
      told.filter((path) => path !== join(folder, "last.json")),
      [],
    );
  });

  it("says nothing of what lay there before, and nothing any more once it is no longer watched", async () => {
    await put("before.json");
    const { told, tells } = await watching();
    await tells("a.json", () => put("a.json"));
    assert.ok(told.every((path) => basename(path) === "a.json"));
    const count = told.length;
    await closing.pop()!();
    await put("b.json");
    assert.equal(told.length, count);
  });
});

describe("files named one by one", () => {
  it("are never a complete scan, whatever lies beside them", async () => {
    await put("a.json", "a");
    await put("b.json");
    const list = createFileList([join(folder, "a.json")], folder);
    const { complete, files } = await list.list();
    assert.deepEqual([complete, files], [false, [join(folder, "a.json")]]);
    assert.equal(textOf(await list.read(join(folder, "a.json"))), "a");
  });

  it("are not taken for the folder in which they lie, whose marker nobody misses then", () => {
    assert.notEqual(createFileList([join(folder, "a.json")], folder).path, createWorkflowFolder(folder).path);
  });

  it("find their algorithms beside them first, then in the folder, and leave no marker", async () => {
    await mkdir(join(root, "elsewhere", "algorithms"), { recursive: true });
    const list = createFileList([join(root, "elsewhere", "a.json")], folder);
    await put("algorithms/blur.json", "shared");
    assert.equal(textOf(list.algorithm(join(root, "elsewhere", "a.json"), "blur")), "shared");
    await writeFile(join(root, "elsewhere", "algorithms", "blur.json"), "own");
    assert.equal(textOf(list.algorithm(join(root, "elsewhere", "a.json"), "blur")), "own");
    await list.writeMarker({ workflows: [] });
    assert.equal(await list.readMarker(), undefined);
    assert.deepEqual(await readdir(join(root, "elsewhere")), ["algorithms"]);
  });
});
