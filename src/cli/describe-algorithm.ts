/** Asks for an algorithm on the terminal, each answer checked at once, and writes its file. */
import { algorithmFile } from "../workflow/algorithm-schema.ts";
import type { Context } from "./context.ts";
import { UsageError } from "./usage-error.ts";

interface Question {
  readonly text: string;
  readonly field: keyof typeof algorithmFile.shape;
  /** What an empty answer means; without one the question is asked again. */
  readonly otherwise?: string;
  /** The field's value. */
  read(answer: string): unknown;
}

const asItIs = (answer: string): string => answer;
const asNumber = (answer: string): unknown => (answer.trim() === "" ? undefined : Number(answer));
const words = (answer: string): string[] => answer.split(/[\s,]+/).filter((word) => word !== "");

const QUESTIONS: readonly Question[] = [
  { field: "name", text: "Name of the algorithm", read: asItIs },
  { field: "container_name", text: "Container image", read: asItIs },
  {
    field: "run_command",
    text: "Command for one file, with $input and $output where their paths go",
    read: asItIs,
  },
  { field: "input_file_path", text: "Folder in the container for the input", otherwise: "/", read: asItIs },
  { field: "output_file_path", text: "Folder in the container for the result", otherwise: "/", read: asItIs },
  { field: "memory", text: "Memory, MiB", read: (answer) => ({ suggested: asNumber(answer) }) },
  { field: "CPU", text: "vCPUs", otherwise: "1", read: asNumber },
  {
    field: "user_specified_environment_variables",
    text: "Variables that a workflow may set, required ones with a ! behind",
    otherwise: "",
    read: (answer) => words(answer).map((word) => ({ name: word.replace(/!$/, ""), required: word.endsWith("!") })),
  },
  {
    field: "port",
    text: "TCP ports that a workflow may publish",
    otherwise: "",
    read: (answer) => words(answer).map((word) => ({ port: Number(word), protocol: "tcp" })),
  },
];

/** Answers the path of the new file. @throws when the answers end too soon, or the file is there already */
export async function describeAlgorithm(context: Context): Promise<string> {
  const description: Record<string, unknown> = {};
  for (const question of QUESTIONS) description[question.field] = await answerTo(question, context);
  const name = `${description.name}.json`;
  const text = `${JSON.stringify(description, undefined, 2)}\n`;
  const path = await context.writeNewFile(name, text).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
    throw new UsageError(`${name} is there already, and was left as it is; move it away, or choose another name`);
  });
  context.terminal.line(`${path} written; workflows find it in the folder \`algorithms\` beside their own files`);
  return path;
}

async function answerTo({ field, text, otherwise, read }: Question, { ask, terminal }: Context): Promise<unknown> {
  const hint = otherwise === undefined ? "" : ` [${otherwise || "none"}]`;
  for (;;) {
    const answer = await ask(`${text}${hint}: `);
    if (answer === undefined)
      throw new UsageError("the answers ended before the algorithm was described; nothing was written");
    const value = read(answer.trim() === "" ? (otherwise ?? "") : answer.trim());
    const checked = algorithmFile.shape[field].safeParse(value);
    if (checked.success) return value;
    terminal.error(terminal.paint("red", checked.error.issues.map((issue) => issue.message).join("; ")));
  }
}
