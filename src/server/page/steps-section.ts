/** Each step: what waits, who works, what was given up, and how that went over time. */
import type { StepState } from "../../data/data.ts";
import type { QueueSample, StepSamples } from "../../data/queue-samples.ts";
import { type Html, html } from "./html.ts";
import { plot } from "./plot.ts";
import { counted } from "./words.ts";

export function stepsSection(
  name: string,
  states: readonly StepState[] | undefined,
  samples: readonly StepSamples[],
): Html {
  return html`<section aria-labelledby="steps-title" class="card">
<h2 id="steps-title">Files on their way</h2>
${states === undefined || states.length === 0 ? nothingYet(samples) : table(states, samples)}
${states && troubles(states)}
${states && lost(name, states)}
</section>`;
}

function table(states: readonly StepState[], samples: readonly StepSamples[]): Html {
  const samplesOf = (step: string): readonly QueueSample[] => samples.find((one) => one.step === step)?.samples ?? [];
  return html`<div class="scroll" role="region" aria-label="Table of steps" tabindex="0">
<table class="cards">
<caption class="unseen">Steps in their order, at this moment</caption>
<thead><tr><th scope="col">Step</th><th scope="col" class="number">Waiting</th><th scope="col" class="number">In work</th><th scope="col" class="number">Dead letters</th><th scope="col" class="number">Undelivered</th><th scope="col" class="number">Tasks</th><th scope="col" class="number">Instances</th><th scope="col">Over time</th></tr></thead>
<tbody>
${states.map(
  (one) => html`<tr>
<th scope="row">${one.step}${one.algorithm !== one.step && html`<small>${one.algorithm}</small>`}</th>
<td data-label="Waiting" class="number">${one.queued}</td>
<td data-label="In work" class="number">${one.inFlight}</td>
<td data-label="Dead letters" class="number">${alarming(one.dead)}</td>
<td data-label="Undelivered" class="number">${alarming(one.undelivered)}</td>
<td data-label="Tasks" class="number">${one.tasks.running}${one.tasks.starting > 0 && html`<small>+${one.tasks.starting} starting</small>`}</td>
<td data-label="Instances" class="number">${one.instances}</td>
<td data-label="Over time">${plot(one.step, samplesOf(one.step))}</td>
</tr>
`,
)}
</tbody>
</table>
</div>`;
}

const alarming = (count: number): Html => (count > 0 ? html`<strong class="lost">${count}</strong>` : html`0`);

function nothingYet(samples: readonly StepSamples[]): Html {
  if (samples.length === 0)
    return html`<p class="muted">Nothing is known of the steps yet; they are set up with the first pass that succeeds.</p>`;
  return html`<p class="muted">AWS has not answered in time what the steps do at this moment. As last sampled:</p>
${samples.map((one) => html`<h3>${one.step}</h3>${plot(one.step, one.samples)}`)}`;
}

function troubles(states: readonly StepState[]): Html | false {
  const all = states.flatMap(({ step, troubles }) => troubles.map((one) => ({ step, ...one })));
  if (all.length === 0) return false;
  return html`<ul class="problems">${all.map((one) => html`<li><strong>${one.step}: ${one.track}</strong> ${one.reason} <span class="muted">(${counted(one.count, "time")}; next try ${new Date(one.retryAtMs).toISOString().slice(11, 19)} UTC)</span></li>`)}</ul>`;
}

function lost(name: string, states: readonly StepState[]): Html | false {
  const sum = states.reduce((total, one) => total + one.dead + one.undelivered, 0);
  if (sum === 0) return false;
  return html`<p class="banner warn"><strong>${counted(sum, "file")} ${sum === 1 ? "was" : "were"} given up.</strong> <code>pipewright logs ${name}</code> says why; a redrive tries them again.</p>`;
}
