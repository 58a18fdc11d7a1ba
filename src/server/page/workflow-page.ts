/** `/workflows/NAME`: everything about one. */
import { FOUNDATION } from "../../core/resource.ts";
import type { StepState } from "../../data/data.ts";
import type { StepSamples } from "../../data/queue-samples.ts";
import type { HistoryEntry } from "../../engine/history.ts";
import type { WorkflowStatus } from "../../engine/status.ts";
import { headlineCondition, type Summary } from "../overview.ts";
import { actionsSection } from "./actions-section.ts";
import { copyable, quoted } from "./copyable.ts";
import { differences } from "./differences.ts";
import { historySection } from "./history-section.ts";
import { type Html, html } from "./html.ts";
import { resourcesSection } from "./resources-section.ts";
import { stepsSection } from "./steps-section.ts";
import { ago, badge, counted, duration, lookOfHeadline, sentence } from "./words.ts";

export interface WorkflowView {
  readonly workflow: WorkflowStatus;
  readonly foundation: WorkflowStatus | undefined;
  readonly summary: Summary;
  /** Undefined where AWS was not asked or did not answer in time. */
  readonly states: readonly StepState[] | undefined;
  readonly samples: readonly StepSamples[];
  /** Oldest first. */
  readonly history: readonly HistoryEntry[];
  readonly mayAct: boolean;
  /** What came of a button that was pressed. */
  readonly notice?: { readonly tone: "good" | "bad"; readonly text: string };
  readonly nowMs: number;
}

export function workflowPage(view: WorkflowView): Html {
  const { foundation, history, nowMs, notice, samples, states, workflow } = view;
  const shared = workflow.name === FOUNDATION;
  return html`<p class="crumb"><a href="/">Workflows</a> <span aria-hidden="true">/</span></p>
${notice && html`<p class="banner ${notice.tone}" role="${notice.tone === "bad" ? "alert" : "status"}">${notice.text}</p>`}
<div id="head" data-live>${head(view, shared)}</div>
<div id="differences" data-live>${differences(workflow, nowMs)}</div>
${!shared && html`<div id="steps" data-live>${stepsSection(workflow.name, states, samples)}</div>`}
${workflow.buckets && html`<div class="pair">${buckets(workflow.name, workflow.buckets)}${actionsSection(view)}</div>`}
<div id="resources" data-live>${resourcesSection(workflow, foundation)}</div>
<div id="history" data-live>${historySection(workflow.name, history, nowMs)}</div>
<div id="conditions" data-live>${conditions(workflow, nowMs)}</div>`;
}

function head({ nowMs, summary, workflow }: WorkflowView, shared: boolean): Html {
  const why = headlineCondition(workflow);
  const { drift } = summary;
  return html`<div class="title"><h1>${shared ? "Foundation" : workflow.name}</h1>${badge(lookOfHeadline(summary.state))}</div>
<p class="lead" data-say>${shared && "Shared by all workflows. "}${sentence(summary.message)}${why && html` <span class="muted">For ${duration(nowMs - Date.parse(why.since))}.</span>`}</p>
<dl class="facts">
${!shared && html`<div><dt>File</dt><dd><code>${workflow.file}</code></dd></div>`}
<div><dt>Resources</dt><dd>${workflow.keys.length}</dd></div>
<div><dt>Last pass</dt><dd>${summary.lastPass === undefined ? "not yet" : ago(summary.lastPass, nowMs)}</dd></div>
<div><dt>Next pass</dt><dd>${summary.nextPassMs === undefined ? "when something asks for it" : `in ${duration(summary.nextPassMs)}`}</dd></div>
<div><dt>Drift since start</dt><dd>${drift.detected} detected, ${drift.repaired} repaired</dd></div>
</dl>
${workflow.problems.length > 0 && html`<ul class="problems">${workflow.problems.map((one) => html`<li><code>${one.file}:${one.line}:${one.column}</code> ${one.path !== "" && html`<code>${one.path}</code>`} ${one.message}</li>`)}</ul>`}`;
}

function buckets(name: string, { input, output, prefix, suffix }: NonNullable<WorkflowStatus["buckets"]>): Html {
  const wanted = [
    prefix === "" ? undefined : html`begin with <code>${prefix}</code>`,
    suffix === "" ? undefined : html`end with <code>${suffix}</code>`,
  ].filter((one) => one !== undefined);
  return html`<section aria-labelledby="files" class="card">
<h2 id="files">Files in, results out</h2>
<dl class="facts">
<div><dt>Upload to</dt><dd><code>${input}</code></dd></div>
<div><dt>Results in</dt><dd><code>${output}</code></dd></div>
</dl>
${wanted.length > 0 && html`<p>Names ${wanted.length === 2 ? html`${wanted[0]} and ${wanted[1]}` : wanted[0]}; others are not taken.</p>`}
${copyable("upload", `pipewright upload ${quoted(name)} FILE…`, "With Pipewright")}
${copyable("cp", `aws s3 cp FILE ${quoted(`s3://${input}/${prefix}`)}`, "With the AWS command line")}
${copyable("results", `pipewright results ${quoted(name)} --download ./results`, "Fetch results")}
</section>`;
}

function conditions({ conditions }: WorkflowStatus, nowMs: number): Html {
  return html`<section aria-labelledby="conditions-title" class="card">
<h2 id="conditions-title">Conditions</h2>
<div class="scroll" role="region" aria-label="Table of conditions" tabindex="0">
<table class="cards">
<caption class="unseen">${counted(conditions.length, "condition")}, each with its reason</caption>
<thead><tr><th scope="col">Type</th><th scope="col">Status</th><th scope="col">Reason</th><th scope="col">Message</th><th scope="col">Since</th></tr></thead>
<tbody>
${conditions.map((one) => html`<tr><th scope="row">${one.type}</th><td data-label="Status">${one.status}</td><td data-label="Reason">${one.reason}</td><td data-label="Message" class="prose">${one.message}</td><td data-label="Since" class="time">${ago(one.since, nowMs)}</td></tr>\n`)}
</tbody>
</table>
</div>
</section>`;
}
