/** What all commands on AWS share: each shows at once that it is at work, can be stopped cleanly, and closes what it opened. */
import { type Context, EXIT, type OpenOptions, type Session } from "./context.ts";
import { showProgress } from "./progress.ts";

/** As a shell tells it of a program that a signal has ended. */
const EXIT_OF: Readonly<Record<string, number>> = { SIGINT: 130, SIGTERM: 143 };

/**
 * @param options.json nothing but the answer goes to standard output
 * @param work answers the exit code; calls `quiet` before it prints what it found
 */
export async function inSession(
  context: Context,
  options: OpenOptions & { readonly json?: boolean },
  work: (session: Session, quiet: () => void) => Promise<number>,
): Promise<number> {
  const { terminal } = context;
  terminal.progress("connecting to AWS");
  const session = await context.open(options).finally(() => terminal.progress(""));
  const quiet = showProgress(context, session, { lines: !options.json });
  const stopped = options.readOnly ? () => undefined : stoppable(context, session);
  try {
    const code = await work(session, quiet);
    const signal = stopped();
    return signal !== undefined && code !== EXIT.ok ? (EXIT_OF[signal] ?? EXIT.error) : code;
  } finally {
    quiet();
    await session.close();
  }
}

/** Whoever only reads may be ended anywhere. Whoever writes ends what has begun, and hands the lease back. */
function stoppable({ stopAsked, terminal }: Context, { engine }: Session): () => string | undefined {
  let asked: string | undefined;
  void stopAsked().then((signal) => {
    asked = signal;
    terminal.error("stopping: steps that have begun come to their end; once more ends it at once");
    return engine.stop();
  });
  return () => asked;
}
