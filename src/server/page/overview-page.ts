/** `/`: all workflows, those that want a person first. */
import { FOUNDATION } from "../../core/resource.ts";
import type { QueueSample, StepSamples } from "../../data/queue-samples.ts";
import type { DaemonStatus } from "../../engine/status.ts";
import { type Headline, type Summary, sumOf } from "../overview.ts";
import { firstSteps } from "./first-steps.ts";
import { type Html, html } from "./html.ts";
import { plot } from "./plot.ts";
import { ago, badge, counted, lookOfHeadline, sentence } from "./words.ts";

export interface Overview {
  readonly status: DaemonStatus;
  readonly workflows: readonly Summary[];
  readonly foundation: Summary | undefined;
  samplesOf(workflow: string): readonly StepSamples[];
  readonly nowMs: number;
}

export function overviewPage(view: Overview): Html {
  const { status, workflows } = view;
  return html`<h1>Workflows</h1>
<div id="overview" data-live>
${problems(status)}
${workflows.length === 0 ? nothing(status) : list(view)}
${leftovers(status)}
</div>`;
}

/** Files that cannot be read, or another daemon's eyes, are no empty folder. */
function nothing(status: DaemonStatus): Html {
  if (status.awsProblem !== undefined) return html`<p class="lead" data-say>No workflow was looked at yet.</p>`;
  if (!status.leader) return html`<p class="lead" data-say>This daemon has seen no workflow itself.</p>`;
  if (status.folderProblem !== undefined || status.brake !== undefined || status.problems.length > 0)
    return html`<p class="lead" data-say>No workflow is in force.</p>`;
  return firstSteps(status);
}

/** What wants a person comes first. */
const ORDER: readonly Headline[] = ["stalled", "incomplete", "drifted", "unknown", "reconciling", "suspended", "ready"];

function list({ foundation, nowMs, samplesOf, workflows }: Overview): Html {
  const urgency = (one: Summary): number => ORDER.indexOf(one.state) - (givenUp(one) > 0 ? 0.5 + ORDER.length : 0);
  const sorted = workflows.toSorted((one, other) => urgency(one) - urgency(other) || (one.name < other.name ? -1 : 1));
  return html`<p class="lead" data-say>${lead(workflows)}</p>
<div class="scroll" role="region" aria-label="Table of workflows" tabindex="0">
<table class="cards">
<caption class="unseen">Workflows, those that want a person first</caption>
<thead><tr>
<th scope="col">Workflow</th><th scope="col">State</th><th scope="col">Last pass</th><th scope="col">Drift <small>since start</small></th><th scope="col">Files</th><th scope="col">Queues over time</th>
</tr></thead>
<tbody>
${sorted.map((one) => row(one, nowMs, plot(one.name, together(samplesOf(one.name)))))}
</tbody>
${foundation && html`<tbody class="base">${row(foundation, nowMs, html`<span class="muted">shared by all workflows</span>`)}</tbody>`}
</table>
</div>`;
}

function lead(workflows: readonly Summary[]): string {
  const of = (state: Headline): number => workflows.filter((one) => one.state === state).length;
  const ready = of("ready");
  const others = ORDER.filter((state) => state !== "ready" && of(state) > 0);
  const dead = workflows.reduce((sum, one) => sum + givenUp(one), 0);
  const lost = dead > 0 ? ` ${counted(dead, "file")} ${dead === 1 ? "was" : "were"} given up.` : "";
  if (others.length === 0) {
    return (
      (workflows.length === 1 ? "The one workflow is ready." : `All ${workflows.length} workflows are ready.`) + lost
    );
  }
  const rest = others.map((state) => `${of(state)} ${lookOfHeadline(state).word.toLowerCase()}`).join(", ");
  return `${ready} of ${counted(workflows.length, "workflow")} ready; ${rest}.${lost}`;
}

const givenUp = ({ queues }: Summary): number => (queues ? queues.dead + queues.undelivered : 0);

function row(one: Summary, nowMs: number, picture: Html): Html {
  const base = one.name === FOUNDATION;
  const trouble = one.state === "ready" || one.state === "reconciling" ? undefined : one.message;
  return html`<tr>
<th scope="row"><a href="/workflows/${encodeURIComponent(one.name)}">${base ? "Foundation" : one.name}</a>${!base && html`<small class="file">${one.file}</small>`}</th>
<td data-label="State">${badge(lookOfHeadline(one.state))}${trouble && html`<small class="why">${sentence(trouble)}</small>`}</td>
<td data-label="Last pass" class="time">${one.lastPass === undefined ? html`<span class="muted">not yet</span>` : ago(one.lastPass, nowMs)}</td>
<td data-label="Drift since start">${drift(one)}</td>
<td data-label="Files">${files(one)}</td>
<td data-label="Queues over time">${picture}</td>
</tr>
`;
}

function drift({ drift: { detected, open, repaired } }: Summary): Html {
  if (detected === 0 && open === 0) return html`<span class="muted">none</span>`;
  return html`${open > 0 && html`<strong>${open} open</strong><br>`}${detected} detected<br>${repaired} repaired`;
}

function files(one: Summary): Html {
  if (!one.queues) return html`<span class="muted">–</span>`;
  const { inFlight, queued } = one.queues;
  const idle = queued + inFlight === 0;
  const lost = givenUp(one);
  return html`${idle ? html`<span class="muted">none waiting</span>` : `${queued} waiting, ${inFlight} in work`}${lost > 0 && html`<br><strong class="lost">${lost} given up</strong>`}`;
}

/** Samples of all steps, added up; steps are looked at one after the other, in the same rounds. */
function together(steps: readonly StepSamples[]): QueueSample[] {
  const [first, ...others] = steps.map((one) => one.samples);
  return (first ?? []).map((sample, index) => {
    // Counted from the end: a step that came later has fewer.
    const back = first!.length - index;
    const same = others.flatMap((samples) => samples.at(-back) ?? []);
    return { at: sample.at, ...sumOf([sample, ...same]) };
  });
}

function problems({ problems }: DaemonStatus): Html | false {
  if (problems.length === 0) return false;
  return html`<section aria-labelledby="problems" class="card">
<h2 id="problems">Files with problems</h2>
<ul class="problems">
${problems.map(
  (one) =>
    html`<li><span class="${one.severity === "error" ? "lost" : "muted"}">${one.severity}</span> <code>${one.file}:${one.line}:${one.column}</code> ${one.path !== "" && html`<code>${one.path}</code>`} ${one.message}${one.stillInForce !== undefined && html` <span class="muted">The last good version of ${one.stillInForce} stays in force.</span>`}</li>`,
)}
</ul>
</section>`;
}

function leftovers({ leftovers }: DaemonStatus): Html | false {
  if (leftovers.length === 0) return false;
  return html`<section aria-labelledby="leftovers" class="card">
<h2 id="leftovers">Left of removed files</h2>
<ul>
${leftovers.map((one) => html`<li><code>${one.key === "" ? one.workflow : one.key}</code> ${one.why}</li>`)}
</ul>
</section>`;
}
