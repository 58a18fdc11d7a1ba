import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { productOperations } from "../../support/product-operations.ts";
import { probes } from "./all.ts";
import { rowOf } from "./page.ts";

describe("the probes of clouds", () => {
  it("are about every operation that the product calls, and no other", () => {
    const probed = new Set(probes.map(({ operation }) => operation));
    assert.deepEqual([...probed].sort(), productOperations());
  });

  it("stand in the document, and nothing else does", () => {
    const document = readFileSync(join(import.meta.dirname, "../../../docs/emulators-compared.md"), "utf8");
    const rows = document.split("\n").filter((line) => /^\| [A-Z]/.test(line));
    for (const probe of probes) assert.ok(document.includes(`\n${rowOf(probe)}`), rowOf(probe));
    assert.equal(rows.length, probes.length);
  });
});
