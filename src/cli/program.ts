/** The command line: names, options, help. What a command does stands in its own file. */
import { Argument, Command, Option } from "commander";
import { apply, setupPipe } from "./apply.ts";
import { cleanUp } from "./clean-up.ts";
import type { Context } from "./context.ts";
import { createLambdaExecRole } from "./create-lambda-exec-role.ts";
import { demo } from "./demo.ts";
import { graph } from "./graph.ts";
import { history } from "./history.ts";
import { local } from "./local.ts";
import { logs } from "./logs.ts";
import { plan } from "./plan.ts";
import { POLICIES, policy } from "./policy.ts";
import { prune } from "./prune.ts";
import { redrive } from "./redrive.ts";
import { resubmit } from "./resubmit.ts";
import { results } from "./results.ts";
import { run } from "./run.ts";
import { SCHEMAS, schema } from "./schema.ts";
import { status } from "./status.ts";
import { upload } from "./upload.ts";
import { validate } from "./validate.ts";
import { wait } from "./wait.ts";
import { wrap } from "./wrap.ts";

const EXIT_CODES = `
Exit codes: 0 success (plan: in sync), 1 error or not converged, 2 plan: there are changes, 64 called wrongly.
Ctrl-C and SIGTERM let steps that have begun come to their end; the command then ends with 130 or 143.`;

