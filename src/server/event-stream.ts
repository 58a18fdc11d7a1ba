/** Server-sent events: that something changed, and each entry of the history as it comes. */
import type { ServerResponse } from "node:http";
import type { Clock } from "../core/ports.ts";
import type { EngineEvent } from "../engine/events.ts";

export interface EventStream {
  /** False: too many listen already, or it has stopped. */
  readonly open: boolean;
  /** Takes the answer over until its reader goes. */
  add(answer: ServerResponse, headers: Readonly<Record<string, unknown>>): void;
  heard(event: EngineEvent): void;
  /** Something that the page shows may be different now. */
  changed(): void;
  stop(): void;
}

/** Readers at the same time. */
const READERS = 100;
/** Changes closer together than this are told once, milliseconds. */
const GATHER_MS = 500;
/** Something must be heard from time to time, milliseconds: proxies cut off what is silent for a minute. */
const HEARTBEAT_MS = 20_000;
/** A reader that has not taken so much is cut off, bytes. */
const BEHIND_BYTES = 1024 * 1024;

/** Of these, a reader of the status sees something. */
const SEEN: ReadonlySet<EngineEvent["type"]> = new Set(["status-changed", "pass-started", "pass-done", "history"]);

export function createEventStream(clock: Clock): EventStream {
  const readers = new Set<ServerResponse>();
  let stopped = false;
  let gathering: (() => void) | undefined;
  let cancelHeartbeat: (() => void) | undefined;

  function send(text: string): void {
    for (const reader of readers) {
      if (reader.writableLength > BEHIND_BYTES) reader.destroy();
      else reader.write(text);
    }
  }

  function beat(): void {
    cancelHeartbeat = undefined;
    if (readers.size === 0) return;
    send(": still here\n\n");
    beatLater();
  }

  function beatLater(): void {
    cancelHeartbeat ??= clock.after(HEARTBEAT_MS, beat);
  }

  function changed(): void {
    gathering ??= clock.after(GATHER_MS, () => {
      gathering = undefined;
      send(eventText("changed", {}));
    });
  }

  return {
    get open() {
      return !stopped && readers.size < READERS;
    },
    add(answer, headers) {
      answer.writeHead(200, { ...headers, "content-type": "text/event-stream", "cache-control": "no-store" });
      answer.write("retry: 5000\n\n");
      readers.add(answer);
      beatLater();
      answer.on("close", () => readers.delete(answer));
    },
    heard(event) {
      if (event.type === "history") send(eventText("history", event.entry));
      if (SEEN.has(event.type)) changed();
    },
    changed,
    stop() {
      stopped = true;
      gathering?.();
      cancelHeartbeat?.();
      for (const reader of readers) reader.end();
    },
  };
}

const eventText = (name: string, data: object): string => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
