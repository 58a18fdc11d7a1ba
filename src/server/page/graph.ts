/** A workflow's resources and what needs what, as a picture. Each leads to its row in the table that says the same in words. */
import type { Picture } from "../../core/graph.ts";
import { type Key, kindOf, nameOf } from "../../core/resource.ts";
import type { KeyStatus } from "../../engine/status.ts";
import { layOut } from "./graph-layout.ts";
import { type Html, html } from "./html.ts";
import { lookOfResource } from "./words.ts";

const BOX = { width: 174, height: 46 };
const GAP = { x: 42, y: 10 };
const EDGE = 8;
/** Characters that a box has room for. */
const NAME_LENGTH = 21;

/** A picture on its own. */
export interface Part {
  readonly title: string;
  readonly picture: Picture;
}

export function graph(
  workflow: string,
  { picture, title }: Part,
  states: ReadonlyMap<string, KeyStatus["state"]>,
): Html {
  const { columns, arrows } = layOut(picture);
  const rows = Math.max(...columns.map((keys) => keys.length), 1);
  const height = 2 * EDGE + rows * (BOX.height + GAP.y) - GAP.y;
  const width = 2 * EDGE + columns.length * (BOX.width + GAP.x) - GAP.x;
  const places = new Map(
    columns.flatMap((keys, column) => {
      const top = (height - keys.length * (BOX.height + GAP.y) + GAP.y) / 2;
      return keys.map((key, row) => [
        key,
        { x: EDGE + column * (BOX.width + GAP.x), y: Math.round(top + row * (BOX.height + GAP.y)) },
      ]);
    }),
  );
  const shared = new Set(picture.shared);
  const look = (key: string): Shown => ({ state: states.get(key) ?? "unknown", shared: shared.has(key), workflow });
  return html`<svg class="graph" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="group" aria-label="Resources, ${title}; the table below says the same">
<g aria-hidden="true">${arrows.map(([from, to]) => arrow(places.get(from)!, places.get(to)!))}</g>
${[...places].map(([key, place]) => box(key, place, look(key)))}
</svg>`;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

function arrow(from: Point, to: Point): Html {
  const [x1, y1] = [from.x + BOX.width, from.y + BOX.height / 2];
  const [x2, y2] = [to.x, to.y + BOX.height / 2];
  const bend = Math.max(GAP.x / 2, (x2 - x1) / 2);
  return html`<path class="arrow" d="M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}"/>`;
}

interface Shown {
  readonly state: KeyStatus["state"];
  readonly shared: boolean;
  readonly workflow: string;
}

function box(key: string, { x, y }: Point, { state, shared, workflow }: Shown): Html {
  const { sign, tone, word } = lookOfResource(state);
  const whose = shared ? "shared" : "";
  return html`<a href="#${rowId(key)}" class="node ${tone} ${whose}" aria-label="${key}: ${word}${shared && ", shared"}">
<title>${key}: ${word}${shared && " (shared)"}</title>
<rect x="${x}" y="${y}" width="${BOX.width}" height="${BOX.height}" rx="8"/>
<text class="kind" x="${x + 12}" y="${y + 18}">${kindOf(key as Key)}</text>
<text class="name" x="${x + 12}" y="${y + 35}">${shortName(key, workflow)}</text>
<text class="sign" x="${x + BOX.width - 12}" y="${y + 19}" text-anchor="end">${sign}</text>
</a>
`;
}

/** Of a resource's row in the table. */
export const rowId = (key: string): string => `r-${key.replace(/[^A-Za-z0-9._-]/g, "-")}`;

/** What all names of a workflow begin with is left out, and of a long one the middle. */
export function shortName(key: string, workflow: string): string {
  const name = nameOf(key as Key).replace(`pw-${workflow}-`, "");
  if (name.length <= NAME_LENGTH) return name;
  const half = (NAME_LENGTH - 1) / 2;
  return `${name.slice(0, Math.ceil(half))}…${name.slice(-Math.floor(half))}`;
}
