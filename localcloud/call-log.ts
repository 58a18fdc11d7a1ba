import { globMatcher } from "./glob.ts";

export interface LoggedCall {
  /** By the world's clock, milliseconds since the epoch. */
  readonly at: number;
  readonly service: string;
  readonly operation: string;
  /** Not a Get, List, Describe, Head or other read. */
  readonly write: boolean;
  /** HTTP status; 0 where the connection was broken instead of an answer. */
  readonly status: number;
  /** The error's name. */
  readonly error?: string;
  /** Access key id that the call was signed with. */
  readonly accessKeyId?: string;
  /** The ARN that the call is about, as far as its input tells. */
  readonly resource?: string;
  /** The input as JSON, cut to a few hundred characters. */
  readonly input: string;
}

export interface CallFilter {
  /** Service id, `*` allowed. */
  readonly service?: string;
  /** Operation name, `*` allowed. */
  readonly operation?: string;
  readonly write?: boolean;
}

export interface CallLog {
  add(call: LoggedCall): void;
  /** The oldest first; at most the last {@link LOG_LIMIT}. */
  list(filter?: CallFilter): LoggedCall[];
  /** Since the last `clear`, by `service:operation`. Not bounded by the length of the log. */
  counts(): Record<string, number>;
  /** How many calls of the log match. */
  count(filter?: CallFilter): number;
  clear(): void;
}

/** Calls that the log holds; older ones are forgotten. */
export const LOG_LIMIT = 50_000;

export function createCallLog(): CallLog {
  let calls: LoggedCall[] = [];
  let counts = new Map<string, number>();
  const list = (filter: CallFilter = {}) => calls.filter(callMatcher(filter));
  return {
    add(call) {
      calls.push(call);
      // Cut in halves, so that a full log does not pay for it at every call.
      if (calls.length >= 2 * LOG_LIMIT) calls = calls.slice(-LOG_LIMIT);
      const key = `${call.service}:${call.operation}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    },
    list: (filter) => list(filter).slice(-LOG_LIMIT),
    counts: () => Object.fromEntries([...counts].sort(([left], [right]) => left.localeCompare(right))),
    count: (filter) => list(filter).length,
    clear: () => {
      calls = [];
      counts = new Map();
    },
  };
}

function callMatcher(filter: CallFilter): (call: LoggedCall) => boolean {
  const matchesService = globMatcher(filter.service ?? "*");
  const matchesOperation = globMatcher(filter.operation ?? "*");
  return (call) =>
    matchesService(call.service) &&
    matchesOperation(call.operation) &&
    (filter.write === undefined || filter.write === call.write);
}

export function isRead(operation: string): boolean {
  return /^(Get|List|Describe|Head|BatchGet|Lookup|Search|Select|Filter|Simulate|Test|Validate|Preview)/.test(
    operation,
  );
}

/** Bytes and long texts are named by their length: the log is for reading. */
export function summarize(input: Record<string, unknown>): string {
  const json = JSON.stringify(input, (_key, value: unknown) => {
    if (typeof value === "string" && value.length > LONGEST_TEXT) return `${value.slice(0, LONGEST_TEXT)}…`;
    if (typeof value === "bigint") return Number(value);
    if (value instanceof Uint8Array) return `<${value.byteLength} bytes>`;
    if (isBytes(value)) return `<${"size" in value ? value.size : value.data.length} bytes>`;
    return value;
  });
  return json.length > LONGEST_INPUT ? `${json.slice(0, LONGEST_INPUT)}…` : json;
}

const LONGEST_TEXT = 200;
const LONGEST_INPUT = 600;

/** A streamed body, or a Buffer, which JSON.stringify has already turned into `{type, data}`. */
function isBytes(value: unknown): value is { size: number } | { data: unknown[] } {
  if (typeof value !== "object" || value === null) return false;
  return ("open" in value && "size" in value) || ("type" in value && value.type === "Buffer");
}
