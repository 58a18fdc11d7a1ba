/** Wires everything. The only user of the process: arguments, environment, signals, exit codes, standard streams. */
import { randomUUID } from "node:crypto";
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { cp, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { devNull, homedir, hostname, tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { CommanderError } from "commander";
import { packedWorker, workerProgram } from "./bundles.ts";
import { type Context, EXIT, type OpenOptions, type Session } from "./cli/context.ts";
import { createProgram } from "./cli/program.ts";
import { createTerminal } from "./cli/terminal.ts";
import { UsageError } from "./cli/usage-error.ts";
import { type Environment, readEnvironment } from "./config.ts";
import type { Log } from "./core/ports.ts";
import { daemonPolicies } from "./desired/daemon-policy.ts";
import { createHistory } from "./engine/history.ts";
import { LIMITS } from "./engine/limits.ts";
import { explain } from "./engine/outcome.ts";
import { systemClock } from "./io/clock.ts";
import { createLog } from "./io/log.ts";
import { createQuestions, type Questions } from "./io/questions.ts";
import { createStore } from "./io/store.ts";
import { createWorkflowFolder } from "./io/workflow-folder.ts";
import type { Local, LocalContainers } from "./local.ts";
import { createWrapper } from "./wrap/wrap.ts";

const programFolder = dirname(fileURLToPath(import.meta.url));
const version = readVersion();

/** @param first words that stand before the arguments: the name under which the binary was called */
export async function main(first: readonly string[] = []): Promise<void> {
  const terminal = createTerminal({
    out: process.stdout,
    err: process.stderr,
    noColour: process.env.NO_COLOR !== undefined,
  });
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    // A reader that goes away (`| head`) ends the command quietly; a disk that is full does not.
    if (error.code === "EPIPE") process.exit(EXIT.ok);
    terminal.error(terminal.paint("red", `error: what is shown could not be written: ${error.message}`));
    process.exit(EXIT.error);
  });
  let questions: Questions | undefined;
  try {
    const environment = readEnvironment(process.env);
    const log = createLog(environment.PIPEWRIGHT_LOG_LEVEL ?? "info");
    const tellWay: OnWay = (image, way) => terminal.error(`${image} runs ${way}`);
    const context: Context = {
      terminal,
      environment,
      log,
      // A command tells a person itself what it does; only the daemon writes a log of it.
      open: (options) =>
        options.daemon
          ? open(options, environment, log, (image, way) => log.info({ image, way }, "how an image runs"))
          : open(options, environment, createLog(environment.PIPEWRIGHT_LOG_LEVEL ?? "error"), tellWay),
      readFile: (path) => createWorkflowFolder(dirname(path)).read(path),
      algorithm: (file, pipelines, name) => createWorkflowFolder(pipelines).algorithm(file, name),
      history: async (name, data) => {
        const remembered = createHistory({ clock: systemClock, log, store: createStore(data), limits: LIMITS });
        await remembered.load(name);
        return remembered.entries(name);
      },
      startLocal: async (given) => ({
        ...(await openLocal({ ...given, onWay: tellWay })),
        folder: createWorkflowFolder(given.pipelines),
      }),
      copyExamples,
      ask(question) {
        questions ??= createQuestions({ input: process.stdin, output: process.stderr });
        return questions.ask(question);
      },
      async writeNewFile(name, text) {
        await writeFile(name, text, { flag: "wx" });
        return name;
      },
      policies: (buckets) => daemonPolicies(environment.PIPEWRIGHT_OWNER, buckets),
      wrapper: createWrapper({
        packed: () => packedWorker(programFolder, version)?.path,
        contextFolder: ".",
        architecture: process.arch === "arm64" ? "arm64" : "x86_64",
        environment: process.env,
      }),
      stopAsked,
      exit(code) {
        process.exitCode = code;
      },
    };
    // Users' scripts say `-uu`, which is no option by today's rules: a short one has a single letter.
    const given = process.argv.slice(2).map((word) => (word === "-uu" ? "--use_user_credential" : word));
    await createProgram(context, version).parseAsync([...first, ...given], { from: "user" });
  } catch (error) {
    // It has printed its help, or what was wrong with the call, by itself.
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    else {
      process.exitCode = error instanceof UsageError ? EXIT.usage : EXIT.error;
      terminal.error(terminal.paint("red", `error: ${explain(error as Error)}`));
    }
  } finally {
    // Standard input that is listened to keeps the process alive.
    questions?.close();
  }
}

type OnWay = LocalContainers["onWay"];

async function open(options: OpenOptions, environment: Environment, log: Log, onWay: OnWay): Promise<Session> {
  const local = options.local ? await openLocal({ pipelines: options.pipelines, onWay }) : undefined;
  // Commands that ask nothing of AWS need not wait until all of its clients are loaded.
  const { openSession } = await import("./session.ts");
  const holder = `${hostname()}/${process.pid}/${randomUUID()}`;
  return openSession(options, { environment, log, version, programFolder, holder, local });
}

interface LocalRequest {
  readonly pipelines: string;
  readonly port?: number;
  readonly data?: string | undefined;
  readonly onWay: OnWay;
}

/** What the environment and the SDK's files say of AWS is about another one. */
async function openLocal({ onWay, ...options }: LocalRequest): Promise<Local> {
  for (const name of Object.keys(process.env)) if (name.startsWith("AWS_")) delete process.env[name];
  Object.assign(process.env, { AWS_CONFIG_FILE: devNull, AWS_SHARED_CREDENTIALS_FILE: devNull });
  const { startLocal } = await import("./local.ts");
  return startLocal({
    ...options,
    workerPath: workerProgram(programFolder),
    containers: {
      packed: packedWorker(programFolder, version),
      version,
      platform: process.platform,
      architecture: process.arch,
      cacheFolder: join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "pipewright"),
      environment: process.env,
      onWay,
    },
  });
}

function stopAsked(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => resolve(signal));
  });
}

async function copyExamples(): ReturnType<Context["copyExamples"]> {
  const folder = await mkdtemp(join(tmpdir(), "pipewright-demo-"));
  const pipelines = join(folder, "pipelines");
  await cp(join(programFolder, "..", "pipelines"), pipelines, { recursive: true });
  // Programs of the examples use libraries that are installed with ours.
  const libraries = dirname(dirname(createRequire(import.meta.url).resolve("pngjs/package.json")));
  await symlink(libraries, join(folder, "node_modules"));
  return { pipelines, data: join(folder, "data"), remove: () => rm(folder, { recursive: true, force: true }) };
}

function readVersion(): string {
  const path = [join(programFolder, "package.json"), join(programFolder, "..", "package.json")].find(existsSync);
  return path ? JSON.parse(readFileSync(path, "utf8")).version : "0.0.0";
}

const started = process.argv[1];
if (
  started &&
  existsSync(started) &&
  realpathSync(started) === fileURLToPath(import.meta.url) &&
  /^main\.ts$/.test(basename(started))
) {
  await main();
}
