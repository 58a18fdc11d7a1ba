/** What the build left: the functions' zips with what Lambda will call them, the worker, and the page's files. */
import { createHash } from "node:crypto";
import { createReadStream, existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { PackedWorker } from "./aws/aws.ts";
import type { PageFiles } from "./server/page/page.ts";

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

export interface InstalledWorker extends PackedWorker {
  readonly path: string;
}

/** The worker's program, as one file. */
export const workerProgram = (programFolder: string): string => built(programFolder, "worker/worker.mjs");

/** Undefined where nobody packed one: a release holds it, a clone packs its own. Its checksum was taken then. */
export function packedWorker(programFolder: string, version: string): InstalledWorker | undefined {
  const path = find(programFolder, `worker/${version}.tgz`);
  const checksum = find(programFolder, `worker/${version}.tgz.sha256`);
  if (!path || !checksum) return undefined;
  return {
    path,
    sha256: readFileSync(checksum, "utf8").trim(),
    bytes: statSync(path).size,
    open: () => createReadStream(path),
  };
}

const find = (programFolder: string, path: string): string | undefined =>
  [join(programFolder, path), join(programFolder, "..", "dist", path)].find(existsSync);

/** Beside the bundled program, or among the sources of a clone. */
export function readPageFiles(programFolder: string): PageFiles {
  const folder = [join(programFolder, "page"), join(programFolder, "server/page")].find(existsSync);
  if (folder === undefined) throw new Error("the page's files are missing in dist; run `npm run build`");
  const read = (name: string): string => readFileSync(join(folder, name), "utf8");
  return { "page.css": read("page.css"), "page.js": read("page.js"), "favicon.svg": read("favicon.svg") };
}

function built(programFolder: string, path: string): string {
  const found = find(programFolder, path);
  if (!found) throw new Error(`${path} is missing in dist; run \`npm run build\``);
  return found;
}

function readBundle(folder: string, name: string): Bundle {
  const zip = readFileSync(join(folder, `${name}.zip`));
  return { zip, codeSha256: createHash("sha256").update(zip).digest("base64") };
}
