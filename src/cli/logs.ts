/** `logs W [--file KEY] [--follow]`: what tasks and functions have written. */
import type { LogLine } from "../data/data.ts";
import { type Context, EXIT } from "./context.ts";
import { UsageError } from "./usage-error.ts";
import { type DataOptions, withData } from "./workflow-data.ts";

export interface LogsOptions extends DataOptions {
  readonly file?: string;
  readonly follow?: boolean;
  readonly since?: string;
}

const HOUR_MS = 3_600_000;

export function logs(context: Context, workflow: string, options: LogsOptions): Promise<number> {
  const { terminal } = context;
  const { file } = options;
  const lastMs = options.since === undefined ? undefined : durationMs(options.since);
  return withData(context, workflow, options, async (data) => {
    const stop = new AbortController();
    if (options.follow) void context.stopAsked().then(() => stop.abort());
    // Of one file everything is wanted; of a whole workflow it would be too much.
    const back = lastMs ?? (file === undefined ? HOUR_MS : undefined);
    const request = {
      ...(file === undefined ? {} : { file }),
      ...(back === undefined ? {} : { lastMs: back }),
      ...(options.follow ? { follow: stop.signal } : {}),
    };
    let count = 0;
    for await (const line of data.logs(request)) {
      count += 1;
      terminal.line(options.json ? JSON.stringify(line) : lineText(line, context));
    }
    if (count === 0 && !options.json && !options.follow) {
      const what = file === undefined ? "within the last hour; --since 7d looks further back" : `about ${file}`;
      terminal.error(`nothing was written ${options.since === undefined ? what : `within ${options.since}`}`);
    }
    return EXIT.ok;
  });
}

function lineText(line: LogLine, { terminal }: Context): string {
  const { paint } = terminal;
  const time = paint("gray", new Date(line.atMs).toISOString());
  const about = [line.source, ...(line.file === undefined ? [] : [line.file])].join(" ");
  const { attempt: _, requestId: __, ...fields } = line.fields;
  const rest = Object.keys(fields).length > 0 ? ` ${JSON.stringify(fields)}` : "";
  const text = `${line.stream === "stderr" ? "stderr: " : ""}${line.message}${rest}`;
  const colour = ({ error: "red", warn: "yellow" } as const)[line.level ?? ""];
  return `${time} ${paint("cyan", about)} | ${colour ? paint(colour, text) : text}`;
}

const UNITS_MS = { s: 1_000, m: 60_000, h: HOUR_MS, d: 24 * HOUR_MS } as const;

function durationMs(text: string): number {
  const match = /^(\d+)([smhd])$/.exec(text);
  if (!match) throw new UsageError(`--since "${text}" is no time; give for instance 30m, 2h or 7d`);
  return Number(match[1]) * UNITS_MS[match[2] as keyof typeof UNITS_MS];
}
