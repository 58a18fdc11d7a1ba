/** How times, numbers and states read on the page. */
import type { KeyStatus } from "../../engine/status.ts";
import type { Headline } from "../overview.ts";
import { type Html, html } from "./html.ts";

/** A state never speaks by its colour alone: it has a sign and a word. */
interface Look {
  readonly sign: string;
  readonly word: string;
  /** Class of the colours. */
  readonly tone: "good" | "busy" | "warn" | "bad" | "calm";
}

const HEADLINES: Readonly<Record<Headline, Look>> = {
  ready: { sign: "✓", word: "Ready", tone: "good" },
  reconciling: { sign: "↻", word: "Reconciling", tone: "busy" },
  incomplete: { sign: "…", word: "Not ready", tone: "warn" },
  drifted: { sign: "≠", word: "Drifted", tone: "warn" },
  stalled: { sign: "✕", word: "Stalled", tone: "bad" },
  suspended: { sign: "‖", word: "Suspended", tone: "calm" },
  unknown: { sign: "?", word: "Not looked at yet", tone: "calm" },
};

const RESOURCES: Readonly<Record<KeyStatus["state"], Look>> = {
  synced: { sign: "✓", word: "in sync", tone: "good" },
  pending: { sign: "↻", word: "to be written", tone: "busy" },
  waiting: { sign: "…", word: "waiting", tone: "busy" },
  drifted: { sign: "≠", word: "drifted", tone: "warn" },
  refused: { sign: "✕", word: "refused", tone: "bad" },
  failed: { sign: "✕", word: "failed", tone: "bad" },
  unknown: { sign: "?", word: "not known", tone: "calm" },
};

export const lookOfHeadline = (state: Headline): Look => HEADLINES[state];
export const lookOfResource = (state: KeyStatus["state"]): Look => RESOURCES[state];

export const badge = ({ sign, word, tone }: Look): Html =>
  html`<span class="badge ${tone}"><span aria-hidden="true">${sign}</span> ${word}</span>`;

/** @example counted(1, "file") // "1 file" */
export const counted = (count: number, noun: string, nouns = `${noun}s`): string =>
  `${count.toLocaleString("en")} ${count === 1 ? noun : nouns}`;

/** @example ago("2026-01-01T00:00:00Z", now) // <time>2 min ago</time> */
export function ago(iso: string, nowMs: number): Html {
  const at = Date.parse(iso);
  if (Number.isNaN(at)) return html`${iso}`;
  return html`<time datetime="${iso}" title="${clockText(iso)}">${duration(nowMs - at)} ago</time>`;
}

/** @example clockText("2026-01-01T00:00:00.123Z") // "2026-01-01 00:00:00 UTC" */
export const clockText = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;

const UNITS = [
  [86_400_000, "d"],
  [3_600_000, "h"],
  [60_000, "min"],
] as const;

/** A unit from two of it on: "119 min" says more than "1 h". @example duration(90_000) // "90 s" */
export function duration(ms: number): string {
  const unit = UNITS.find(([size]) => ms >= 2 * size);
  return unit ? `${Math.floor(ms / unit[0])} ${unit[1]}` : `${Math.max(0, Math.round(ms / 1_000))} s`;
}

/** Names at the beginning stay as they are. @example sentence("waiting for queue/a") // "Waiting for queue/a." */
export function sentence(text: string): string {
  const begun = text.replace(/^[a-z]+(?=[\s,]|$)/, (word) => word[0]!.toUpperCase() + word.slice(1));
  return begun === "" || /[.!?]$/.test(begun) ? begun : `${begun}.`;
}

/** Whole, for reading in a table. */
export function valueText(value: unknown): string {
  if (value === undefined || value === null) return "unset";
  return typeof value === "string" ? value : JSON.stringify(value, null, 1);
}
