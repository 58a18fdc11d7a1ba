import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { zipSync } from "fflate";
import { unzip } from "../../../localcloud/world/functions/unzip.ts";

describe("a zip", () => {
  const files = { "index.mjs": Buffer.from("export {};".repeat(100)), "lib/ü.txt": Buffer.from("text") };

  for (const [how, level] of [
    ["stored", 0],
    ["deflated", 9],
  ] as const) {
    it(`that is ${how} gives back its files`, () => {
      const found = unzip(zipSync(files, { level, comment: "a comment" }));
      assert.deepEqual(
        [...found].map(([path, bytes]) => [path, bytes.toString()]),
        [
          ["index.mjs", files["index.mjs"].toString()],
          ["lib/ü.txt", "text"],
        ],
      );
    });
  }

  it("that is none, or would write outside its folder, is refused", () => {
    assert.throws(() => unzip(Buffer.from("PK\u0003\u0004 and nothing more")), /no zip/);
    assert.throws(() => unzip(zipSync({ "../evil": Buffer.from("x") })), /would write to/);
    assert.throws(() => unzip(zipSync({ "/evil": Buffer.from("x") })), /would write to/);
  });
});
