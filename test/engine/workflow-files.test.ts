import assert from "node:assert/strict";
import { test } from "node:test";
import type { Folder, Head } from "../../src/engine/ports.ts";
import { createWorkflowFiles } from "../../src/engine/workflow-files.ts";
import { createFakeClock } from "./fake-clock.ts";

const CLEAN = { suspend: false, drift: "repair", ignore: [], onDelete: "retain-data" } as const;

/** A folder of one workflow that names one algorithm; what the workflow means is both texts together. */
function folderOf(texts: { workflow: string; algorithm: string | undefined }) {
  const bytes = (text: string) => new TextEncoder().encode(text);
  const folder: Folder = {
    path: "",
    list: async () => ({ files: ["plants.json"], complete: true }),
    read: async (path) => ({ path, bytes: bytes(texts.workflow) }),
    algorithm: (_, name) =>
      texts.algorithm === undefined ? undefined : { path: `algorithms/${name}.json`, bytes: bytes(texts.algorithm) },
    readMarker: async () => undefined,
    writeMarker: async () => {},
  };
  let isBroken = false;
  const files = createWorkflowFiles({
    folder,
    clock: createFakeClock(),
    halfWrittenMs: 2_000,
    catalog: {
      parse: (source, algorithms) => {
        const hash = `${Buffer.from(source.bytes)} ${Buffer.from(algorithms("grey")?.bytes ?? [])}`;
        return { workflow: { name: "plants", file: source.path, hash, ...CLEAN }, problems: [] };
      },
      checkFolder: (accepted: readonly Head[]) => {
        if (isBroken) throw new Error("a bug");
        return { accepted, refused: [] };
      },
      compile: () => [],
      compileFoundation: () => [],
      lookElsewhere: async () => "",
      checkElsewhere: () => [],
      usedElsewhere: () => new Map(),
      folderOf: async () => undefined,
      checkAgainst: () => [],
    },
  });
  const breakDown = () => {
    isBroken = true;
  };
  return { files, folder, breakDown, plants: () => files.inForce.get("plants") };
}

test("a folder that could not be understood is not taken for one that asks for nothing", async () => {
  const { files, breakDown } = folderOf({ workflow: "one", algorithm: "grey" });
  breakDown();
  await files.scan();
  assert.deepEqual([files.complete, files.why], [false, "a bug"]);
});

test("a folder that is read again and says the same means the very same workflows", async () => {
  const { files, plants } = folderOf({ workflow: "one", algorithm: "grey" });
  await files.scan();
  const before = plants();
  assert.equal(before?.hash, "one grey");
  await files.scan();
  await files.read("plants.json");
  assert.equal(plants(), before);
});

test("a file that cannot be read says so itself, keeps its last good version, and is no matter of the folder", async () => {
  const { files, folder, plants } = folderOf({ workflow: "one", algorithm: "grey" });
  await files.scan();
  const { read } = folder;
  folder.read = async () => {
    throw new Error("EACCES: permission denied");
  };
  await files.scan();
  assert.deepEqual([files.why, files.complete, plants()?.hash], [undefined, false, "one grey"]);
  const [problem] = files.problems;
  assert.deepEqual(
    [problem?.file, problem?.message, problem?.stillInForce],
    ["plants.json", "cannot be read: EACCES: permission denied", "plants"],
  );
  assert.equal(await files.read("plants.json", { final: true }), false);
  folder.read = read;
  assert.equal(await files.read("plants.json"), true);
  assert.deepEqual([files.problems, files.complete, plants()?.hash], [[], true, "one grey"]);
});

test("another text of the workflow or of an algorithm that it names, come or gone too, is another meaning", async () => {
  const texts: { workflow: string; algorithm: string | undefined } = { workflow: "one", algorithm: undefined };
  const { files, plants } = folderOf(texts);
  const hashes: (string | undefined)[] = [];
  for (const next of [
    {},
    { workflow: "two" },
    { algorithm: "grey" },
    { algorithm: "gray" },
    { algorithm: undefined },
  ]) {
    Object.assign(texts, next);
    await files.scan();
    hashes.push(plants()?.hash);
  }
  assert.deepEqual(hashes, ["one ", "two ", "two grey", "two gray", "two "]);
});
