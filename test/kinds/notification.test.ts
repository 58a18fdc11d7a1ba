import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { notification } from "../../src/kinds/notification.ts";
import { filterText, filterValue } from "../../src/kinds/notification-filter.ts";
import { overlaps } from "../../src/kinds/notification-overlap.ts";
import { eachDifferenceIsOneChange, offline, paths } from "./diff-table.ts";

const kind = notification(offline);
const spec = {
  id: "pw-plants-grey",
  functionArn: "arn:aws:lambda:us-east-1:123456789012:function:pw-plants-grey",
  events: ["s3:ObjectCreated:*"],
  prefix: "in/",
  suffix: ".tif",
};
const standing = { ours: [spec], others: [] };
const entry = (change: Partial<typeof spec>) => () => ({ ours: [{ ...spec, ...change }], others: [] });

describe("our entry in a bucket's notifications, compared", () => {
  eachDifferenceIsOneChange(kind, spec, standing, {
    id: entry({ id: "pw-plants-old" }),
    "id (twice)": () => ({ ours: [spec, { ...spec, id: "pw-plants-copy" }], others: [] }),
    functionArn: entry({ functionArn: "arn:aws:lambda:us-east-1:123456789012:function:other" }),
    events: entry({ events: ["s3:ObjectCreated:Put"] }),
    prefix: entry({ prefix: "" }),
    suffix: entry({ suffix: "" }),
  });

  it("takes the events in any order", () => {
    const events = ["s3:ObjectCreated:Put", "s3:ObjectCreated:Copy"];
    const actual = { ours: [{ ...spec, events: [...events].reverse() }], others: [] };
    assert.deepEqual(paths(kind, { ...spec, events }, actual), []);
  });

  it("stands in the way of another entry for the same files: that one is named, and nothing else is said", () => {
    const other = { id: "theirs", events: ["s3:ObjectCreated:Put"], prefix: "in/raw/", suffix: "" };
    const changes = kind.diff(spec, { ours: [], others: [{ ...other, prefix: "out/" }, other] });
    assert.equal(changes.length, 1);
    assert.deepEqual(
      { path: changes[0]?.path, have: changes[0]?.have, replace: changes[0]?.replace },
      { path: "overlap", have: other, replace: true },
    );
  });
});

describe("what a filter says", () => {
  const WRITTEN = {
    "day 1/run=7/": "day+1/run%3D7/",
    "1+1 & more~": "1%2B1+%26+more%7E",
    "Größe(2)/": "Gr%C3%B6%C3%9Fe(2)/",
    "100%.tif": "100%25.tif",
  };
  for (const [text, value] of Object.entries(WRITTEN)) {
    it(`is written as S3 wants it, and read again: ${text}`, () => {
      assert.equal(filterValue(text), value);
      assert.equal(filterText(value), text);
    });
  }

  it("is read as it stands where somebody wrote it plainly", () => {
    assert.equal(filterText("100%"), "100%");
  });
});

describe("two notification entries overlap", () => {
  const all = { events: ["s3:ObjectCreated:*"], prefix: "", suffix: "" };

  it("where one event would be told to both", () => {
    assert.ok(overlaps(all, all));
    assert.ok(overlaps(all, { ...all, events: ["s3:ObjectCreated:Put"], prefix: "a/" }));
    assert.ok(overlaps({ ...all, prefix: "a/", suffix: ".gz" }, { ...all, prefix: "a/b", suffix: ".tar.gz" }));
  });

  it("not where events, prefixes or suffixes differ", () => {
    assert.ok(!overlaps(all, { ...all, events: ["s3:ObjectRemoved:*"] }));
    assert.ok(!overlaps({ ...all, events: ["s3:ObjectCreated:Copy"] }, { ...all, events: ["s3:ObjectCreated:Put"] }));
    assert.ok(!overlaps({ ...all, prefix: "a/" }, { ...all, prefix: "b/" }));
    assert.ok(!overlaps({ ...all, suffix: ".tif" }, { ...all, suffix: ".jpg" }));
  });
});
