/** A registry of toy kinds, for what is planned from observations. */
import { z } from "zod";
import { field, fixedField } from "../../src/core/compare.ts";
import { type PlanInput, plan, type Step } from "../../src/core/plan.ts";
import type { AnyResource, Change, Claim, Desired, Key, Observed, Registry } from "../../src/core/resource.ts";

type Fields = Readonly<Record<string, unknown>>;

/** `fixed` cannot be changed in place; every other field can. */
const diff = (spec: Fields, actual: Fields): Change[] =>
  Object.entries(spec).flatMap(([name, want]) =>
    name === "fixed" ? fixedField(name, want, actual[name]) : field(name, want, actual[name]),
  );

const kind = (name: string, more: Partial<AnyResource> = {}): AnyResource => ({
  kind: name,
  schema: z.unknown(),
  read: async () => ({ is: "absent" }),
  diff,
  create: async () => {},
  update: async () => {},
  delete: async () => {},
  async *list() {},
  ...more,
});

const { create: _create, update: _update, delete: _delete, ...verifiedOnly } = kind("key-pair");

export const REGISTRY: Registry = new Map(
  [
    kind("bucket", { holdsData: true }),
    kind("role"),
    kind("queue"),
    kind("function"),
    kind("notification", { eventSource: true }),
    verifiedOnly as AnyResource,
  ].map((one) => [one.kind, one]),
);

export const desired = (key: Key, spec: Fields = {}, more: Partial<Desired> = {}): Desired => ({
  key,
  spec,
  needs: [],
  claim: "own",
  ...more,
});

export const planOf = (
  wanted: readonly Desired[],
  observed: Readonly<Record<Key, Observed>>,
  more: Partial<PlanInput> = {},
): Step[] =>
  plan({
    desired: wanted,
    observed: new Map(Object.entries(observed) as [Key, Observed][]),
    registry: REGISTRY,
    ignore: [],
    settling: new Map(),
    ...more,
  });

/** The plan of one queue. */
export const planOne = (claim: Claim, observed: Observed, spec: Fields = { delay: 5 }, more: Partial<PlanInput> = {}) =>
  planOf([desired("queue/pw-a", spec, { claim })], { "queue/pw-a": observed }, more);

export const done = (steps: readonly Step[]): string[] => steps.map((step) => `${step.do} ${step.key}`);
