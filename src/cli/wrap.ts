/** `wrap -f ALGORITHM.json…`: images of described algorithms with the worker inside. `-d` describes one by asking. */
import { parseAlgorithm } from "../workflow/parse-algorithm.ts";
import { hasErrors } from "../workflow/problem.ts";
import { type Context, EXIT } from "./context.ts";
import { describeAlgorithm } from "./describe-algorithm.ts";
import { printProblems } from "./report.ts";
import { UsageError } from "./usage-error.ts";

export interface WrapOptions {
  readonly files?: readonly string[];
  readonly user?: string;
  readonly registry?: string;
  readonly push?: boolean;
  readonly show?: boolean;
  readonly describe?: boolean;
}

export async function wrap(context: Context, options: WrapOptions): Promise<number> {
  const { files = [], push = false, user, registry } = options;
  if (files.length === 0 && !options.describe) {
    throw new UsageError("name the file of an algorithm with -f, or describe one with -d");
  }
  if (push && !user && !registry)
    throw new UsageError("--push needs to know where to: give -u USER, -r REGISTRY or both");
  const described = options.describe ? [await describeAlgorithm(context)] : [];
  for (const path of [...described, ...files]) {
    const code = await wrapOne(context, path, { ...options, push });
    if (code !== EXIT.ok) return code;
  }
  return EXIT.ok;
}

async function wrapOne(context: Context, path: string, options: WrapOptions & { push: boolean }): Promise<number> {
  const { terminal, wrapper } = context;
  const file = await context.readFile(path);
  if (!file) throw new UsageError(`there is no file ${path}`);
  const { algorithm, problems } = parseAlgorithm(file);
  printProblems(context, problems);
  if (!algorithm || hasErrors(problems)) return EXIT.error;
  if (options.show) {
    terminal.line(new TextDecoder().decode(file.bytes).trimEnd());
    terminal.line();
    terminal.line(wrapper.dockerfile(algorithm));
  }
  const { user, registry, push } = options;
  const wrapped = await wrapper.wrap({
    file,
    algorithm,
    push,
    ...(user === undefined ? {} : { user }),
    ...(registry === undefined ? {} : { registry }),
    onLine: (line) => terminal.error(line),
  });
  terminal.line(`${algorithm.name}: built ${wrapped.image} (its Dockerfile is in ${wrapped.context})`);
  if (!push)
    terminal.line("it is on this machine only: --push puts it where AWS can fetch it, and writes down its digest");
  terminal.line(`${wrapped.info} names it; workflows take that file where no ${algorithm.name}.json stands beside it`);
  return EXIT.ok;
}
