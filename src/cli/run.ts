/** `run`: the daemon. `--once` converges everything and ends. `--local` does it against an embedded cloud. */
import { parseWorkflow } from "../workflow/parse.ts";
import { converge } from "./apply.ts";
import { type Context, EXIT, type FolderOptions, type Session } from "./context.ts";
import { UsageError } from "./usage-error.ts";

export interface RunOptions extends FolderOptions {
  readonly once?: boolean;
  readonly local?: boolean;
  readonly port?: string;
  readonly host?: string;
  readonly json?: boolean;
}

export async function run(context: Context, options: RunOptions): Promise<number> {
  const port = portOf(options.port);
  if (!options.once) return daemon(context, { ...options, port });
  return converge(context, options, async (session) => {
    if (options.local) await makeNamedKeyPairs(context, session, options.pipelines);
    return session.engine.once();
  });
}

async function daemon(
  context: Context,
  options: Omit<RunOptions, "port"> & { readonly port: number | undefined },
): Promise<number> {
  // Listened to before anything else: a daemon that still waits for AWS stops as cleanly as one that works.
  const stop = new AbortController();
  const asked = context.stopAsked().then((signal) => {
    stop.abort(new Error(`${signal} before AWS answered`));
    return signal;
  });
  const port = options.port ?? context.environment.PIPEWRIGHT_PORT;
  const serve = port === undefined ? undefined : { port, host: options.host };
  const opening = context.open({ ...options, serve, daemon: true, stop: stop.signal });
  const session = await opening.catch((error: unknown) => {
    if (!stop.signal.aborted) throw error;
  });
  if (!session) return stopped(context);
  try {
    if (options.local) await makeNamedKeyPairs(context, session, options.pipelines);
    const unwatch = await watch(context, session, asked);
    const { account, region } = session.account;
    context.log.info({ folder: session.folder?.path, account, region, endpoint: session.endpoint }, "watching");
    const signal = await asked;
    context.log.info({ signal }, "stopping");
    await unwatch();
  } finally {
    await session.close();
  }
  return stopped(context);
}

function stopped({ log }: Context): number {
  log.info({}, "stopped");
  return EXIT.ok;
}

export function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new UsageError(`"${text}" is no port; give 0 to 65535`);
  return port;
}

/** Told of every file from here on, and converging what is there. The answer ends the watching. */
export async function watch(
  { log }: Context,
  { engine, folder }: Session,
  stopAsked?: Promise<unknown>,
): Promise<() => Promise<void>> {
  const unwatch = await folder?.watch((path) => {
    log.debug({ path }, "file changed");
    engine.changed(path);
  });
  // Where S3 does not answer, the first look at the lease takes longer than whoever stops us waits.
  await Promise.race([engine.start(), ...(stopAsked ? [stopAsked] : [])]).catch(async (error) => {
    await unwatch?.();
    throw error;
  });
  return unwatch ?? (async () => {});
}

/** A key pair is something that a person makes; in an embedded cloud nobody could have made it before. */
export async function makeNamedKeyPairs(
  context: Context,
  session: Pick<Session, "folder" | "makeKeyPairs">,
  pipelines: string,
): Promise<void> {
  const { files } = (await session.folder?.list()) ?? { files: [] };
  const names: string[] = [];
  for (const path of files) {
    // Of one that cannot be read the engine tells.
    const file = await context.readFile(path).catch(() => undefined);
    const parsed = file && parseWorkflow(file, (name) => context.algorithm(path, pipelines, name));
    if (parsed?.workflow?.keyPair) names.push(parsed.workflow.keyPair);
  }
  await session.makeKeyPairs?.(names);
}
