/** `create-lambda-exec-role`: that one role, made or completed; what others put on it stays. */
import { type Context, EXIT, type FolderOptions } from "./context.ts";
import { asJson } from "./report.ts";
import { inSession } from "./session.ts";

export async function createLambdaExecRole(
  context: Context,
  options: FolderOptions & { json?: boolean },
): Promise<number> {
  return inSession(context, options, async (session, quiet) => {
    const { outcome, written } = await session.engine.applyDesired([await session.lambdaExecRole()]);
    quiet();
    if (options.json) {
      context.terminal.line(asJson({ outcome, written }));
      return outcome.is === "synced" ? EXIT.ok : EXIT.error;
    }
    if (outcome.is === "synced") {
      context.terminal.line(written === 0 ? "lambda_exec_role stands as it should" : "lambda_exec_role stands");
      return EXIT.ok;
    }
    context.terminal.error(`lambda_exec_role: ${"why" in outcome ? outcome.why : `waiting for ${outcome.on}`}`);
    return EXIT.error;
  });
}
