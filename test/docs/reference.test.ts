import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { reference } from "../../scripts/reference.ts";
import { createMetrics } from "../../src/server/metrics.ts";

const root = new URL("../../", import.meta.url);
const written = readFileSync(new URL("docs/reference.md", root), "utf8");

describe("docs/reference.md", () => {
  it("is what the code says (`npm run reference` writes it anew)", () => {
    assert.equal(written, reference());
  });

  it("names every metric that the daemon serves", async () => {
    const engine = {
      subscribe: () => () => {},
      queue: { depth: 0, longestRunningMs: 0 },
      status: () => ({ workflows: [] }),
    };
    const text = await createMetrics(engine as never, { latest: () => [] } as never).text();
    const names = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name!);
    assert.ok(names.length > 10);
    for (const name of names) assert.ok(written.includes(`\`${name}\``), name);
  });

  it("says of every field, variable and metric what it means", () => {
    const empty = written.split("\n").filter((line) => line.startsWith("| ") && / \|\s+\|$/.test(line));
    assert.deepEqual(empty, []);
  });
});
