/** Files named on a command line. */
import type { Context } from "./context.ts";
import { UsageError } from "./usage-error.ts";

/** A misspelt name must not read as a file that asks for nothing. @throws a `UsageError` that names the file */
export async function mustExist({ readFile }: Pick<Context, "readFile">, files: readonly string[]): Promise<void> {
  for (const file of files) if (!(await readFile(file))) throw new UsageError(`${file} does not exist`);
}
