/** Page, API, health and metrics of a session: from before AWS has answered, so that whoever watches over the daemon sees it live. */
import { readPageFiles } from "./bundles.ts";
import type { ServeOptions } from "./cli/context.ts";
import type { Environment } from "./config.ts";
import type { Clock, Log } from "./core/ports.ts";
import type { Server } from "./server/server.ts";
import { createWaitingRoom, type Served } from "./server/waiting-room.ts";

export interface Serving extends Server {
  /** Tells why AWS has not answered yet. */
  waits(why: string): void;
  /** AWS has answered: this is what is shown from now on. */
  show(real: Served): void;
}

export interface ServingDeps {
  readonly environment: Environment;
  readonly region: string;
  readonly pipelines: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly version: string;
  readonly programFolder: string;
}

/** @throws when the port is taken */
export async function startServing(deps: ServingDeps, options: ServeOptions): Promise<Serving> {
  const { clock, environment, log, pipelines, programFolder, region, version } = deps;
  const { PIPEWRIGHT_HOST, PIPEWRIGHT_OWNER: owner, PIPEWRIGHT_TOKEN: token } = environment;
  let awsProblem = "it was asked a moment ago";
  const room = createWaitingRoom(() => ({
    ...{ owner, region, folder: pipelines, awsProblem, leader: false, stopping: false },
    ...{ workflows: [], problems: [], leftovers: [] },
  }));
  // Loaded only by those who serve: the other commands start sooner.
  const { startServer } = await import("./server/server.ts");
  const server = await startServer(
    { ...room, clock, log, version, pageFiles: readPageFiles(programFolder) },
    { port: options.port, host: options.host ?? PIPEWRIGHT_HOST, token },
  );
  log.info({ url: server.url }, "serving");
  return {
    ...server,
    waits(why) {
      awsProblem = why;
    },
    show: room.open,
  };
}
