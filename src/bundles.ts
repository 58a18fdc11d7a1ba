/** What the build left: the functions' zips with what Lambda will call them, the worker, and the page's files. */
import { createHash } from "node:crypto";
import { createReadStream, existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { PackedWorker } from "./aws/aws.ts";
import type { Facts } from "./desired/facts.ts";
import { SETTINGS_FILE } from "./desired/function-settings.ts";
import { withFile } from "./io/zip.ts";
import type { PageFiles } from "./server/page/page.ts";

export interface Bundles {
  readonly functions: Facts["functions"];
  /** Zips by their base64 SHA-256, for all settings that were asked for so far. */
  readonly zips: Pick<ReadonlyMap<string, Uint8Array>, "get">;
}

/** Built beside the bundled program, or in `dist/` of a clone. */
export function readBundles(programFolder: string): Bundles {
  const folder = built(programFolder, "functions");
  const zips = new Map<string, () => Uint8Array>();
  const withSettings = (name: string) => {
    const code = readFileSync(join(folder, `${name}.zip`));
    const known = new Map<string, string>();
    return (settings: object): string => {
      const text = JSON.stringify(settings);
      let codeSha256 = known.get(text);
      if (codeSha256 === undefined) {
        // Made anew when it is sent: a thousand of them would fill the memory.
        const zip = () => withFile(code, SETTINGS_FILE, text);
        codeSha256 = createHash("sha256").update(zip()).digest("base64");
        known.set(text, codeSha256);
        zips.set(codeSha256, zip);
      }
      return codeSha256;
    };
  };
  return {
    functions: { enqueue: withSettings("enqueue"), scale: withSettings("scale") },
    zips: { get: (codeSha256) => zips.get(codeSha256)?.() },
  };
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
