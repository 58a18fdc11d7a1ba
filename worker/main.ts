/** What runs beside the algorithm's program in its container: takes files from the queue until there are no more. */
import { fromEnvironment } from "../src/desired/worker-environment.ts";
import { createClients } from "./clients.ts";
import { systemClock as clock } from "./clock.ts";
import { handleMessage } from "./handle-message.ts";
import { imageDigest } from "./image-digest.ts";
import { createLog } from "./log.ts";
import { drain } from "./poll.ts";

const { env: environment } = process;
// The SDK looks there for its files, and without it asks for a list of users, which an image need not have.
environment.HOME ??= "/";
const log = createLog({ clock, write: (line) => void process.stdout.write(line) });
const stop = new AbortController();

process.on("SIGTERM", () => stop.abort());
process.on("SIGINT", () => stop.abort());
// A log that nobody takes any more is no reason to drop a file.
process.stdout.on("error", () => {});

try {
  const settings = fromEnvironment(environment);
  const { workflow, step, image } = settings;
  const clients = createClients(environment);
  const digest = await imageDigest({ environment, clock, log });
  const common = { ...clients, settings, clock, log, stop: stop.signal, environment, imageDigest: digest };
  log.info({ workflow, step, image, digest }, "worker started");
  await drain({ ...common, handle: (message) => handleMessage(message, common) });
  log.info({}, stop.signal.aborted ? "worker stopped" : "no more files");
  process.exit(0);
} catch (error) {
  log.error({ error: String(error), cause: String((error as Error).cause ?? "") }, "worker cannot go on");
  process.exit(1);
}
