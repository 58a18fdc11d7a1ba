/** `wait W`: until nothing waits and nothing is worked on, in any step. Fails when files were given up meanwhile. */
import type { WaitProgress } from "../data/data.ts";
import { type Context, EXIT } from "./context.ts";
import { asJson } from "./report.ts";
import { bar } from "./terminal.ts";
import { UsageError } from "./usage-error.ts";
import { counted } from "./words.ts";
import { type DataOptions, withData } from "./workflow-data.ts";

export interface WaitOptions extends DataOptions {
  readonly quiet: string;
}

export function wait(context: Context, workflow: string, options: WaitOptions): Promise<number> {
  const { terminal } = context;
  const quietMs = Number(options.quiet) * 1_000;
  if (!(quietMs >= 0) || options.quiet.trim() === "") {
    throw new UsageError(`--quiet "${options.quiet}" is no number of seconds; give for instance 10`);
  }
  return withData(context, workflow, options, async (data) => {
    const show = options.json ? () => {} : showWaiting(context);
    let dead = 0;
    const onProgress = (progress: WaitProgress) => {
      dead = progress.dead;
      show(progress);
    };
    const waited = await data.wait({ quietMs, onProgress });
    terminal.progress("");
    const { died, lost } = waited;
    if (options.json) terminal.line(asJson(waited));
    else if (died + lost === 0) {
      terminal.line(`nothing left to do; \`pipewright results ${workflow}\` lists what came of it`);
      // A file that fails at once is given up before the first look.
      if (dead > 0) {
        const before = `${counted(dead, "dead letter")} from before the waiting began`;
        terminal.error(terminal.paint("yellow", `${before}: \`pipewright logs ${workflow}\` says why`));
      }
    }
    if (died > 0) {
      terminal.error(
        terminal.paint(
          "red",
          `${counted(died, "file")} could not be processed: \`pipewright logs ${workflow}\` says why, \`pipewright redrive ${workflow}\` tries again`,
        ),
      );
    }
    if (lost > 0) {
      const again = `\`pipewright redrive ${workflow}\` brings back what they were about`;
      terminal.error(terminal.paint("red", `${counted(lost, "upload event")} never came into a queue: ${again}`));
    }
    return died + lost > 0 ? EXIT.error : EXIT.ok;
  });
}

/** A bar on a terminal; elsewhere a line whenever something has changed. */
function showWaiting({ terminal }: Context): (progress: WaitProgress) => void {
  let before = "";
  let told = "";
  return ({ queued, inFlight, dead, peak, troubles }) => {
    const given = dead > 0 ? `, ${counted(dead, "dead letter")}` : "";
    const text = `${queued} waiting, ${inFlight} being processed${given}`;
    terminal.progress(`${bar(peak - queued - inFlight, peak)} ${text}`);
    if (!terminal.interactive && text !== before) terminal.line(text);
    before = text;
    const trouble = troubles.map((one) => `${one.step}: ${one.track}: ${one.reason}`).join("\n");
    if (trouble !== told && trouble !== "") terminal.error(terminal.paint("yellow", trouble));
    told = trouble;
  };
}
