import { describe } from "node:test";
import { object } from "../../src/kinds/object.ts";
import { eachDifferenceIsOneChange, offline } from "./diff-table.ts";

const spec = { body: '{"step":"grey"}', contentType: "application/json" };

describe("objects, compared", () => {
  eachDifferenceIsOneChange(object(offline), spec, spec, {
    body: (actual) => ({ ...actual, body: "" }),
    contentType: (actual) => ({ ...actual, contentType: "application/octet-stream" }),
  });
});
