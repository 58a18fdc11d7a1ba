import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Statement } from "../../src/core/policy.ts";
import { type FunctionPermissionSpec, functionPermission } from "../../src/kinds/function-permission.ts";
import { eachDifferenceIsOneChange, offline, paths } from "./diff-table.ts";

const kind = functionPermission(offline);
const spec: FunctionPermissionSpec = {
  statements: [
    { sid: "pw-s3", principal: "s3.amazonaws.com", sourceArn: "arn:aws:s3:::plants", sourceAccount: "123456789012" },
    {
      sid: "pw-rule",
      principal: "events.amazonaws.com",
      sourceArn: "arn:aws:events:us-east-1:123456789012:rule/pw-tick",
      sourceAccount: null,
    },
  ],
};

const Resource = "arn:aws:lambda:us-east-1:123456789012:function:pw-plants-grey";
/** As Lambda writes them, the second in the spelling of a hand-made one. */
const s3: Statement = {
  Sid: "pw-s3",
  Effect: "Allow",
  Principal: { Service: "s3.amazonaws.com" },
  Action: "lambda:InvokeFunction",
  Resource,
  Condition: {
    StringEquals: { "AWS:SourceAccount": "123456789012" },
    ArnLike: { "AWS:SourceArn": "arn:aws:s3:::plants" },
  },
};
const events: Statement = {
  Sid: "pw-rule",
  Effect: "Allow",
  Principal: { Service: ["events.amazonaws.com"] },
  Action: ["lambda:invokefunction"],
  Resource,
  Condition: { ArnLike: { "aws:SourceArn": ["arn:aws:events:us-east-1:123456789012:rule/pw-tick"] } },
};
const intruder: Statement = { Sid: "evil", Effect: "Allow", Principal: "*", Action: "lambda:InvokeFunction", Resource };

describe("function permissions, compared", () => {
  eachDifferenceIsOneChange(
    kind,
    spec,
    { statements: [events, s3], whole: true },
    {
      "statements.pw-s3 (missing)": (actual) => ({ ...actual, statements: [events] }),
      "statements.pw-s3 (for any account)": (actual) => ({
        ...actual,
        statements: [events, { ...s3, Condition: { ArnLike: { "AWS:SourceArn": "arn:aws:s3:::plants" } } }],
      }),
      "statements.pw-s3 (for everyone)": (actual) => ({ ...actual, statements: [events, { ...s3, Principal: "*" }] }),
      "statements.pw-rule (for another rule)": (actual) => ({
        ...actual,
        statements: [{ ...events, Condition: { ArnLike: { "AWS:SourceArn": "arn:aws:events:::rule/other" } } }, s3],
      }),
      "statements.evil": (actual) => ({ ...actual, statements: [s3, events, intruder] }),
    },
  );

  it("leaves alone what others allowed on a function that is not ours whole", () => {
    assert.deepEqual(paths(kind, spec, { statements: [s3, events, intruder], whole: false }), []);
    assert.deepEqual(paths(kind, spec, { statements: [s3, intruder], whole: false }), ["statements.pw-rule"]);
  });
});
