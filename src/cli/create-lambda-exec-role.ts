/** `create-lambda-exec-role`: that one role, made or completed; what others put on it stays. */
import { type Context, EXIT, type FolderOptions } from "./context.ts";
import { showProgress } from "./report.ts";

export async function createLambdaExecRole(context: Context, options: FolderOptions): Promise<number> {
  const session = await context.open(options);
  const done = showProgress(context, session.engine);
  try {
    const { outcome, written } = await session.engine.applyDesired([await session.lambdaExecRole()]);
    done();
    if (outcome.is === "synced") {
      context.terminal.line(written === 0 ? "lambda_exec_role stands as it should" : "lambda_exec_role stands");
      return EXIT.ok;
    }
    context.terminal.error(`lambda_exec_role: ${"why" in outcome ? outcome.why : `waiting for ${outcome.on}`}`);
    return EXIT.error;
  } finally {
    done();
    await session.close();
  }
}
