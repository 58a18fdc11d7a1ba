/** The resources: as a picture, and the same as a table. */
import { pictureOf } from "../../core/graph.ts";
import { type Key, nameOf } from "../../core/resource.ts";
import type { KeyStatus, WorkflowStatus } from "../../engine/status.ts";
import { graph, type Part, rowId } from "./graph.ts";
import { type Html, html } from "./html.ts";
import { badge, counted, lookOfResource } from "./words.ts";

export function resourcesSection(workflow: WorkflowStatus, foundation: WorkflowStatus | undefined): Html {
  const { shared } = pictureOf(workflow.keys);
  const parts = partsOf(workflow);
  const states = new Map([...(foundation?.keys ?? []), ...workflow.keys].map((one) => [one.key, one.state]));
  const base = (foundation?.keys ?? []).filter(({ key }) => shared.includes(key));
  return html`<section aria-labelledby="resources-title" class="card">
<h2 id="resources-title">Resources</h2>
<p class="muted">${sentence(workflow.keys)} What stands to the right needs what stands to its left; what is dashed is shared with other steps or workflows.</p>
${parts.map(
  (part) => html`${parts.length > 1 && html`<h3>${part.title}</h3>`}
<div class="scroll picture" role="region" aria-label="Picture: ${part.title}" tabindex="0">
${graph(workflow.name, part, states)}
</div>`,
)}
<details>
<summary>The same as a table</summary>
<div class="scroll" role="region" aria-label="Table of resources" tabindex="0">
<table class="cards">
<caption class="unseen">Resources, their state, and what each needs</caption>
<thead><tr><th scope="col">Resource</th><th scope="col">State</th><th scope="col">Needs</th></tr></thead>
<tbody>
${workflow.keys.map((one) => row(one, ""))}
${base.map((one) => row(one, "shared"))}
</tbody>
</table>
</div>
</details>
</section>`;
}

/** Each step on its own: what its bucket's notification waits for. What no picture shows comes last. */
function partsOf({ keys, name }: WorkflowStatus): Part[] {
  const hubs = keys.filter((one) => one.kind === HUB);
  if (hubs.length < 2) return [{ title: name, picture: pictureOf(keys) }];
  const steps = hubs.map((hub) => {
    const step = keys.filter((one) => one === hub || (one.kind !== HUB && hub.needs.includes(one.key)));
    return { title: `From ${nameOf(hub.key as Key)}`, picture: pictureOf(step) };
  });
  const shown = new Set(steps.flatMap(({ picture }) => [...picture.own, ...picture.shared]));
  const rest = keys.filter(({ key }) => !shown.has(key));
  return rest.length === 0 ? steps : [...steps, { title: "Besides", picture: pictureOf(rest) }];
}

/** The kind that makes a step's files come in, when everything else of the step stands. */
const HUB = "notification";

function sentence(keys: readonly KeyStatus[]): string {
  const states = [...Map.groupBy(keys, (one) => lookOfResource(one.state).word)];
  if (states.length === 1) return `${keys.length === 1 ? "The one is" : `All ${keys.length} are`} ${states[0]![0]}.`;
  return `${counted(keys.length, "resource")}: ${states.map(([word, some]) => `${some.length} ${word}`).join(", ")}.`;
}

function row({ key, message, needs, state }: KeyStatus, whose: string): Html {
  return html`<tr id="${rowId(key)}">
<th scope="row"><code>${key}</code>${whose !== "" && html`<small>of the foundation</small>`}</th>
<td data-label="State">${badge(lookOfResource(state))}${message !== undefined && html`<small class="why">${message}</small>`}</td>
<td data-label="Needs"><small>${needs.length === 0 ? html`<span class="muted">nothing</span>` : needs.map((need) => html`<code>${need}</code><br>`)}</small></td>
</tr>
`;
}
