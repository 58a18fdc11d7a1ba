import type { IncomingHttpHeaders } from "node:http";
import type { OperationShape } from "./shape.ts";

/** Finds the operation of a REST call, and the values of its path's labels. */
export interface Route {
  readonly operation: OperationShape;
  readonly labels: Readonly<Record<string, string>>;
}

export interface RestCall {
  readonly method: string;
  /** Percent-encoded, without the bucket. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** S3 only: its path templates leave the bucket out. */
  readonly bucket: string | undefined;
}

export type Router = (call: RestCall) => Route | undefined;

interface Candidate {
  readonly operation: OperationShape;
  readonly method: string;
  readonly segments: readonly string[];
  readonly greedy: boolean;
  /** Query parameters that the template fixes; `x-id` apart, which only JavaScript's SDK sends. */
  readonly literals: readonly (readonly [name: string, value: string])[];
  readonly id: string | undefined;
  readonly requiredQueries: readonly string[];
  readonly requiredHeaders: readonly string[];
  readonly needsBucket: boolean;
}

export function buildRouter(operations: Iterable<OperationShape>): Router {
  const byMethod = new Map<string, Candidate[]>();
  for (const operation of operations) {
    const candidate = readCandidate(operation);
    if (candidate) byMethod.set(candidate.method, [...(byMethod.get(candidate.method) ?? []), candidate]);
  }
  return (call) => {
    const segments = call.path.split("/").slice(1);
    let best: Candidate | undefined;
    let bestScore = -1;
    for (const candidate of byMethod.get(call.method) ?? []) {
      if (!matches(candidate, segments, call)) continue;
      const score = rate(candidate, call.query);
      if (score > bestScore) {
        best = candidate;
        bestScore = score;
      }
    }
    return best && { operation: best.operation, labels: readLabels(best, segments) };
  };
}

function readCandidate(operation: OperationShape): Candidate | undefined {
  const { http } = operation.traits;
  if (!http) return undefined;
  const [path, search] = http[1].split("?");
  const literals = [...new URLSearchParams(search)];
  const required = (operation.input?.members ?? []).filter((member) => member.required);
  return {
    operation,
    method: http[0],
    segments: path!.split("/").slice(1),
    greedy: path!.includes("+}"),
    literals: literals.filter(([name]) => name !== "x-id"),
    id: literals.find(([name]) => name === "x-id")?.[1],
    requiredQueries: required.flatMap((member) => member.traits.httpQuery ?? []),
    requiredHeaders: required.flatMap((member) => member.traits.httpHeader?.toLowerCase() ?? []),
    needsBucket:
      operation.input?.members.some((member) => member.name === "Bucket" && member.traits.httpLabel) ?? false,
  };
}

function matches(candidate: Candidate, segments: readonly string[], call: RestCall): boolean {
  if (candidate.needsBucket !== (call.bucket !== undefined)) return false;
  const pattern = candidate.segments;
  if (candidate.greedy ? segments.length < pattern.length : segments.length !== pattern.length) return false;
  for (const [index, part] of pattern.entries()) {
    const actual = valueAt(part, index, segments);
    if (part.startsWith("{") ? actual === "" : part !== actual) return false;
  }
  return (
    candidate.literals.every(([name, value]) => call.query.get(name) === value) &&
    candidate.requiredQueries.every((name) => call.query.has(name)) &&
    candidate.requiredHeaders.every((name) => call.headers[name] !== undefined)
  );
}

/** The more a template asks for and gets, the better it fits; `x-id` decides what is left. */
function rate(candidate: Candidate, query: URLSearchParams): number {
  const fixed = candidate.segments.filter((part) => !part.startsWith("{")).length;
  const named = candidate.literals.length + candidate.requiredQueries.length + candidate.requiredHeaders.length;
  const identified = candidate.id !== undefined && query.get("x-id") === candidate.id;
  return fixed * 100 + named * 2 + (identified ? 1 : 0);
}

function readLabels(candidate: Candidate, segments: readonly string[]): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const [index, part] of candidate.segments.entries()) {
    if (!part.startsWith("{")) continue;
    labels[part.replace(/^\{|\+?\}$/g, "")] = decodeURIComponent(valueAt(part, index, segments));
  }
  return labels;
}

/** A greedy label takes the rest of the path, slashes and all. */
function valueAt(part: string, index: number, segments: readonly string[]): string {
  return part.endsWith("+}") ? segments.slice(index).join("/") : segments[index]!;
}
