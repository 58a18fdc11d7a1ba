// The worker with all that it needs, as one file: it is put into containers beside whatever they hold.
import { join } from "node:path";
import { rolldown } from "rolldown";
import { treeshake } from "./function-zip.mjs";

/**
 * @param {string} root the repository
 * @param {string} file to write
 */
export async function writeWorkerBundle(root, file) {
  const build = await rolldown({ input: join(root, "worker/main.ts"), platform: "node", treeshake });
  await build.write({ file, format: "esm", minify: true, codeSplitting: false });
  await build.close();
}
