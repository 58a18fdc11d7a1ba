/** What the build left: the functions' zips with what Lambda will call them, and the worker. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface Bundle {
  readonly zip: Uint8Array;
  /** Base64 SHA-256 of the zip, as Lambda computes it. */
  readonly codeSha256: string;
}

export interface Bundles {
  readonly enqueue: Bundle;
  readonly scale: Bundle;
}

/** Built beside the bundled program, or in `dist/` of a clone. */
export function readBundles(programFolder: string): Bundles {
  const folder = built(programFolder, "functions");
  return { enqueue: readBundle(folder, "enqueue"), scale: readBundle(folder, "scale") };
}

/** The worker's program, as one file. */
export const workerProgram = (programFolder: string): string => built(programFolder, "worker/worker.mjs");

function built(programFolder: string, path: string): string {
  const found = [join(programFolder, path), join(programFolder, "..", "dist", path)].find(existsSync);
  if (!found) throw new Error(`${path} is missing in dist; run \`npm run build\``);
  return found;
}

function readBundle(folder: string, name: string): Bundle {
  const zip = readFileSync(join(folder, `${name}.zip`));
  return { zip, codeSha256: createHash("sha256").update(zip).digest("base64") };
}
