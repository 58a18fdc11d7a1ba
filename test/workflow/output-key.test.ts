import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { DEFAULT_KEY_TEMPLATE, keyTemplateProblem, MAX_KEY_BYTES, resultKey } from "../../src/workflow/output-key.ts";

const OF = { algorithm: "grey", workflow: "plants" };
const bytes = (text: string) => Buffer.byteLength(text);

test("the default template puts the result beside its source", () => {
  const key = (source: string) => resultKey(DEFAULT_KEY_TEMPLATE, { ...OF, key: source });
  assert.equal(key("photo.png"), "Result-grey-photo.png");
  assert.equal(key("2026/may/photo.png"), "2026/may/Result-grey-photo.png");
  assert.equal(key("a b/ü+'%.tar.gz"), "a b/Result-grey-ü+'%.tar.gz");
});

test("sources that differ in an empty folder name keep different results", () => {
  const keys = ["a", "/a", "//a", "b//a", "b/a"].map((key) => resultKey(DEFAULT_KEY_TEMPLATE, { ...OF, key }));
  assert.equal(new Set(keys).size, 5);
});

test("each placeholder is filled in, also several times", () => {
  const key = resultKey("{workflow}/{dir}/{stem}-{algorithm}-{stem}{ext}|{file}", { ...OF, key: "d/e/photo.v2.png" });
  assert.equal(key, "plants/d/e/photo.v2-grey-photo.v2.png|photo.v2.png");
});

test("a name without an extension has an empty one", () => {
  const parts = (key: string) => resultKey("[{stem}][{ext}]", { ...OF, key });
  assert.equal(parts("README"), "[README][]");
  assert.equal(parts(".bashrc"), "[.bashrc][]");
  assert.equal(parts("dot."), "[dot.][]");
  assert.equal(parts(`a.${"x".repeat(40)}`), `[a.${"x".repeat(40)}][]`, "so long an ending is no extension");
});

test("what a file's name contains is not taken for a placeholder", () => {
  assert.equal(resultKey("{stem}{ext}", { ...OF, key: "{algorithm}$&.png" }), "{algorithm}$&.png");
});

test("a key too long has its stem shortened, ending in a hash, and keeps folder and extension", () => {
  const source = `folder/${"ä".repeat(502)}.png`;
  const key = resultKey(DEFAULT_KEY_TEMPLATE, { ...OF, key: source });
  assert.ok(bytes(key) <= MAX_KEY_BYTES && bytes(key) > MAX_KEY_BYTES - 4, String(bytes(key)));
  assert.match(key, /^folder\/Result-grey-ä+-[0-9a-f]{12}\.png$/);
});

test("a folder that is too long by itself is cut, ending in a hash", () => {
  const key = resultKey(DEFAULT_KEY_TEMPLATE, { ...OF, key: `${"d".repeat(1018)}/a.png` });
  assert.equal(bytes(key), MAX_KEY_BYTES);
  assert.match(key, /^d+-[0-9a-f]{12}\.png$/);
});

test("the suffix of a folder's result survives shortening", () => {
  const key = resultKey(DEFAULT_KEY_TEMPLATE, { ...OF, key: "x".repeat(1024), suffix: ".zip" });
  assert.ok(key.endsWith(".zip") && bytes(key) <= MAX_KEY_BYTES);
});

test("no key passes 1,024 bytes, none splits a character, and different sources keep different results", () => {
  const source = fc
    .array(fc.string({ unit: "grapheme", minLength: 1, maxLength: 60 }), { minLength: 1, maxLength: 8 })
    .map((parts) => parts.join("/").slice(0, 1024).toWellFormed());
  const template = fc.constantFrom(DEFAULT_KEY_TEMPLATE, "{dir}/{stem}-{stem}{ext}", "{dir}/{dir}/{file}");
  fc.assert(
    fc.property(template, source, source, fc.nat(900), (chosen, one, other, padding) => {
      const [first, second] = [one, other].map((key) => resultKey(chosen, { ...OF, key: "p".repeat(padding) + key }));
      assert.ok(bytes(first!) <= MAX_KEY_BYTES && first!.isWellFormed() && first !== "");
      assert.equal(first === second, one === other);
    }),
    { numRuns: 500 },
  );
});

test("a template is refused with what to write instead", () => {
  assert.equal(keyTemplateProblem(DEFAULT_KEY_TEMPLATE), undefined);
  assert.equal(keyTemplateProblem("{dir}/{file}"), undefined);
  assert.match(keyTemplateProblem("{fil}")!, /unknown placeholder \{fil\}; did you mean "file"\?/);
  assert.match(keyTemplateProblem("{}/{file}")!, /unknown placeholder \{\}; known are \{dir\}/);
  assert.match(keyTemplateProblem("{file")!, /brace without its partner/);
  assert.match(keyTemplateProblem("{dir}/result")!, /names neither \{file\} nor \{stem\}/);
  assert.match(keyTemplateProblem("/{file}")!, /begins with a slash/);
  assert.match(keyTemplateProblem(`${"x".repeat(520)}{file}`)!, /more than 512 bytes/);
});
