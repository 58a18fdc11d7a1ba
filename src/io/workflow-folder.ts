/** The watched folder on disk. Events bring names only: what a file says is read again by whoever was told. */
import { readFileSync, realpathSync, statSync } from "node:fs";
import { readdir, readFile, realpath, rename, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { watch } from "chokidar";
import type { Folder } from "../engine/ports.ts";
import { MARKER, MAX_FILE_BYTES, type SourceFile } from "../workflow/source-file.ts";

export interface WatchedFolder extends Folder {
  /** Calls back with the path of each workflow or algorithm file that came, changed or went. The answer ends it. */
  watch(changed: (path: string) => void): Promise<() => Promise<void>>;
}

const ALGORITHMS = "algorithms";

/** @param path shown to people as they wrote it */
export function createWorkflowFolder(path: string): WatchedFolder {
  const marker = join(path, MARKER);
  return {
    path: resolve(path),

    async list() {
      try {
        const entries = await readdir(path, { withFileTypes: true });
        const files: string[] = [];
        for (const entry of entries) {
          const file = join(path, entry.name);
          if (isWorkflowFile(entry.name) && (await isFileInside(file, path))) files.push(file);
        }
        return { files: files.sort(), complete: true };
      } catch (error) {
        const why =
          (error as NodeJS.ErrnoException).code === "ENOENT"
            ? "there is no such folder; --pipelines names the folder of workflow files"
            : (error as Error).message;
        return { files: [], complete: false, why: `${path} cannot be read: ${why}` };
      }
    },

    async read(file) {
      try {
        if (!(await isFileInside(file, dirname(file)))) return undefined;
        return { path: file, bytes: await readBounded(file) };
      } catch (error) {
        if (isAbsent(error)) return undefined;
        throw error;
      }
    },

    algorithm(workflowFile, name) {
      const folders = [join(dirname(workflowFile), ALGORITHMS), join(path, ALGORITHMS)];
      for (const folder of folders) {
        for (const file of [join(folder, `${name}.json`), join(folder, `${name}_info.json`)]) {
          const found = readInside(file, folder);
          if (found) return found;
        }
      }
      return undefined;
    },

    async readMarker() {
      try {
        return JSON.parse(await readFile(marker, "utf8"));
      } catch {
        return undefined;
      }
    },

    async writeMarker(content) {
      const draft = join(path, `.${MARKER}.draft`);
      await writeFile(draft, `${JSON.stringify(content, undefined, 2)}\n`);
      await rename(draft, marker);
    },

    async watch(changed) {
      // One watch for both folders: of a folder that is not there yet nothing would be told when it comes.
      const watcher = watch(path, {
        depth: 1,
        ignoreInitial: true,
        ignored(candidate, stats) {
          const inside = relative(path, candidate);
          if (inside === "" || inside === ALGORITHMS) return false;
          if (basename(candidate).startsWith(".") || stats?.isDirectory()) return true;
          return ![".", ALGORITHMS].includes(dirname(inside));
        },
      });
      watcher.on("all", (_event, file) => {
        if (isWorkflowFile(basename(file))) changed(file);
      });
      // An event that is lost is made up for by the next resync.
      watcher.on("error", () => {});
      await new Promise<void>((ready) => watcher.once("ready", ready));
      return () => watcher.close();
    },
  };
}

const isWorkflowFile = (name: string): boolean => name.endsWith(".json") && !name.startsWith(".") && name !== MARKER;

/** A link that leads round in a circle leads nowhere. */
const isAbsent = (error: unknown): boolean =>
  ["ENOENT", "ENOTDIR", "ELOOP"].includes((error as NodeJS.ErrnoException).code ?? "");

/** A link that leads out of the folder is not a file of it. */
async function isFileInside(file: string, folder: string): Promise<boolean> {
  try {
    const [real, root] = await Promise.all([realpath(file), realpath(folder)]);
    return real.startsWith(root + sep) && (await stat(real)).isFile();
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
}

function readInside(file: string, folder: string): SourceFile | undefined {
  try {
    const real = realpathSync(file);
    const found = statSync(real);
    if (!real.startsWith(realpathSync(folder) + sep) || !found.isFile()) return undefined;
    return { path: file, bytes: found.size > MAX_FILE_BYTES ? TOO_LONG : readFileSync(real) };
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

/** One byte more than is allowed tells the parser that it is too long, however long it is. */
const TOO_LONG = new Uint8Array(MAX_FILE_BYTES + 1);

async function readBounded(file: string): Promise<Uint8Array> {
  const { size } = await stat(file);
  return size > MAX_FILE_BYTES ? TOO_LONG : readFile(file);
}
