import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { didYouMean, editDistance, nearest } from "../../src/workflow/suggest.ts";

const FIELDS = ["name", "input_s3_name", "output_s3_name", "process", "queue", "tags"];

test("a slip of the finger finds the word that was meant", () => {
  assert.equal(nearest("quue", FIELDS), "queue");
  assert.equal(nearest("proccess", FIELDS), "process");
  assert.equal(nearest("Name", FIELDS), "name");
  assert.equal(nearest("tgas", FIELDS), "tags");
  assert.equal(nearest("input_s3name", FIELDS), "input_s3_name");
});

test("a word unlike all others finds none, and nothing is proposed", () => {
  assert.equal(nearest("colour", FIELDS), undefined);
  assert.equal(nearest("tabu", FIELDS), undefined, "two of four letters differ");
  assert.equal(didYouMean("colour", FIELDS), "");
  assert.equal(didYouMean("quue", FIELDS), '; did you mean "queue"?');
});

test("swapped neighbours count as one slip", () => {
  assert.equal(editDistance("tgas", "tags"), 1);
  assert.equal(editDistance("", "abc"), 3);
});

test("any word gets an answer that is one of the candidates or none", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.array(fc.string()), (word, candidates) => {
      const found = nearest(word, candidates);
      assert.ok(found === undefined || candidates.includes(found));
    }),
  );
});

test("the distance is zero for equal words only, and the same both ways", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (one, other) => {
      assert.equal(editDistance(one, other) === 0, one === other);
      assert.equal(editDistance(one, other), editDistance(other, one));
      assert.ok(editDistance(one, other) <= Math.max(one.length, other.length));
    }),
  );
});
