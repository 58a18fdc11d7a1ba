import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CreateBucketCommand } from "@aws-sdk/client-s3";
import { object } from "../../src/kinds/object.ts";
import { eachDifferenceIsOneChange, offline } from "./diff-table.ts";
import { startInCloud } from "./in-cloud.ts";

const spec = { body: '{"step":"grey"}', contentType: "application/json" };
const actual = { ...spec, folder: undefined };

describe("objects, compared", () => {
  eachDifferenceIsOneChange(object(offline), spec, actual, {
    body: (actual) => ({ ...actual, body: "" }),
    contentType: (actual) => ({ ...actual, contentType: "application/octet-stream" }),
  });

  it("are the same, whichever folder they were written for", () => {
    assert.deepEqual(object(offline).diff(spec, { ...actual, folder: "other" }), []);
  });
});

describe("the folder that an object was written for", () => {
  it("is the last one that any was written for", async (t) => {
    const place = await startInCloud();
    t.after(() => place.stop());
    await place.aws.clients.s3.send(new CreateBucketCommand({ Bucket: "control" }));
    const kind = object(place.aws);
    const name = "control/steps/pipewright/plants/grey.json";
    const told: (string | undefined)[] = [];
    for (const [body, folder] of [
      ["1", undefined],
      ["2", "first"],
      ["3", undefined],
      ["4", ""],
      ["5", "second"],
    ] as const) {
      const pass = folder === undefined ? place.pass : { ...place.pass, folder };
      const before = await kind.read(name, pass);
      if (before.is === "absent") await kind.create!(name, { ...spec, body }, pass);
      else if (before.is === "owned") {
        const wanted = { ...spec, body };
        await kind.update!(name, wanted, before.actual, kind.diff(wanted, before.actual), pass);
      }
      const after = await kind.read(name, pass);
      assert.equal(after.is === "owned" && after.actual.body, body);
      told.push(after.is === "owned" ? after.actual.folder : "");
    }
    assert.deepEqual(told, [undefined, "first", "first", "first", "second"]);
  });
});
