/** JSON lines on standard output, which is the task's log. What concerns a file carries its key as `file`. */
import type { Clock, Log } from "../src/core/ports.ts";

export function createLog(
  deps: { readonly clock: Clock; readonly write: (line: string) => void },
  own: object = {},
): Log {
  const at = (level: string) => (fields: object, message: string) => {
    const time = new Date(deps.clock.now()).toISOString();
    deps.write(`${JSON.stringify({ time, level, ...own, ...fields, message })}\n`);
  };
  return {
    // A worker's log is paid for by its length.
    debug: () => {},
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    child: (fields) => createLog(deps, { ...own, ...fields }),
  };
}
