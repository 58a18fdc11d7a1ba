/** What an empty folder gets: the way to the first workflow. */
import type { DaemonStatus } from "../../engine/status.ts";
import { copyable } from "./copyable.ts";
import { type Html, html } from "./html.ts";

export function firstSteps({ folder = "the folder" }: DaemonStatus): Html {
  return html`<p class="lead" data-say>No workflow yet. The daemon is ready and watches the folder.</p>
<section aria-labelledby="first" class="card first">
<h2 id="first">Your first workflow</h2>
<ol class="steps">
<li><h3>Describe it</h3>
<p>A workflow is one file: where files come in, where results go, and what is done to them.</p>
<pre tabindex="0" role="region" aria-label="An example workflow"><code>${EXAMPLE}</code></pre></li>
<li><h3>Drop it into the folder</h3>
<p>Save it as <code>plants.json</code> in <code>${folder}</code>, with the algorithm it names in <code>algorithms/grey-picture.json</code> beside it. Within seconds its resources appear here.</p>
${copyable("validate", "pipewright validate plants.json", "Check it first")}</li>
<li><h3>Send files in</h3>
${copyable("upload", "pipewright upload plants photo.png", "Upload")}
${copyable("results", "pipewright results plants --download ./results", "Fetch what came out")}</li>
</ol>
</section>`;
}

const EXAMPLE = `{
  "input_s3_name": "plants-in",
  "output_s3_name": "plants-out",
  "process": {
    "type": "single_run",
    "algorithms": [{ "name": "grey-picture" }]
  }
}`;
