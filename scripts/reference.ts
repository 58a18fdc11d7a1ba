/** `docs/reference.md` from the code: formats, commands, environment, reasons, metrics. `npm run reference` writes it. */
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createProgram } from "../src/cli/program.ts";
import { environmentSchema, readEnvironment } from "../src/config.ts";
import { algorithmJsonSchema, workflowJsonSchema } from "../src/workflow/json-schema.ts";

const root = dirname(import.meta.dirname);
const read = (path: string): string => readFileSync(join(root, path), "utf8");

export function reference(): string {
  return [
    "# Reference",
    "This page is written by `npm run reference` from the code; a test holds it to the code.",
    "Contents: [workflow files](#workflow-files), [algorithm files](#algorithm-files), [commands](#commands), [environment](#environment), [conditions](#conditions), [metrics](#metrics).",
    "## Workflow files",
    "One JSON file a workflow, in the folder that the daemon watches. Comments and trailing commas are allowed. `[]` after a name: each entry of the list.",
    formatTable(workflowJsonSchema()),
    "## Algorithm files",
    "One JSON file an algorithm: `algorithms/NAME.json` beside the workflow files.",
    formatTable(algorithmJsonSchema()),
    "## Commands",
    ...commands(),
    "## Environment",
    "A flag of a command wins over the variable. An empty variable is an unset one. Credentials and region come by the AWS SDK's ordinary chain (`AWS_PROFILE`, `AWS_REGION`, …).",
    environment(),
    "## Conditions",
    "Every workflow has the conditions `Ready`, `Synced`, `Reconciling`, `Stalled`, `Drifted` and `Suspended`, each with a status, a reason, a message, and since when. What to do about a reason: the [runbook](operating.md#runbook).",
    reasons(),
    "## Metrics",
    "Served at `/metrics` while a port is open.",
    metrics(),
    "",
  ].join("\n\n");
}

interface Schema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
}

function formatTable(schema: Schema): string {
  return table(["field", "type", "default", "meaning"], fields(schema, ""));
}

function fields(schema: Schema, prefix: string): string[][] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const path = prefix + name;
    const required = schema.required?.includes(name) ? "**required**" : value(field.default);
    const example = field.examples ? ` For example ${value(field.examples[0])}.` : "";
    return [
      [code(path), typeOf(field), required, (field.description ?? "") + example],
      ...fields(field, `${path}.`),
      ...alternatives(field.items).flatMap((item) => fields(item, `${path}[].`)),
    ];
  });
}

const alternatives = (schema: Schema | undefined): readonly Schema[] => schema?.anyOf ?? (schema ? [schema] : []);

function typeOf(schema: Schema): string {
  if (schema.enum) return schema.enum.map(value).join(" or ");
  if (schema.anyOf) return [...new Set(schema.anyOf.map(typeOf))].join(" or ");
  if (schema.type === "array") return `list of ${schema.items ? typeOf(schema.items) : "anything"}`;
  return [schema.type ?? "anything"].flat().join(" or ");
}

function commands(): string[] {
  let printed = "";
  const line = (text = "") => {
    printed += `${text}\n`;
  };
  const context = { environment: readEnvironment({}), terminal: { line, error: line }, exit() {} };
  // Asked for their help, commands touch nothing else of what they are given.
  const program = createProgram(context as never, "");
  let ending = "";
  const sections = program.commands.flatMap((command) => {
    printed = "";
    command.configureHelp({ helpWidth: 110 }).outputHelp();
    // The same for all of them, and so said once.
    const [help = "", exitCodes = ""] = printed.trimEnd().split(/\n+(?=Exit codes: )/);
    ending = exitCodes;
    return [`### ${command.name()}`, `\`\`\`text\n${help}\n\`\`\``];
  });
  return [...sections, ending.replaceAll("\n", " ")];
}

function environment(): string {
  const defaults: Readonly<Record<string, unknown>> = environmentSchema.parse({});
  const rows = Object.entries(environmentSchema.shape).map(([name, field]) => [
    code(name),
    value(shown(defaults[name])),
    field.description ?? "",
  ]);
  return table(["variable", "default", "meaning"], rows);
}

/** A default as a person would write it. */
function shown(given: unknown): unknown {
  if (typeof given === "boolean") return given ? "on" : "off";
  return Array.isArray(given) ? given.join(",") : given;
}

/** The first sentence of each section of the runbook. */
function reasons(): string {
  const sections = read("docs/operating.md").split("\n## Runbook\n")[1]?.split("\n## ")[0] ?? "";
  const rows = [...sections.matchAll(/^### (\w+)\n+([^\n]+(?:\n[^\n]+)*)/gm)].map(([, reason = "", text = ""]) => [
    `[${reason}](operating.md#${reason.toLowerCase()})`,
    /^.*?\.(?=\s|$)/s.exec(text)?.[0].replaceAll("\n", " ") ?? text,
  ]);
  return table(["reason", "meaning"], rows);
}

function metrics(): string {
  const found = read("src/server/metrics.ts").matchAll(
    /(counter|gauge|histogram)\(\s*"([a-z_]+)",\s*"([^"]+)",\s*\[([^\]]*)\]/g,
  );
  const rows = [...found].map(([, type = "", name = "", help = "", labels = ""]) => [
    code(name),
    type,
    [...labels.matchAll(/"(\w+)"/g)].map(([, label = ""]) => code(label)).join(", "),
    help,
  ]);
  return table(["metric", "type", "labels", "meaning"], rows);
}

const code = (text: string): string => `\`${text}\``;

const value = (given: unknown): string =>
  given === undefined || given === "" ? "" : code(typeof given === "string" ? given : JSON.stringify(given));

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(header), line(header.map(() => "---")), ...rows.map(line)].join("\n");
}

if (process.argv[1] === import.meta.filename) writeFileSync(join(root, "docs/reference.md"), reference());
