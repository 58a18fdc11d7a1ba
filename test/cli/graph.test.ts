import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { mermaid } from "../../src/cli/graph.ts";
import type { Desired, Key } from "../../src/core/resource.ts";

const desired = (key: Key, ...needs: Key[]): Desired => ({ key, spec: {}, needs, claim: "own" });

describe("a Mermaid chart", () => {
  it("has a node for each resource, a box for what is shared, and arrows from what is needed", () => {
    const chart = mermaid([
      desired("queue/pw-a"),
      desired("function/pw-a", "queue/pw-a", "role/lambda_exec_role"),
      desired("log-group//aws/lambda/pw-a"),
    ]);
    assert.equal(
      chart,
      [
        "flowchart LR",
        '  r0["queue<br/>pw-a"]',
        '  r1["function<br/>pw-a"]',
        '  r2["log-group<br/>/aws/lambda/pw-a"]',
        "  subgraph foundation",
        '    r3["role<br/>lambda_exec_role"]',
        "  end",
        "  r0 --> r1",
        "  r3 --> r1",
      ].join("\n"),
    );
  });

  it("has no box where nothing is shared", () => {
    assert.equal(mermaid([desired("queue/a")]), 'flowchart LR\n  r0["queue<br/>a"]');
    assert.equal(mermaid([]), "flowchart LR");
  });
});
