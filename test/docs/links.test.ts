import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";

const ROOT = join(import.meta.dirname, "../..");
const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");

describe("the links of the documents", () => {
  for (const file of globSync(["*.md", "docs/*.md", "docs/decisions/*.md"], { cwd: ROOT }).sort()) {
    it(`${file} points to what is there`, () => {
      const text = read(file).replace(/^```[\s\S]*?^```$/gm, "");
      const targets = [...text.matchAll(/\]\(([^)\s]+)\)|(?:src|srcset)="([^"]+)"/g)].map(
        ([, link, image]) => link ?? image!,
      );
      const broken = targets.filter((target) => !/^https?:/.test(target) && !isThere(file, target));
      assert.deepEqual(broken, []);
    });
  }
});

function isThere(from: string, target: string): boolean {
  const [path = "", anchor] = target.split("#");
  const file = path === "" ? from : join(dirname(from), path);
  if (!existsSync(join(ROOT, file))) return false;
  return anchor === undefined || anchorsOf(read(file)).includes(anchor);
}

/** As GitHub makes them of headings. */
const anchorsOf = (markdown: string): string[] =>
  [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\w\s-]/g, "")
      .replaceAll(" ", "-"),
  );
