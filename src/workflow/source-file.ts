/** A file as it lies on the disk, before anything is believed of it. */
import type { Problem } from "./problem.ts";

export interface SourceFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** By it the daemon knows its folder again. It lies among the workflow files and is none. */
export const MARKER = "pipewright-folder.json";

/** A workflow has about a kilobyte; a larger file than this is something else that ended up in the folder. */
export const MAX_FILE_BYTES = 1024 * 1024;

/** The file's text, without a byte order mark, or the reason why it has none. */
export function decode(source: SourceFile): { text: string } | { problem: Problem } {
  const { bytes } = source;
  const problem = (message: string, line = 1, column = 1): { problem: Problem } => ({
    problem: { file: source.path, line, column, path: "", message, severity: "error" },
  });
  if (bytes.length > MAX_FILE_BYTES) {
    return problem(`has more than the ${MAX_FILE_BYTES} bytes allowed; a workflow has about a thousand`);
  }
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    return problem("is encoded in UTF-16; save it as UTF-8");
  }
  if (bytes.includes(0)) return problem("is a binary file; a JSON file is expected here");
  const text = decodeUtf8(bytes);
  if (text === undefined) {
    const before = new TextDecoder().decode(bytes.subarray(0, lengthOfUtf8(bytes)), { stream: true });
    const lines = before.split(/\r\n|\n|\r/);
    return problem("is not UTF-8 from here on; save the file as UTF-8", lines.length, lines.at(-1)!.length + 1);
  }
  if (text.trim() === "") return problem("is empty; begin with one of the examples in pipelines/");
  return { text };
}

function decodeUtf8(bytes: Uint8Array, partial = false): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: partial });
  } catch {
    return undefined;
  }
}

/** How many bytes at the beginning are UTF-8, found by halving: a bad byte spoils every longer beginning. */
function lengthOfUtf8(bytes: Uint8Array): number {
  let good = 0;
  let bad = bytes.length + 1;
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (decodeUtf8(bytes.subarray(0, middle), true) === undefined) bad = middle;
    else good = middle;
  }
  return good;
}
