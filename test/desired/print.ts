/** Desired sets as text that a person can review. */

import { isRef } from "../../src/core/refs.ts";
import type { Desired } from "../../src/core/resource.ts";

/** Keys with their claim and needs; with `specs`, every field too. */
export const print = (desired: readonly Desired[], { specs }: { readonly specs: boolean }): string =>
  desired.map((one) => [head(one), ...(specs ? body(one.spec, "    ") : [])].join("\n") + "\n").join(specs ? "\n" : "");

function head({ key, claim, needs }: Desired): string {
  const after = needs.map((need) => `\n  after ${need}`).join("");
  return `${key}${claim === "own" ? "" : ` (${claim})`}${after}`;
}

function body(value: unknown, indent: string): string[] {
  return Object.entries(value as object).flatMap(([name, inner]) => {
    const line = short(inner);
    if (line !== undefined) return [`${indent}${name}: ${line}`];
    if (typeof inner === "string") return [`${indent}${name}:`, ...text(inner, indent)];
    return [`${indent}${name}:`, ...body(inner, `${indent}  `)];
  });
}

/** What fits on a line. */
function short(value: unknown): string | undefined {
  if (isRef(value)) return `<${value.field} of ${value.ref}>`;
  if (typeof value === "string") return value.includes("\n") ? undefined : JSON.stringify(value);
  const json = JSON.stringify(value);
  return typeof value !== "object" || (json.length <= 100 && !json.includes('"ref"')) ? json : undefined;
}

const text = (value: string, indent: string): string[] =>
  value
    .replace(/\n$/, "")
    .split("\n")
    .map((line) => `${indent}| ${line}`);
