import type { Readable } from "node:stream";

/**
 * Docker cuts what it sends to CloudWatch into pieces of 16 KiB, and a piece of a JSON line is none. So many characters
 * stay below it with the key beside them, even where each takes six bytes.
 */
const LONGEST_LINE = 2_000;

/** Hands over each line as it comes, long ones in pieces, the last one also without its end. */
export function eachLine(stream: Readable, onLine: (line: string) => void): void {
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) inPieces(line.replace(/\r$/, ""));
    while (rest.length > LONGEST_LINE) {
      onLine(rest.slice(0, LONGEST_LINE));
      rest = rest.slice(LONGEST_LINE);
    }
  });
  stream.on("close", () => {
    if (rest !== "") onLine(rest);
    rest = "";
  });

  function inPieces(line: string): void {
    for (let start = 0; start === 0 || start < line.length; start += LONGEST_LINE) {
      onLine(line.slice(start, start + LONGEST_LINE));
    }
  }
}
