/** What holds of the desired set of every workflow, whatever stands in its file. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { ZodType } from "zod";
import { canonical } from "../../src/core/compare.ts";
import { inOrder } from "../../src/core/graph.ts";
import { TAG } from "../../src/core/owner.ts";
import type { Policy, Statement } from "../../src/core/policy.ts";
import { isRef, refsOf } from "../../src/core/refs.ts";
import { type Desired, type Key, kindOf, nameOf } from "../../src/core/resource.ts";
import { specHash } from "../../src/core/spec-hash.ts";
import { checkAgainst } from "../../src/desired/check.ts";
import { compile } from "../../src/desired/compile.ts";
import type { Facts } from "../../src/desired/facts.ts";
import { compileFoundation } from "../../src/desired/foundation.ts";
import { readStepDescription } from "../../src/desired/step-description.ts";
import type { TaskDefinitionSpec } from "../../src/kinds/task-definition.ts";
import type { Workflow } from "../../src/workflow/workflow.ts";
import { anyFacts, anyWorkflow } from "./arbitraries.ts";
import { NAME_RULES, SCHEMAS } from "./rules.ts";

const whole = (workflow: Workflow, facts: Facts): Desired[] => [
  ...compileFoundation([workflow], facts),
  ...compile(workflow, facts),
];

const always = (holds: (workflow: Workflow, facts: Facts) => void, numRuns = 40): void =>
  fc.assert(fc.property(anyWorkflow, anyFacts, holds), { numRuns });

describe("whatever a workflow's file says,", () => {
  it("every name keeps to its service's rules", () => {
    always((workflow, facts) => {
      for (const { key } of whole(workflow, facts)) assert.match(nameOf(key), NAME_RULES[kindOf(key)]!, key);
    });
  });

  it("every key stands once", () => {
    always((workflow, facts) => {
      const keys = whole(workflow, facts).map((one) => one.key);
      assert.equal(new Set(keys).size, keys.length);
    });
  });

  it("resources do not need each other in a circle", () => {
    always((workflow, facts) => {
      const desired = whole(workflow, facts);
      assert.equal(inOrder(desired).length, desired.length);
    });
  });

  it("every need and every reference is to something that is desired, and references are needs", () => {
    always((workflow, facts) => {
      const desired = whole(workflow, facts);
      const keys = new Set<Key>(desired.map((one) => one.key));
      for (const one of desired) {
        for (const need of one.needs) assert.ok(keys.has(need), `${one.key} needs ${need}`);
        for (const { ref } of refsOf(one.spec)) assert.ok(one.needs.includes(ref), `${one.key} refers to ${ref}`);
      }
    });
  });

  it("the foundation needs nothing of a workflow", () => {
    always((workflow, facts) => {
      const foundation = compileFoundation([workflow], facts);
      const keys = new Set<Key>(foundation.map((one) => one.key));
      for (const one of foundation) assert.ok(one.needs.every((need) => keys.has(need)));
    });
  });

  it("every spec is what its kind takes, once references are replaced", () => {
    always((workflow, facts) => {
      for (const { key, spec } of whole(workflow, facts)) {
        const schema: ZodType = SCHEMAS[kindOf(key)]!;
        const parsed = schema.safeParse(withoutRefs(spec));
        assert.ok(parsed.success, `${key}: ${parsed.error?.message}`);
      }
    });
  });

  it("a step's notification comes after everything else of its step, and after the next step's notification", () => {
    always((workflow, facts) => {
      const desired = compile(workflow, facts);
      const notifications = desired.filter((one) => kindOf(one.key) === "notification");
      assert.equal(notifications.length, workflow.steps.length);
      const first = notifications.find((one) => nameOf(one.key) === workflow.inputBucket)!;
      const before = allNeeds(first, whole(workflow, facts));
      const given = ["key-pair", "subnet"];
      const missing = desired.filter(
        (one) => one !== first && !before.has(one.key) && !given.includes(kindOf(one.key)),
      );
      assert.deepEqual(
        missing.map((one) => one.key),
        [],
      );
    });
  });

  it("no policy allows every action, and none every action of a service", () => {
    always((workflow, facts) => {
      for (const { key, statement } of statements(whole(workflow, facts))) {
        if (statement.Effect === "Deny") continue;
        for (const action of [statement.Action ?? "*"].flat()) assert.doesNotMatch(action, /\*/, key);
        assert.ok(statement.NotAction === undefined && statement.NotResource === undefined, key);
      }
    });
  });

  it("policies fit into IAM, unless the file is refused", () => {
    always((workflow, facts) => {
      if (checkAgainst(workflow, facts).length > 0) return;
      for (const { key, spec } of whole(workflow, facts)) {
        if (kindOf(key) !== "role") continue;
        const { trust, inline } = spec as { trust: Policy; inline: Record<string, Policy> };
        assert.ok(JSON.stringify(trust).length <= 2048, key);
        const length = Object.values(inline).reduce((sum, document) => sum + JSON.stringify(document).length, 0);
        assert.ok(length <= 10_240, `${key}: ${length}`);
      }
    });
  });

  it("nothing in a task looks like a credential, and no container is privileged or writes to the worker's folder", () => {
    const credential = /AKIA|ASIA|SECRET_ACCESS|ACCESS_KEY|SESSION_TOKEN|PASSWORD|aws_secret/i;
    always((workflow, facts) => {
      for (const { key, spec } of compile(workflow, facts)) {
        if (kindOf(key) !== "task-definition") continue;
        assert.doesNotMatch(JSON.stringify(spec), credential);
        const { containers } = spec as TaskDefinitionSpec;
        assert.ok(containers.every((container) => container.privileged === false));
        const algorithm = containers.find((container) => container.essential)!;
        assert.ok(algorithm.mountPoints.every((mount) => mount.readOnly));
      }
    });
  });

  it("the same workflow gives the same set, however its fields are ordered and whatever its file is called", () => {
    always((workflow, facts) => {
      const again = { ...(reversed(workflow) as Workflow), file: "elsewhere.json", hash: "another" };
      assert.equal(specHash(compile(again, facts).map(inKeyOrder)), specHash(compile(workflow, facts).map(inKeyOrder)));
    });
  });

  it("everything that can carry tags has the owner's and the user's", () => {
    always((workflow, facts) => {
      for (const { key, spec } of compile(workflow, facts)) {
        const { tags } = spec as { tags?: Record<string, string> };
        if (tags === undefined) continue;
        assert.equal(tags[TAG.owner], facts.owner);
        assert.equal(tags[TAG.workflow], workflow.name);
        assert.equal(tags[TAG.onDelete], workflow.onDelete);
        for (const [name, value] of Object.entries(workflow.tags)) assert.equal(tags[name], value, key);
      }
    });
  });

  it("the scaler can read what is written for it", () => {
    always((workflow, facts) => {
      const descriptions = compile(workflow, facts).filter((one) => kindOf(one.key) === "object");
      assert.equal(descriptions.length, workflow.steps.length);
      for (const { spec } of descriptions) {
        const description = readStepDescription((spec as { body: string }).body);
        assert.equal(description.workflow, workflow.name);
        assert.ok(description.queue.url.endsWith(`/${facts.account}/${description.queue.name}`));
      }
    });
  });

  it("a resource that may be adopted is claimed so and says so in its tags", () => {
    fc.assert(
      fc.property(anyWorkflow, anyFacts, fc.nat(), (workflow, facts, pick) => {
        const all = whole(workflow, facts);
        const { key } = all[pick % all.length]!;
        const adopted = whole({ ...workflow, adopt: [key] }, facts).find((one) => one.key === key)!;
        assert.equal(adopted.claim, "adopt");
        const { tags } = adopted.spec as { tags?: Record<string, string> };
        if (tags !== undefined) assert.equal(tags[TAG.adopted], "true");
      }),
      { numRuns: 40 },
    );
  });
});

