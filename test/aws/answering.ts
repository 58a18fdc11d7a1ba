/** A server on loopback that answers as it is told, and remembers what it was asked. */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { createAws } from "../../src/aws/aws.ts";
import type { ClientSettings, SentCall } from "../../src/aws/clients.ts";
import { UNLIMITED } from "../../src/aws/limits.ts";
import { systemClock } from "../../src/io/clock.ts";

export interface Asked {
  readonly host: string;
  readonly path: string;
  /** `AmazonSQS.SendMessage`, for services that say so. */
  readonly target: string;
  readonly body: string;
}

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | object;
}

/** "hang up" breaks the connection, "silence" keeps it without a word, "half" stops in the middle of the answer. */
export type Manner = Answer | "hang up" | "silence" | "half";

export async function startAnswering(answer: (asked: Asked, index: number) => Manner) {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    const one = await read(request);
    const answered = answer(one, asked.push(one) - 1);
    if (answered === "silence") return;
    if (answered === "hang up") return request.socket.destroy();
    if (answered === "half") return response.writeHead(200, { "content-length": "100" }).write("{");
    const { body = {}, headers = {}, status = 200 } = answered;
    response.writeHead(status, { "content-type": "application/x-amz-json-1.0", ...headers });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const stops: (() => void)[] = [];
  return {
    endpoint,
    asked,
    /** The product's clients and readers, all sent here. */
    connect(more: Partial<ClientSettings> = {}) {
      const calls: SentCall[] = [];
      const aws = createAws({
        region: "us-east-1",
        endpoint,
        credentials: { accessKeyId: "test", secretAccessKey: "test" },
        clock: systemClock,
        limiter: UNLIMITED,
        onCall: (call) => calls.push(call),
        code: new Map(),
        ...more,
      });
      stops.push(() => {
        for (const client of Object.values(aws.clients)) client.destroy();
      });
      return { aws, clients: aws.clients, calls };
    },
    async stop() {
      for (const stop of stops) stop();
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

async function read(request: IncomingMessage): Promise<Asked> {
  return {
    host: request.headers.host ?? "",
    path: request.url ?? "",
    target: String(request.headers["x-amz-target"] ?? ""),
    body: await text(request),
  };
}
