import { describe } from "node:test";
import { instanceProfile } from "../../src/kinds/instance-profile.ts";
import { eachDifferenceIsOneChange, offline, tagsOf } from "./diff-table.ts";

const tags = tagsOf("instance-profile/ecsInstanceRole");

describe("instance profiles, compared", () => {
  eachDifferenceIsOneChange(
    instanceProfile(offline),
    { path: "/", role: "ecsInstanceRole", tags },
    {
      id: "AIPAEXAMPLEID",
      arn: "arn:aws:iam::123456789012:instance-profile/ecsInstanceRole",
      role: "ecsInstanceRole" as string | null,
      tags,
    },
    {
      role: (actual) => ({ ...actual, role: "Admin" }),
      "role (none)": (actual) => ({ ...actual, role: null }),
      "tags.team": (actual) => ({ ...actual, tags: { ...tags, team: "red" } }),
    },
  );
});
