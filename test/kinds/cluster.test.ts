import { describe } from "node:test";
import { cluster } from "../../src/kinds/cluster.ts";
import { eachDifferenceIsOneChange, offline, tagsOf } from "./diff-table.ts";

const tags = tagsOf("cluster/pipewright");
const arn = "arn:aws:ecs:us-east-1:123456789012:cluster/pipewright";

describe("clusters, compared", () => {
  eachDifferenceIsOneChange(
    cluster(offline),
    { tags },
    { arn, tags },
    {
      "tags.team": (actual) => ({ ...actual, tags: { ...actual.tags, team: "red" } }),
      "tags.pipewright:on-delete": (actual) => ({
        ...actual,
        tags: { ...actual.tags, "pipewright:on-delete": "delete" },
      }),
    },
  );
});
