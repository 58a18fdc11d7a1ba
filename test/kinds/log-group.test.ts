import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { logGroup } from "../../src/kinds/log-group.ts";
import { eachDifferenceIsOneChange, offline, paths, tagsOf } from "./diff-table.ts";

const kind = logGroup(offline);
const tags = tagsOf("log-group/pw-plants-grey");
const spec = { retentionInDays: 30, tags };

describe("log groups, compared", () => {
  eachDifferenceIsOneChange(
    kind,
    spec,
    { retentionInDays: 30, tags },
    {
      retentionInDays: (actual) => ({ ...actual, retentionInDays: 7 }),
      "retentionInDays (kept for ever)": (actual) => ({ ...actual, retentionInDays: null }),
      "tags.team": (actual) => ({ ...actual, tags: { ...tags, team: "red" } }),
      "tags.pipewright:workflow": (actual) => ({ ...actual, tags: { ...actual.tags, "pipewright:workflow": "other" } }),
    },
  );

  it("leaves alone tags that we never wrote", () => {
    assert.deepEqual(paths(kind, spec, { retentionInDays: 30, tags: { ...tags, cost: "42" } }), []);
  });
});
