/** Where the resources of a picture stand: in columns, each to the right of everything that it needs. */
import type { Picture } from "../../core/graph.ts";

export interface Layout {
  /** Keys by column, from left to right, each from top to bottom. */
  readonly columns: readonly (readonly string[])[];
  /** Arrows that say something: what follows from others is left out. */
  readonly arrows: Picture["arrows"];
}

/** Rounds of straightening; more change nothing that one would see. */
const ROUNDS = 8;

export function layOut({ own, shared, arrows: all }: Picture): Layout {
  const keys = [...shared, ...own];
  const arrows = withoutDetours(keys, all);
  const into = group(
    arrows,
    ([, to]) => to,
    ([from]) => from,
  );
  const outOf = group(
    arrows,
    ([from]) => from,
    ([, to]) => to,
  );
  const column = columnsOf(keys, into, outOf);
  const last = Math.max(0, ...column.values());
  let columns = Array.from({ length: last + 1 }, (_, index) => keys.filter((key) => column.get(key) === index));
  for (let round = 0; round < ROUNDS; round++) columns = straighten(columns, round % 2 === 0 ? into : outOf);
  return { columns, arrows };
}

type Neighbours = ReadonlyMap<string, readonly string[]>;
type Arrow = Picture["arrows"][number];

function group(arrows: readonly Arrow[], by: (arrow: Arrow) => string, what: (arrow: Arrow) => string): Neighbours {
  return new Map([...Map.groupBy(arrows, by)].map(([key, some]) => [key, some.map(what)]));
}

/** An arrow past a chain of others to the same end is left out. Resources never need each other in a circle. */
function withoutDetours(keys: readonly string[], arrows: Picture["arrows"]): Picture["arrows"] {
  const outOf = group(
    arrows,
    ([from]) => from,
    ([, to]) => to,
  );
  const reach = new Map<string, ReadonlySet<string>>();
  const reached = (key: string): ReadonlySet<string> => {
    const known = reach.get(key);
    if (known) return known;
    const found = new Set((outOf.get(key) ?? []).flatMap((next) => [next, ...reached(next)]));
    reach.set(key, found);
    return found;
  };
  for (const key of keys) reached(key);
  return arrows.filter(
    ([from, to]) => !(outOf.get(from) ?? []).some((other) => other !== to && reach.get(other)?.has(to)),
  );
}

/** As far left as its needs let it; what is needed is then drawn near to the first that needs it. */
function columnsOf(keys: readonly string[], into: Neighbours, outOf: Neighbours): Map<string, number> {
  const earliest = new Map<string, number>();
  const early = (key: string): number => {
    const known = earliest.get(key) ?? Math.max(0, ...(into.get(key) ?? []).map((need) => early(need) + 1));
    earliest.set(key, known);
    return known;
  };
  const latest = new Map<string, number>();
  const late = (key: string): number => {
    const next = outOf.get(key) ?? [];
    const known = latest.get(key) ?? (next.length === 0 ? early(key) : Math.min(...next.map(late)) - 1);
    latest.set(key, known);
    return known;
  };
  return new Map(keys.map((key) => [key, late(key)]));
}

/** Each resource goes to the height at which its neighbours stand on the average. */
function straighten(columns: readonly (readonly string[])[], neighbours: Neighbours): string[][] {
  const height = new Map(columns.flatMap((keys) => keys.map((key, row) => [key, row - keys.length / 2] as const)));
  const wished = (key: string): number => {
    const next = (neighbours.get(key) ?? []).map((one) => height.get(one) ?? 0);
    return next.length === 0 ? (height.get(key) ?? 0) : next.reduce((sum, one) => sum + one, 0) / next.length;
  };
  return columns.map((keys) => keys.toSorted((one, other) => wished(one) - wished(other)));
}
