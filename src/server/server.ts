/** HTTP for operators: health, metrics, and the status as JSON. Reads only. */
import fastify from "fastify";
import type { Engine } from "../engine/engine.ts";
import type { Metrics } from "./metrics.ts";

export interface ServerOptions {
  readonly engine: Pick<Engine, "status" | "history">;
  readonly metrics: Metrics;
  /** 0 takes a free one. */
  readonly port: number;
  /** @default "127.0.0.1" */
  readonly host?: string;
}

export interface Server {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  stop(): Promise<void>;
}

/** @throws when the port is taken */
export async function startServer({ engine, metrics, port, host = "127.0.0.1" }: ServerOptions): Promise<Server> {
  const app = fastify({ logger: false });
  app.get("/healthz", async () => ({ alive: true }));
  app.get("/readyz", async (_request, reply) => {
    const status = engine.status();
    const waiting = status.workflows.filter((one) => one.lastPass === undefined).map((one) => one.name);
    const ready = !status.stopping && status.folderProblem === undefined && waiting.length === 0;
    return reply.code(ready ? 200 : 503).send({ ready, waiting, folderProblem: status.folderProblem });
  });
  app.get("/metrics", async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()));
  app.get("/api/v1/status", async () => engine.status());
  app.get<{ Params: { name: string } }>("/api/v1/workflows/:name", async ({ params }, reply) => {
    const found = engine.status().workflows.find((one) => one.name === params.name);
    return found ?? reply.code(404).send({ error: `no workflow is named "${params.name}"` });
  });
  app.get<{ Params: { name: string } }>("/api/v1/workflows/:name/history", ({ params }) => engine.history(params.name));
  const url = await app.listen({ port, host });
  return { url, stop: () => app.close() };
}
