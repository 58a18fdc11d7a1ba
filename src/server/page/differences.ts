/** Field by field: what the file wants and what AWS has. */
import type { KeyStatus, WorkflowStatus } from "../../engine/status.ts";
import { rowId } from "./graph.ts";
import { type Html, html } from "./html.ts";
import { ago, counted, valueText } from "./words.ts";

interface Difference {
  readonly key: string;
  readonly path: string;
  readonly want: unknown;
  readonly have: unknown;
  /** ISO 8601; absent: new in the file, and no drift. */
  readonly since?: string;
}

/** Nothing where nothing differs. */
export function differences(workflow: WorkflowStatus, nowMs: number): Html | false {
  const all = [...workflow.drift, ...workflow.keys.flatMap((one) => undrifted(one, workflow))];
  if (all.length === 0) return false;
  return html`<section aria-labelledby="differences-title" class="card">
<h2 id="differences-title">${counted(all.length, "field differs", "fields differ")}</h2>
<div class="scroll" role="region" aria-label="Table of differences" tabindex="0">
<table class="cards diff">
<caption class="unseen">Fields that differ: what the file wants, and what AWS has</caption>
<thead><tr><th scope="col">Field</th><th scope="col">The file wants</th><th scope="col">AWS has</th><th scope="col">Seen</th></tr></thead>
<tbody>
${all.map((one) => row(one, nowMs))}
</tbody>
</table>
</div>
</section>`;
}

/** What the file newly asks for and is still to be written. */
function undrifted({ changes, key }: KeyStatus, { drift }: WorkflowStatus): Difference[] {
  return changes
    .filter(({ path }) => !drift.some((one) => one.key === key && one.path === path))
    .map(({ path, want, have }) => ({ key, path, want, have }));
}

function row({ have, key, path, since, want }: Difference, nowMs: number): Html {
  return html`<tr>
<th scope="row"><a href="#${rowId(key)}"><code>${key}</code></a><small><code>${path === "" ? "the resource itself" : path}</code></small></th>
<td data-label="The file wants" class="want"><code>${valueText(want)}</code></td>
<td data-label="AWS has" class="have"><code>${valueText(have)}</code></td>
<td data-label="Seen" class="time">${since === undefined ? "new in the file" : ago(since, nowMs)}</td>
</tr>
`;
}
