/** What the test of a kind's `diff` needs: a kind that can reach no cloud, tags as they are at birth, and a table of differences. */
import assert from "node:assert/strict";
import { it } from "node:test";
import type { Aws } from "../../src/aws/aws.ts";
import { ownerTags, TAG, type Tags } from "../../src/core/owner.ts";
import type { Key, Resource } from "../../src/core/resource.ts";
import { systemClock } from "../../src/io/clock.ts";

/** `diff` is pure: a kind that asked anybody anything would fail here. */
export const offline = { clients: {}, clock: systemClock } as unknown as Aws;

export const tagsOf = (key: Key): Tags =>
  ownerTags(key, { owner: "default", workflow: "plants", onDelete: "retain-data", userTags: { team: "green" } });

export const adopted = (tags: Tags): Tags => ({ ...tags, [TAG.adopted]: "yes" });

/** Paths of the changes that a kind sees. */
export const paths = <S, A>(kind: Resource<S, A>, spec: S, actual: A): string[] =>
  kind.diff(spec, actual).map((change) => change.path);

/**
 * One test a row: what stands is as wanted but for what the row changes, and that is the one change seen.
 * Two rows about the same path are told apart by a remark in brackets.
 */
export function eachDifferenceIsOneChange<S extends object, A extends object>(
  kind: Resource<S, A>,
  spec: S,
  standing: A,
  table: Readonly<Record<string, (actual: A) => A>>,
): void {
  it("sees no change where all is as wanted, and the spec is of its schema", () => {
    kind.schema.parse(spec);
    assert.deepEqual(kind.diff(spec, standing), []);
  });
  for (const [row, changed] of Object.entries(table)) {
    it(`sees ${row} as its own change`, () => {
      assert.deepEqual(paths(kind, spec, changed(structuredClone(standing))), [row.replace(/ \(.*\)$/, "")]);
    });
  }
}
