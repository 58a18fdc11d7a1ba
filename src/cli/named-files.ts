/** Workflow files named on a command line. */
import { basename } from "node:path";
import { MARKER } from "../workflow/source-file.ts";
import type { Context } from "./context.ts";
import { UsageError } from "./usage-error.ts";

/** Said of a name on the command line under which nothing can be read. */
export const NO_FILE = "does not exist, or is no file; a folder is named with --pipelines";

/**
 * Without the folder's marker, which `pipelines/*.json` names too.
 * @throws a `UsageError` where nothing else is named: no file at all would mean the whole folder
 */
export function withoutMarker(files: readonly string[]): readonly string[] {
  const named = files.filter((file) => basename(file) !== MARKER);
  if (named.length === 0 && files.length > 0)
    throw new UsageError(`${files[0]} is the folder's marker, no workflow file`);
  return named;
}

/** The same; a misspelt name must not read as a file that asks for nothing. @throws a `UsageError` that names the file */
export async function existing(
  { readFile }: Pick<Context, "readFile">,
  files: readonly string[],
): Promise<readonly string[]> {
  const named = withoutMarker(files);
  for (const file of named) if (!(await readFile(file))) throw new UsageError(`${file} ${NO_FILE}`);
  return named;
}
