/** Queue depths over time as a small picture, with the same in words. */
import type { QueueSample } from "../../data/queue-samples.ts";
import { type Html, html } from "./html.ts";
import { counted, duration } from "./words.ts";

const WIDTH = 260;
const HEIGHT = 56;
/** Room for the stroke. */
const EDGE = 3;

/** @param what begins the text alternative: a step's or a workflow's name */
export function plot(what: string, samples: readonly QueueSample[]): Html {
  if (samples.length < 2) return html`<p class="muted">The plot begins with the second sample.</p>`;
  const waiting = samples.map((one) => one.queued + one.inFlight);
  const dead = samples.map((one) => one.dead + one.undelivered);
  const most = Math.max(...waiting, ...dead);
  const spanMs = samples.at(-1)!.at - samples[0]!.at;
  const lines = (values: readonly number[]): string =>
    values
      .map((value, index) => {
        const x = EDGE + ((samples[index]!.at - samples[0]!.at) / Math.max(1, spanMs)) * (WIDTH - 2 * EDGE);
        const y = HEIGHT - EDGE - (value / Math.max(1, most)) * (HEIGHT - 2 * EDGE);
        return `${x.toFixed(1)},${y.toFixed(1)}`;
      })
      .join(" ");
  const last = (values: readonly number[]): number => values.at(-1)!;
  const words = `${what}, last ${duration(spanMs)}: ${last(waiting)} waiting or in work, at most ${Math.max(...waiting)}; ${last(dead)} given up, at most ${Math.max(...dead)}`;
  const floor = HEIGHT - EDGE;
  return html`<figure class="plot">
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-label="${words}">
<line class="axis" x1="${EDGE}" y1="${floor}" x2="${WIDTH - EDGE}" y2="${floor}"/>
<polygon class="area" points="${EDGE},${floor} ${lines(waiting)} ${WIDTH - EDGE},${floor}"/>
<polyline class="waiting" points="${lines(waiting)}"/>
${Math.max(...dead) > 0 && html`<polyline class="dead" points="${lines(dead)}"/>`}
</svg>
<figcaption>last ${duration(spanMs)}, at most ${counted(most, "file")}</figcaption>
</figure>`;
}
