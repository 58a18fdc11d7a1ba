import { describe } from "node:test";
import { workerBundle } from "../../src/kinds/worker-bundle.ts";
import { eachDifferenceIsOneChange, offline } from "./diff-table.ts";

const spec = { sha256: "d29ya2VyLWJ1bmRsZS1oYXNoLW9mLXRoZS10Z3otMDA=" };

describe("packed workers, compared", () => {
  eachDifferenceIsOneChange(workerBundle(offline), spec, spec, {
    sha256: () => ({ sha256: undefined }),
  });
});
