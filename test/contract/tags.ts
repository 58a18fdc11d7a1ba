/** What every kind with tags goes through. */
import { TAG, type Tags } from "../../src/core/owner.ts";
import type { Others, Stage, Tamper } from "./case.ts";

export interface TagCalls {
  set(stage: Stage, tags: Tags): Promise<unknown>;
  remove(stage: Stage, names: string[]): Promise<unknown>;
  get(stage: Stage): Promise<Tags>;
}

/** That it was ours says another tag alone: once that is repaired, nobody asks for this one any more. */
export const FORGOTTEN_TAG = "tags.season";

export const tagTampers = ({ set, remove }: TagCalls): Tamper[] => [
  {
    field: "tags",
    what: "our tag with another value",
    change: (stage) => set(stage, { [TAG.resource]: "somebody" }),
    paths: [`tags.${TAG.resource}`],
  },
  {
    field: "tags",
    what: "the user's tag taken off",
    change: (stage) => remove(stage, ["team"]),
    paths: ["tags.team"],
  },
  {
    field: "tags",
    what: "a tag that an earlier state of the file asked for",
    change: (stage) => set(stage, { season: "spring", [TAG.userKeys]: "season team" }),
    paths: [FORGOTTEN_TAG, `tags.${TAG.userKeys}`],
  },
];

export const othersTag = ({ set, get }: TagCalls): Others => ({
  what: "a tag",
  put: (stage) => set(stage, { colour: "green" }),
  stands: async (stage) => (await get(stage)).colour === "green",
});
