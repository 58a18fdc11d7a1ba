import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  inventoried,
  isAdopted,
  isOurs,
  mergedTags,
  ownerTags,
  TAG,
  type Tags,
  tagChanges,
  tagsToRemove,
} from "../../src/core/owner.ts";

const wanted = (userTags: Tags = {}): Tags =>
  ownerTags("queue/pw-a", { owner: "default", workflow: "plants", onDelete: "retain-data", userTags });

const key = fc.stringMatching(/^[A-Za-z0-9_.:/=+@-]{1,12}$/).filter((name) => !name.startsWith("pipewright:"));
const someTags = fc.dictionary(key, fc.stringMatching(/^[\w ]{0,8}$/), { maxKeys: 5, noNullPrototype: true });

describe("tags at birth", () => {
  it("say whose, of which workflow, which resource, and what is to happen in the end", () => {
    assert.deepEqual(wanted(), {
      "pipewright:owner": "default",
      "pipewright:workflow": "plants",
      "pipewright:resource": "queue/pw-a",
      "pipewright:on-delete": "retain-data",
    });
  });

  it("hold the user's tags with a list of their keys, and never let one of them speak for ours", () => {
    const tags = wanted({ team: "x", cost: "y", [TAG.owner]: "forged" });
    assert.equal(tags[TAG.userKeys], `cost ${TAG.owner} team`.split(" ").sort().join(" "));
    assert.equal(tags[TAG.owner], "default");
    assert.equal(tags.team, "x");
  });

  it("have values that AWS takes, whatever the key", () => {
    const of = { owner: "default", workflow: "plants", onDelete: "delete", userTags: {} } as const;
    const long = ownerTags(`rule/${"a*(b)".repeat(100)}`, of)[TAG.resource]!;
    assert.match(long, /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,256}$/u);
  });
});

describe("what is ours", () => {
  it("is what our own owner tag says, and nothing else", () => {
    assert.ok(isOurs({ [TAG.owner]: "default" }, "default"));
    assert.ok(!isOurs({ [TAG.owner]: "other" }, "default"));
    assert.ok(!isOurs({ [TAG.workflow]: "plants" }, "default"));
    assert.ok(!isOurs(undefined, "default"));
    assert.ok(isAdopted({ [TAG.adopted]: "" }));
    assert.ok(!isAdopted({}));
  });
});

describe("tags that drift", () => {
  it("are ours only: those of others are neither compared nor taken off", () => {
    const have = { ...wanted({ team: "x" }), theirs: "1", "aws:cloudformation:stack": "s" };
    assert.deepEqual(tagChanges(wanted({ team: "x" }), have), []);
  });

  it("are told one by one, changed, missing and superfluous", () => {
    const have: Tags = { ...wanted({ team: "x", old: "1" }), [TAG.workflow]: "other" };
    const { [TAG.onDelete]: _gone, ...rest } = have;
    const paths = tagChanges(wanted({ team: "y" }), rest).map((change) => `${change.path}=${change.want}`);
    assert.deepEqual(paths.sort(), [
      "tags.old=null",
      "tags.pipewright:on-delete=retain-data",
      "tags.pipewright:tag-keys=team",
      "tags.pipewright:workflow=plants",
      "tags.team=y",
    ]);
  });

  it("are not judged where they are never compared", () => {
    assert.deepEqual(tagChanges(wanted(), { ...wanted(), [TAG.workflow]: "b" }, [TAG.workflow]), []);
  });
});

describe("a tag taken out of the file", () => {
  it("is taken off the resource, and with the last one the list of them", () => {
    assert.deepEqual(tagsToRemove(wanted({ a: "1" }), wanted({ a: "1", b: "2" })), ["b"]);
    assert.deepEqual(tagsToRemove(wanted(), wanted({ b: "2" })), ["b", TAG.userKeys]);
  });

  it("is no longer anybody's business once somebody else has taken it off", () => {
    const { b: _taken, ...have } = wanted({ a: "1", b: "2" });
    assert.deepEqual(tagsToRemove(wanted({ a: "1" }), have), []);
  });

  it("is found out whatever it is called", () => {
    for (const name of ["constructor", "toString", "__proto__"]) {
      const tags = Object.fromEntries([[name, "1"]]);
      assert.deepEqual(tagsToRemove(wanted(), wanted(tags)), [name, TAG.userKeys]);
      assert.deepEqual(tagChanges(wanted(tags), wanted()).at(0)?.have, null);
    }
  });

  it("leads from any file to any other, keeps others' tags, and is done in one write", () => {
    fc.assert(
      fc.property(someTags, someTags, someTags, (before, after, others) => {
        const mine = new Set([...Object.keys(before), ...Object.keys(after)]);
        const theirs = Object.fromEntries(Object.entries(others).filter(([name]) => !mine.has(name)));
        const written = mergedTags(wanted(after), { ...theirs, ...wanted(before) });
        assert.deepEqual(written, { ...theirs, ...wanted(after) });
        assert.deepEqual(tagChanges(wanted(after), written), []);
      }),
    );
  });
});

describe("a row of the inventory", () => {
  it("is read out of the tags", () => {
    assert.deepEqual(inventoried("pw-a", { ...wanted(), [TAG.adopted]: "true" }), {
      name: "pw-a",
      workflow: "plants",
      onDelete: "retain-data",
      adopted: true,
    });
  });

  it("takes the careful meaning of a wish that it cannot read", () => {
    for (const wish of ["Delete", "", "everything"])
      assert.equal(inventoried("a", { [TAG.onDelete]: wish }).onDelete, "retain-data");
    assert.equal(inventoried("a", {}).onDelete, "retain-data");
    assert.equal(inventoried("a", { [TAG.onDelete]: "delete" }).onDelete, "delete");
    assert.equal(inventoried("a", { [TAG.onDelete]: "retain-all" }).onDelete, "retain-all");
  });
});
