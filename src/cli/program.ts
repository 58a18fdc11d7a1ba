/** The command line: names, options, help. What a command does stands in its own file. */
import { Argument, Command, Option } from "commander";
import { apply, setupPipe } from "./apply.ts";
import { cleanUp } from "./clean-up.ts";
import type { Context } from "./context.ts";
import { createLambdaExecRole } from "./create-lambda-exec-role.ts";
import { demo } from "./demo.ts";
import { graph } from "./graph.ts";
import { history } from "./history.ts";
import { plan } from "./plan.ts";
import { prune } from "./prune.ts";
import { run } from "./run.ts";
import { SCHEMAS, schema } from "./schema.ts";
import { status } from "./status.ts";
import { validate } from "./validate.ts";

const EXIT_CODES = `
Exit codes: 0 success (plan: in sync), 1 error or not converged, 2 plan: there are changes, 64 called wrongly.`;

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

  const command = (name: string, description: string, examples: readonly string[], folder = true): Command => {
    const made = program
      .command(name)
      .description(description)
      .addHelpText("after", `\nExamples:\n${examples.map((one) => `  $ pipewright ${one}`).join("\n")}\n${EXIT_CODES}`);
    if (!folder) return made;
    return made
      .addOption(
        new Option("--pipelines <dir>", "folder of workflow files; never created").default(
          environment.PIPEWRIGHT_PIPELINES,
        ),
      )
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
    .option("--port <number>", "opens health, metrics and status on 127.0.0.1; 0 takes a free port")
    .option("--local", "against an embedded cloud on this machine, for this run only")
    .addOption(json())
    .action(does((options) => run(context, options)));

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
    .action(does((options) => setupPipe(context, options)));

  command(
    "create-lambda-exec-role",
    "Makes or completes the role that the functions run under. Idempotent; what others put on it stays.",
    ["create-lambda-exec-role"],
  ).action(does((options) => createLambdaExecRole(context, options)));

  command("status", "How workflows stand: conditions, and the state of each resource.", [
    "status",
    "status change123 --json",
  ])
    .argument("[workflow]")
    .addOption(json())
    .action(does((name, options) => status(context, name, options)));

  command("history", "What changed of a workflow, field by field.", ["history change123"])
    .argument("<workflow>")
    .addOption(json())
    .action(does((name, options) => history(context, name, options)));

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
    .action(does((options) => prune(context, options)));

  command("demo", "The examples against an embedded cloud: watch resources come to stand, drift and be repaired.", [
    "demo",
    "demo --once",
  ])
    .option("--once", "end when the resources stand")
    .action(does((options) => demo(context, options)));

  return program;
}

const environmentHelp = `

Environment: credentials and region by the AWS SDK's ordinary chain (AWS_PROFILE, AWS_REGION, …);
AWS_ENDPOINT_URL for an emulator; PIPEWRIGHT_OWNER (default "default"), PIPEWRIGHT_IGNORE (kind/glob:field, …),
PIPEWRIGHT_PIPELINES, PIPEWRIGHT_DATA, PIPEWRIGHT_PORT, PIPEWRIGHT_HOST, PIPEWRIGHT_LOG_LEVEL, PIPEWRIGHT_INIT_IMAGE.`;