/** Everything that must stand before. */
function allNeeds(from: Desired, all: readonly Desired[]): Set<Key> {
  const byKey = new Map(all.map((one) => [one.key, one]));
  const found = new Set<Key>();
  const visit = (one: Desired | undefined): void => {
    for (const need of one?.needs ?? []) {
      if (found.has(need)) continue;
      found.add(need);
      visit(byKey.get(need));
    }
  };
  visit(from);
  return found;
}

function statements(desired: readonly Desired[]): { key: Key; statement: Statement }[] {
  const documents = desired.flatMap(({ key, spec }) => {
    const { policy, trust, inline } = spec as { policy?: Policy; trust?: Policy; inline?: Record<string, Policy> };
    return [policy, trust, ...Object.values(inline ?? {})].flatMap((document) => (document ? [{ key, document }] : []));
  });
  return documents.flatMap(({ key, document }) => document.Statement.map((statement) => ({ key, statement })));
}

function withoutRefs(value: unknown): unknown {
  if (isRef(value)) return "observed-value";
  if (Array.isArray(value)) return value.map(withoutRefs);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withoutRefs(inner)]));
}

/** The same data with the fields of every object in the opposite order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, inner]) => [name, reversed(inner)]),
  );
}

/** Texts made of objects (packed variables, descriptions) are compared by what they mean. */
function inKeyOrder({ spec, ...rest }: Desired): unknown {
  const parsed = JSON.stringify(spec, (_, value) => {
    if (typeof value !== "string" || !/^[[{]/.test(value)) return value;
    try {
      return canonical(JSON.parse(value));
    } catch {
      return value;
    }
  });
  return { ...rest, spec: JSON.parse(parsed) };
}