export function createProgram(context: Context, version: string): Command {
  const { environment } = context;
  const program = new Command("pipewright")
    .description(
      "Keeps file-processing pipelines alive on AWS: makes it match a folder of workflow files, and keeps it so.",
    )
    .version(version)
    .showHelpAfterError("(add --help for the options)")
    .configureOutput({
      writeOut: (text) => context.terminal.line(text.trimEnd()),
      writeErr: (text) => context.terminal.error(text.trimEnd()),
    })
    .exitOverride()
    .addHelpText("after", EXIT_CODES + environmentHelp);

  const pipelines = () =>
    new Option("--pipelines <dir>", "folder of workflow files; never created").default(
      environment.PIPEWRIGHT_PIPELINES,
    );
  const command = (name: string, description: string, examples: readonly string[], folder = true): Command => {
    const made = program
      .command(name)
      .description(description)
      .addHelpText("after", `\nExamples:\n${examples.map((one) => `  $ pipewright ${one}`).join("\n")}\n${EXIT_CODES}`);
    if (!folder) return made;
    return made
      .addOption(pipelines())
      .addOption(new Option("--data <dir>", "folder of history; may be lost").default(environment.PIPEWRIGHT_DATA));
  };
  const json = () => new Option("--json", "for machines");
  // Commander hands arguments and options over untyped; the options above are what they are made of.
  const does =
    (work: (...args: never[]) => number | Promise<number>) =>
    async (...args: unknown[]) =>
      context.exit(await work(...(args as never[])));

  command("run", "The daemon: watches the folder and keeps AWS as its files say.", [
    "run",
    "run --once",
    "run --pipelines /srv/pipelines",
  ])
    .option("--once", "converge everything, then end")
    .option("--port <number>", "opens the page, the API, health and metrics; 0 takes a free port")
    .option("--host <address>", `where the port is opened (default "${environment.PIPEWRIGHT_HOST}")`)
    .option("--local", "against an embedded cloud on this machine, for this run only")
    .addOption(json())
    .action(does((options) => run(context, options)));

  command(
    "local",
    "An AWS on this machine, for pipewright and for any SDK; tasks run in the folders that algorithms name as source.",
    ["local", "local --port 4566 --data ./cloud", "local --pipelines /srv/pipelines"],
    false,
  )
    .option("--port <number>", "on 127.0.0.1; 0 takes a free port", "4566")
    .addOption(pipelines())
    .option("--data <dir>", "keeps what the cloud holds across restarts; left out: it is gone when the cloud ends")
    .action(does((options) => local(context, options)));

  command("plan", "Shows the steps and each field's want and have. Writes nothing, anywhere.", [
    "plan",
    "plan pipelines/change123.json --json",
  ])
    .argument("[files...]", "workflow files; without any, the whole folder")
    .addOption(json())
    .action(does((files, options) => plan(context, files, options)));

  command("apply", "One convergence without the daemon. Prunes nothing.", ["apply", "apply pipelines/change123.json"])
    .argument("[files...]", "workflow files; without any, the whole folder")
    .addOption(json())
    .action(does((files, options) => apply(context, files, options)));

  command("setup-pipe", "Sets workflows up once and says where to upload files.", [
    "setup-pipe -f pipelines/change123.json",
  ])
    .requiredOption("-f, --files <file...>", "workflow files")
    .option("--use_user_credential", "also -uu: accepted for old scripts; tasks use a role, and no key is stored")
    .addOption(json())
    .action(does((options) => setupPipe(context, options)));

  command(
    "create-lambda-exec-role",
    "Makes or completes the role that the functions run under. Idempotent; what others put on it stays.",
    ["create-lambda-exec-role"],
  )
    .addOption(json())
    .action(does((options) => createLambdaExecRole(context, options)));

  command("status", "How workflows stand: conditions, each resource, and what waits and works in each step.", [
    "status",
    "status change123 --json",
  ])
    .argument("[workflow]")
    .addOption(json())
    .action(does((name, options) => status(context, name, options)));

  command("upload", "Puts files and folders into a workflow's input bucket.", [
    "upload change123 photo.png",
    "upload change123 photos/ 'more/day 2.png'",
  ])
    .argument("<workflow>")
    .argument("<files...>", "a folder goes with everything in it, under its own name")
    .addOption(json())
    .action(does((name, files, options) => upload(context, name, files, options)));

  command(
    "wait",
    "Until nothing waits and nothing is worked on, in any step; fails when files were given up meanwhile.",
    ["wait change123", "upload change123 photos/ && pipewright wait change123"],
  )
    .argument("<workflow>")
    .option("--quiet <seconds>", "how long nothing may be seen before it counts as done", "10")
    .addOption(json())
    .action(does((name, options) => wait(context, name, options)));

  command("results", "Lists what a workflow has made, or fetches it.", [
    "results change123",
    "results change123 --download ./results",
  ])
    .argument("<workflow>")
    .option("--download <dir>", "where to put them; folders as in the bucket")
    .addOption(json())
    .action(does((name, options) => results(context, name, options)));

  command("logs", "What a workflow's tasks and functions have written, in the order of time.", [
    "logs change123",
    "logs change123 --file 'day 2.png'",
    "logs change123 --follow",
  ])
    .argument("<workflow>")
    .option("--file <key>", "only what is about this uploaded file, in every step")
    .option("--since <time>", "how far back: 30m, 2h, 7d (default: an hour, of one file everything)")
    .option("--follow", "goes on with what is written from now on, until Ctrl-C")
    .addOption(json())
    .action(does((name, options) => logs(context, name, options)));

  command("redrive", "Tries again what was given up: dead letters, and uploads that never came into the queue.", [
    "redrive change123",
  ])
    .argument("<workflow>")
    .addOption(json())
    .action(does((name, options) => redrive(context, name, options)));

  command("resubmit", "Sends again every uploaded file that has no result, to the step at which it got stuck.", [
    "resubmit change123",
    "resubmit change123 --prefix 2026/05/",
  ])
    .argument("<workflow>")
    .option("--prefix <prefix>", "only files whose keys begin so")
    .addOption(json())
    .action(does((name, options) => resubmit(context, name, options)));

  command("history", "What changed of a workflow, field by field.", ["history change123"])
    .argument("<workflow>")
    .addOption(json())
    .action(does((name, options) => history(context, name, options)));

  command(
    "wrap",
    "Bakes the worker into an algorithm's image. Not needed to run one: tasks bring the worker along by themselves.",
    ["wrap -f change123-s3.json", "wrap -f change123-s3.json -u me --push", "wrap -d"],
    false,
  )
    .option("-f, --files <file...>", "files that describe algorithms")
    .option("-d, --describe", "asks for an algorithm on the terminal, and writes its file")
    .option("-s, --show", "shows the description and the Dockerfile before anything is built")
    .option("-u, --user <user>", "account in the registry")
    .option("-r, --registry <registry>", "where images are kept; left out: Docker Hub")
    .option("--push", "puts the image into the registry, and its digest into NAME_info.json")
    .action(does((options) => wrap(context, options)));

  command("validate", "Checks workflow files with their algorithms, without AWS.", ["validate pipelines/*.json"])
    .argument("<files...>")
    .addOption(json())
    .action(does((files, options) => validate(context, files, options)));

  command(
    "schema",
    "Prints the JSON Schema of a format, for editors.",
    ["schema workflow > workflow.schema.json"],
    false,
  )
    .addArgument(new Argument("<format>").choices(Object.keys(SCHEMAS)))
    .action(does((name) => schema(context, name)));

  command(
    "policy",
    "Prints a policy for the identity that daemon and commands run under. It needs both, with PIPEWRIGHT_OWNER as the daemon has it.",
    ["policy files > files.json", "policy machines > machines.json", "policy files --buckets 'lab-*' shared-results"],
    false,
  )
    .addArgument(new Argument("<part>").choices(POLICIES))
    .option("--buckets <patterns...>", "names of the buckets that workflow files name; left out: all")
    .action(does((name, options) => policy(context, name, options)));

  command("graph", "A workflow's resources and what needs what, as a Mermaid chart.", ["graph change123"])
    .argument("<workflow>")
    .action(does((name, options) => graph(context, name, options)));

  command("clean-up", "Takes everything of workflows away, in the right order, losing no data. Can be run twice.", [
    "clean-up change123",
    "clean-up --all",
    "clean-up change123 --force",
  ])
    .argument("[workflows...]")
    .option("--all", "everything with our owner tag, and the foundation")
    .option("--force", "also data: messages in queues, objects in buckets of ours")
    .addOption(json())
    .action(does((names, options) => cleanUp(context, names, options)));

  command("prune", "Lists workflows whose files are gone; with --confirm, takes their resources away.", [
    "prune",
    "prune --confirm",
  ])
    .option("--confirm", "the files are meant to be gone")
    .addOption(json())
    .action(does((options) => prune(context, options)));

  command("demo", "The examples against an embedded cloud: a picture is uploaded and comes back processed.", [
    "demo",
    "demo --once",
  ])
    .option("--once", "end when the result is there")
    .action(does((options) => demo(context, options)));

  return program;
}

const environmentHelp = `

Environment: credentials and region by the AWS SDK's ordinary chain (AWS_PROFILE, AWS_REGION, …);
AWS_ENDPOINT_URL for an emulator; PIPEWRIGHT_OWNER (default "default"), PIPEWRIGHT_IGNORE (kind/glob:field, …),
PIPEWRIGHT_PIPELINES, PIPEWRIGHT_DATA, PIPEWRIGHT_PORT, PIPEWRIGHT_HOST, PIPEWRIGHT_LOG_LEVEL, PIPEWRIGHT_INIT_IMAGE;
PIPEWRIGHT_TOKEN for those who may act on the page, PIPEWRIGHT_QUEUE_SAMPLE_SECONDS (default 60);
PIPEWRIGHT_WEBHOOK_URL where notices go;
PIPEWRIGHT_LEASE=on where two daemons run and one is to act, PIPEWRIGHT_LEASE_SECONDS (default 15).`;
