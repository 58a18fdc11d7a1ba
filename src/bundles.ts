/** The functions' zips as the build left them, and what Lambda will call them. */
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
  const folder = [join(programFolder, "functions"), join(programFolder, "..", "dist", "functions")].find(existsSync);
  if (!folder) throw new Error("the functions' bundles are missing; run `npm run build`");
  return { enqueue: readBundle(folder, "enqueue"), scale: readBundle(folder, "scale") };
}

function readBundle(folder: string, name: string): Bundle {
  const zip = readFileSync(join(folder, `${name}.zip`));
  return { zip, codeSha256: createHash("sha256").update(zip).digest("base64") };
}
