/** What was seen and done, newest first. */
import type { HistoryEntry } from "../../engine/history.ts";
import { type Html, html } from "./html.ts";
import { ago, counted, valueText } from "./words.ts";

/** Rows shown; the API has them all. */
const SHOWN = 50;

export function historySection(name: string, history: readonly HistoryEntry[], nowMs: number): Html {
  const shown = history.slice(-SHOWN).reverse();
  return html`<section aria-labelledby="history-title" class="card">
<h2 id="history-title">History</h2>
${
  shown.length === 0
    ? html`<p class="muted">Nothing has been written yet, and nothing has drifted.</p>`
    : html`<div class="scroll" role="region" aria-label="Table of history" tabindex="0">
<table class="cards">
<caption class="unseen">What was seen and done, newest first</caption>
<thead><tr><th scope="col">When</th><th scope="col">What</th><th scope="col">Resource</th><th scope="col">Field</th></tr></thead>
<tbody>
${shown.map((one) => row(one, nowMs))}
</tbody>
</table>
</div>`
}
${history.length > SHOWN && html`<p class="muted">${counted(history.length - SHOWN, "older entry", "older entries")}: <a href="/api/v1/workflows/${encodeURIComponent(name)}/history">as JSON</a></p>`}
</section>`;
}

const TONES: Readonly<Record<HistoryEntry["event"], string>> = {
  created: "good",
  updated: "busy",
  adopted: "busy",
  "drift-detected": "warn",
  "drift-repaired": "good",
  deleted: "calm",
  refused: "bad",
};

function row(one: HistoryEntry, nowMs: number): Html {
  return html`<tr>
<td data-label="When" class="time">${ago(one.at, nowMs)}</td>
<td data-label="What"><span class="badge ${TONES[one.event]}">${one.event.replace("-", " ")}</span></td>
<td data-label="Resource"><code>${one.key}</code></td>
<td data-label="Field">${what(one)}</td>
</tr>
`;
}

function what({ event, have, message, path, want }: HistoryEntry): Html {
  if (message !== undefined) return html`<span class="prose">${message}</span>`;
  if (path === "") return html`<span class="muted">${event === "drift-detected" ? "it is gone" : "the whole"}</span>`;
  return html`<code>${path}</code><small><code>${valueText(have)}</code> → <code>${valueText(want)}</code></small>`;
}
