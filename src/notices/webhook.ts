/**
 * Sends lines of text to a webhook as Slack takes them. Lines that come close together are one message; what could not be
 * delivered is tried again, with what came meanwhile.
 */
import { backoffMs } from "../core/backoff.ts";
import type { Clock, Log, Random } from "../core/ports.ts";

export interface Webhook {
  /** @param taken called once the webhook has taken the last of them, and whatever came before */
  add(lines: readonly string[], taken?: () => void): void;
  /** One last try for what waits, unless the one before it failed: who is stopped is given little time. */
  stop(): Promise<void>;
}

export interface WebhookDeps {
  /** Whoever knows it may write there: it is never logged. */
  readonly url: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: Random;
  readonly fetch: typeof fetch;
}

/** Between two messages, milliseconds: Slack takes one a second, people fewer. */
const BETWEEN_MS = 10_000;
/** Lines that belong together come within this time, milliseconds. */
const GATHER_MS = 2_000;
/** A request without an answer is given up, milliseconds. */
const TIMEOUT_MS = 10_000;
/** Lines a message; Slack cuts a text at 40,000 characters. */
const LINES = 20;
const LINE_CHARACTERS = 1_000;
/** What waits for a webhook that does not answer; beyond, the oldest are lost, and it is said. */
const MOST_WAITING = 500;

interface Line {
  readonly text: string;
  readonly taken?: () => void;
}

export function createWebhook({ url, clock, log, random, fetch }: WebhookDeps): Webhook {
  let waiting: Line[] = [];
  let lost = 0;
  let failures = 0;
  let retryMs = 0;
  let lastSentAt = -BETWEEN_MS;
  let cancel: (() => void) | undefined;
  let sending: Promise<void> | undefined;
  let stopped = false;

  function sendIn(ms: number): void {
    if (stopped || sending || cancel) return;
    cancel = clock.after(ms, () => {
      cancel = undefined;
      sending = send().finally(() => {
        sending = undefined;
        if (waiting.length > 0) sendIn(failures === 0 ? BETWEEN_MS : retryMs);
      });
    });
  }

  async function send(): Promise<void> {
    // Taken out while they are on their way: what waits meanwhile may be cut.
    const lines = waiting.splice(0, LINES);
    const dropped = lost;
    lost = 0;
    const answer = await post(textOf(lines, dropped)).catch((error: Error) => error);
    lastSentAt = clock.monotonic();
    const failure = failureOf(answer);
    if (failure) {
      waiting.unshift(...lines);
      lost += dropped;
      failures++;
      retryMs = Math.max(failure.waitMs, backoffMs(failures, random()));
      log.warn({ error: failure.why, notices: waiting.length }, "notices could not be sent yet");
      return;
    }
    const { ok, status } = answer as Response;
    if (ok) for (const { taken } of lines) taken?.();
    else log.warn({ status, notices: lines.length }, "the webhook refuses notices");
    failures = 0;
  }

  async function post(text: string): Promise<Response> {
    const giveUp = new AbortController();
    const inTime = clock.after(TIMEOUT_MS, () => giveUp.abort(new Error(`no answer within ${TIMEOUT_MS / 1_000} s`)));
    try {
      const answer = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ text }),
        signal: giveUp.signal,
      });
      await answer.body?.cancel();
      return answer;
    } finally {
      inTime();
    }
  }

  return {
    add(lines, taken) {
      if (lines.length === 0) return;
      waiting.push(
        ...lines.map((line, index) => ({
          text: line.length > LINE_CHARACTERS ? `${line.slice(0, LINE_CHARACTERS - 1)}…` : line,
          ...(taken && index === lines.length - 1 ? { taken } : {}),
        })),
      );
      const tooMany = Math.max(0, waiting.length - MOST_WAITING);
      waiting = waiting.slice(tooMany);
      lost += tooMany;
      sendIn(Math.max(GATHER_MS, lastSentAt + BETWEEN_MS - clock.monotonic()));
    },
    async stop() {
      stopped = true;
      cancel?.();
      await sending;
      if (waiting.length > 0 && failures === 0) await send();
    },
  };
}

/** Slack reads these three as its own marks. */
const escaped = (text: string): string => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

function textOf(lines: readonly Line[], lost: number): string {
  const gone = lost > 0 ? [`(${lost} earlier notices could not be delivered)`] : [];
  return [...gone, ...lines.map(({ text }) => escaped(text))].join("\n");
}

/** A refusal that would be one again is none: trying again would not help. */
function failureOf(answer: Response | Error): { readonly why: string; readonly waitMs: number } | undefined {
  if (answer instanceof Error) return { why: answer.message, waitMs: 0 };
  const { headers, status } = answer;
  if (status < 500 && status !== 429 && status !== 408) return undefined;
  const seconds = Number(headers.get("retry-after") ?? 0);
  return { why: `HTTP ${status}`, waitMs: Number.isFinite(seconds) ? seconds * 1_000 : 0 };
}
