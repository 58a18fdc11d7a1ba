/** HTTP for operators: page, API, health and metrics. */
import fastify, { type FastifyInstance } from "fastify";
import type { SentCall } from "../aws/clients.ts";
import type { Clock, Log } from "../core/ports.ts";
import type { Data } from "../data/data.ts";
import type { QueueSamples } from "../data/queue-samples.ts";
import type { Engine } from "../engine/engine.ts";
import { createActions } from "./actions.ts";
import { serveApi } from "./api/api.ts";
import { createDriftTally } from "./drift-tally.ts";
import { createEventStream } from "./event-stream.ts";
import { createMetrics } from "./metrics.ts";
import { type PageFiles, servePage } from "./page/page.ts";
import { createReach } from "./reach.ts";
import { createStepStates } from "./step-states.ts";

export interface ServerDeps {
  readonly engine: Pick<Engine, "status" | "history" | "subscribe" | "queue" | "reconcileNow">;
  readonly data: Pick<Data, "of">;
  readonly samples: Pick<QueueSamples, "of" | "latest" | "subscribe">;
  readonly clock: Clock;
  readonly log: Log;
  readonly version: string;
  readonly pageFiles: PageFiles;
}

export interface ServerOptions {
  /** 0 takes a free one. */
  readonly port: number;
  /** @default "127.0.0.1" */
  readonly host?: string | undefined;
  /** Who knows it may act; undefined: nobody may. */
  readonly token?: string | undefined;
}

export interface Server {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** To be told of each attempt of each AWS request. */
  awsCall(call: SentCall): void;
  stop(): Promise<void>;
}

/** @throws when the port is taken */
export async function startServer(deps: ServerDeps, options: ServerOptions): Promise<Server> {
  const { clock, data, engine, log, samples, version } = deps;
  const { host = "127.0.0.1", port, token } = options;
  const events = createEventStream(clock);
  const tally = createDriftTally();
  const reach = createReach();
  const metrics = createMetrics(engine, samples);
  const common = {
    ...{ engine, samples, tally, reach },
    states: createStepStates({ data, clock, log }),
    actions: createActions({ engine, data, token }),
  };

  const app = fastify({ logger: false, forceCloseConnections: true });
  protect(app, host);
  app.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    const code = error.statusCode ?? 500;
    if (code >= 500) log.error({ url: request.url, error: String(error) }, "a request failed");
    return reply
      .code(code)
      .send({ error: code >= 500 ? "something went wrong here; the log says what" : error.message });
  });
  serveApi(app, { ...common, version });
  servePage(app, { ...common, clock, version, files: deps.pageFiles });
  app.get("/metrics", async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()));
  // Fastify would answer a HEAD with a stream that never ends.
  app.get("/api/v1/events", { exposeHeadRoute: false }, (_request, reply) => {
    if (!events.open) return reply.code(503).send({ error: "too many listen already, or this daemon stops" });
    reply.hijack();
    events.add(reply.raw, reply.getHeaders());
  });

  const unsubscribes = [
    engine.subscribe((event) => {
      tally.heard(event);
      events.heard(event);
    }),
    samples.subscribe(() => events.changed()),
  ];
  const url = await app.listen({ port, host });
  return {
    url,
    awsCall(call) {
      metrics.awsCall(call);
      reach.heard(call);
    },
    async stop() {
      for (const unsubscribe of unsubscribes) unsubscribe();
      events.stop();
      await app.close();
    },
  };
}

/** Nothing is loaded from elsewhere, nothing runs inline, nobody frames the page. */
const POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

function protect(app: FastifyInstance, host: string): void {
  const local = isLoopback(host);
  app.addHook("onRequest", async (request, reply) => {
    reply.headers({
      "content-security-policy": POLICY,
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      "cross-origin-resource-policy": "same-origin",
      "cross-origin-opener-policy": "same-origin",
      "cache-control": "no-store",
    });
    // A web site whose name was made to point to this machine would read what is meant for those who sit at it.
    if (local && !isLoopback(request.hostname)) {
      return reply.code(421).send({ error: `this is ${host}; "${request.hostname}" is not served here` });
    }
  });
}

const isLoopback = (host: string): boolean => /^(localhost|127(\.\d+){3}|\[?::1\]?)$/i.test(host);
