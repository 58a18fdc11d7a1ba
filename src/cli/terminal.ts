/** What a command prints to: colours and tables on a terminal, plain lines elsewhere. */
import { stripVTControlCharacters, styleText } from "node:util";

export interface Terminal {
  /** Standard output is a terminal: colours, and one line that moves. */
  readonly interactive: boolean;
  /** A line for people and pipes, to standard output. */
  line(text?: string): void;
  /** A line to standard error. */
  error(text: string): void;
  /** The one moving line of progress, on standard error; an empty text takes it away. Nothing where it is no terminal. */
  progress(text: string): void;
  /** A text in colour where standard output is a terminal and takes colours. */
  paint(colour: Colour, text: string): string;
}

export type Colour = "red" | "green" | "yellow" | "cyan" | "gray" | "bold";

export interface Stream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export function createTerminal(streams: { out: Stream; err: Stream; noColour: boolean }): Terminal {
  const { out, err } = streams;
  const interactive = out.isTTY === true;
  let moving = false;
  const clear = () => {
    if (moving) err.write("\r\x1b[K");
    moving = false;
  };
  return {
    interactive,
    line(text = "") {
      clear();
      out.write(`${text}\n`);
    },
    error(text) {
      clear();
      // What was painted for standard output may go into a file here.
      err.write(`${err.isTTY ? text : stripVTControlCharacters(text)}\n`);
    },
    progress(text) {
      if (err.isTTY !== true) return;
      clear();
      if (text === "") return;
      err.write(text.slice(0, columnsOf(err) - 1));
      moving = true;
    },
    paint: (colour, text) =>
      interactive && !streams.noColour ? styleText(colour, text, { validateStream: false }) : text,
  };
}

/** A terminal whose size nobody set has 0 columns. */
const columnsOf = ({ columns }: Stream): number => columns || 100;

/** Columns as wide as they need; the last one is never cut. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => visibleLength(row[column] ?? ""))));
  return all.map((row) =>
    row
      .map((cell, column) =>
        column === row.length - 1 ? cell : cell + " ".repeat(widths[column]! - visibleLength(cell)),
      )
      .join("  ")
      .trimEnd(),
  );
}

/** A bar for progress that has an end: `[██████░░░░] 12/20`. */
export function bar(done: number, of: number, width = 24): string {
  const full = done >= of ? width : Math.round((done / of) * width);
  return `[${"█".repeat(full)}${"░".repeat(width - full)}] ${done}/${of}`;
}

const visibleLength = (text: string): number => stripVTControlCharacters(text).length;
