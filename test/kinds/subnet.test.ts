import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { subnet } from "../../src/kinds/subnet.ts";
import { offline } from "./diff-table.ts";

const kind = subnet(offline);
const elsewhere = { vpcId: "vpc-2", inDefaultVpc: false };

describe("subnets, checked", () => {
  it("of the default VPC suit everyone", () => {
    assert.deepEqual(kind.diff({ vpc: "default" }, { vpcId: "vpc-1", inDefaultVpc: true }), []);
  });

  it("of another VPC suit those who bring their own security groups, and cannot be moved for the others", () => {
    assert.deepEqual(kind.diff({ vpc: "any" }, elsewhere), []);
    const [change] = kind.diff({ vpc: "default" }, elsewhere);
    assert.deepEqual(
      { path: change?.path, have: change?.have, replace: change?.replace },
      { path: "vpc", have: "vpc-2", replace: true },
    );
  });
});
