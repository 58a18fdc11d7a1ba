/** The operator's page: rendered here, readable without JavaScript, and kept up to date by a small script where there is some. */
import type { FastifyInstance, FastifyReply } from "fastify";
import type { Clock } from "../../core/ports.ts";
import { FOUNDATION } from "../../core/resource.ts";
import type { Redriven } from "../../data/data.ts";
import type { Asked } from "../actions.ts";
import type { RouteDeps } from "../api/routes.ts";
import { summaryOf, unknownWorkflow, workflowOf } from "../overview.ts";
import { html } from "./html.ts";
import { frame } from "./layout.ts";
import { overviewPage } from "./overview-page.ts";
import { counted } from "./words.ts";
import { type WorkflowView, workflowPage } from "./workflow-page.ts";

/** What a page loads besides itself. */
export interface PageFiles {
  readonly "page.css": string;
  readonly "page.js": string;
  readonly "favicon.svg": string;
}

export interface PageDeps extends RouteDeps {
  readonly clock: Clock;
  readonly version: string;
  readonly files: PageFiles;
}

const TYPES = { "page.css": "text/css", "page.js": "text/javascript", "favicon.svg": "image/svg+xml" } as const;

/** Bytes of a form: a token, and room to spare. */
const FORM_BYTES = 4_096;

type Named = { Params: { name: string } };

export function servePage(app: FastifyInstance, deps: PageDeps): void {
  const { actions, clock, engine, files, samples, version } = deps;
  const form = { parseAs: "string", bodyLimit: FORM_BYTES } as const;
  app.addContentTypeParser("application/x-www-form-urlencoded", form, (_request, body, done) =>
    done(null, Object.fromEntries(new URLSearchParams(String(body)))),
  );

  const send = (reply: FastifyReply, code: number, text: string): FastifyReply =>
    reply.code(code).type("text/html; charset=utf-8").send(text);

  for (const [name, type] of Object.entries(TYPES)) {
    app.get(`/page/${name}`, async (_request, reply) =>
      reply.type(`${type}; charset=utf-8`).send(files[name as keyof PageFiles]),
    );
  }

  app.get("/", async (_request, reply) => {
    const status = engine.status();
    const body = overviewPage({
      status,
      workflows: status.workflows.map((one) => summaryOf(one, deps)),
      foundation: status.foundation && summaryOf(status.foundation, deps),
      samplesOf: (workflow) => samples.of(workflow),
      nowMs: clock.now(),
    });
    return send(reply, 200, frame({ title: "Workflows · Pipewright", status, version, body, home: true }));
  });

  app.get<Named & { Querystring: { done?: string } }>("/workflows/:name", ({ params, query }, reply) => {
    const notice = query.done === "reconcile" ? ({ tone: "good", text: "A pass was asked for." } as const) : undefined;
    return showWorkflow(reply, params.name, 200, notice);
  });

  // Where a form was answered, the page is kept up to date, and reloaded, by its own address.
  for (const action of ["reconcile", "redrive"]) {
    app.get<Named>(`/workflows/:name/${action}`, ({ params }, reply) => reply.redirect(pageOf(params.name), 303));
  }

  app.post<Named>("/workflows/:name/reconcile", ({ body, params }, reply) => {
    if (!actions.allows(tokenOf(body))) return refuse(reply, params.name);
    const asked = actions.reconcile(params.name);
    if (asked.is !== "done") return showWorkflow(reply, params.name, 409, { tone: "bad", text: asked.why });
    return reply.redirect(`${pageOf(params.name)}?done=reconcile`, 303);
  });

  app.post<Named>("/workflows/:name/redrive", async ({ body, params }, reply) => {
    if (!actions.allows(tokenOf(body))) return refuse(reply, params.name);
    const asked = await actions.redrive(params.name);
    return showWorkflow(reply, params.name, asked.is === "done" ? 200 : 409, redriveNotice(asked));
  });

  const refuse = (reply: FastifyReply, name: string): Promise<FastifyReply> => {
    const text = actions.enabled ? "That is not the token. Nothing was done." : "This page is read-only.";
    return showWorkflow(reply, name, 403, { tone: "bad", text });
  };

  async function showWorkflow(
    reply: FastifyReply,
    name: string,
    code: number,
    notice?: WorkflowView["notice"],
  ): Promise<FastifyReply> {
    const status = engine.status();
    const workflow = workflowOf(status, name);
    if (!workflow) {
      const body = html`<h1>Not here</h1><p class="lead">${unknownWorkflow(name)}.</p><p><a href="/">All workflows</a></p>`;
      return send(reply, 404, frame({ title: "Not here · Pipewright", status, version, body }));
    }
    const [states, history] = await Promise.all([
      name === FOUNDATION ? undefined : deps.states.of(name),
      engine.history(name),
    ]);
    const body = workflowPage({
      ...{ workflow, states, history },
      foundation: status.foundation,
      summary: summaryOf(workflow, deps),
      samples: samples.of(name),
      mayAct: actions.enabled,
      ...(notice ? { notice } : {}),
      nowMs: clock.now(),
    });
    return send(reply, code, frame({ title: `${name} · Pipewright`, status, version, body }));
  }
}

const pageOf = (name: string): string => `/workflows/${encodeURIComponent(name)}`;

/** Nothing that a browser sends along by itself opens anything: whoever makes it send a form must know the token. */
function tokenOf(body: unknown): string | undefined {
  const { token } = (body ?? {}) as { token?: unknown };
  return typeof token === "string" ? token : undefined;
}

function redriveNotice(asked: Asked<Redriven>): NonNullable<WorkflowView["notice"]> {
  if (asked.is !== "done") return { tone: "bad", text: asked.why };
  const sum = (of: Readonly<Record<string, number>>): number =>
    Object.values(of).reduce((total, one) => total + one, 0);
  const count = sum(asked.result.moved) + sum(asked.result.delivered);
  const hidden = sum(asked.result.hidden);
  const moved = `${counted(count, "file")} in the queue again.`;
  if (hidden > 0) {
    const why = "somebody has just looked there, which hides what is seen for half a minute or so. Try again then.";
    return { tone: "bad", text: `${moved} ${counted(hidden, "message")} stayed: ${why}` };
  }
  return { tone: "good", text: count === 0 ? "Nothing was given up, so nothing was tried again." : moved };
}
