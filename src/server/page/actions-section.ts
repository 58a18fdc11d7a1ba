/** What can be done from here: two buttons for those who know the token, and the line that suspends. */
import { quoted } from "./copyable.ts";
import { type Html, html } from "./html.ts";
import type { WorkflowView } from "./workflow-page.ts";

export function actionsSection({ mayAct, workflow }: Pick<WorkflowView, "mayAct" | "workflow">): Html {
  const place = `/workflows/${encodeURIComponent(workflow.name)}`;
  return html`<section aria-labelledby="actions-title" class="card">
<h2 id="actions-title">Act</h2>
${
  mayAct
    ? html`<form method="post" action="${place}/reconcile">
<input type="text" name="username" value="operator" autocomplete="username" readonly hidden>
<label for="token">Token</label>
<input id="token" name="token" type="password" autocomplete="current-password" required spellcheck="false">
<div class="buttons">
<button type="submit">Reconcile now</button>
<button type="submit" formaction="${place}/redrive">Redrive what was given up</button>
</div>
</form>`
    : html`<p>This page is read-only: the daemon was started without <code>PIPEWRIGHT_TOKEN</code>. From a terminal:</p>
<p><code>pipewright redrive ${quoted(workflow.name)}</code></p>`
}
<h3>${isSuspended(workflow) ? "Go on writing" : "Suspend"}</h3>
<p>${suspendText(workflow)}</p>
</section>`;
}

const isSuspended = ({ conditions }: WorkflowView["workflow"]): boolean =>
  conditions.some(({ status, type }) => type === "Suspended" && status === "True");

function suspendText(workflow: WorkflowView["workflow"]): Html {
  const place = html`<code>${workflow.file}${workflow.suspendLine !== undefined && `:${workflow.suspendLine}`}</code>`;
  if (isSuspended(workflow))
    return html`Take out <code>"suspend": true</code> at ${place}. Until then nothing is written.`;
  return html`Write <code>"suspend": true</code> at ${place}. Then all is still looked at, and nothing is written.`;
}
