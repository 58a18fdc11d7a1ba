/** What lies in a folder, all the way down. */
import type { Stats } from "node:fs";
import { lstat, readdir, stat } from "node:fs/promises";
import { join } from "node:path";

export interface Entry {
  /** Relative to the folder, `/` as separator. */
  readonly path: string;
  /** A link to a file is a file. Links to folders or to nothing, sockets and the like are `other`. */
  readonly kind: "file" | "folder" | "other";
  /** Bytes, of a file. */
  readonly size: number;
  readonly isExecutable: boolean;
  /** Another one after each change. */
  readonly stamp: string;
}

/** In an order that does not depend on the file system: parents first, else by name. Nothing for a folder that is gone. */
export async function entriesOf(folder: string, inside = ""): Promise<Entry[]> {
  const names = (await readdir(join(folder, inside)).catch(noneIfGone)).sort();
  const entries: Entry[] = [];
  for (const name of names) {
    const path = inside === "" ? name : `${inside}/${name}`;
    const entry = await entryOf(folder, path);
    entries.push(entry);
    if (entry.kind === "folder") entries.push(...(await entriesOf(folder, path)));
  }
  return entries;
}

async function entryOf(folder: string, path: string): Promise<Entry> {
  const own = await lstat(join(folder, path));
  // A link to nothing has only itself.
  const facts = own.isSymbolicLink() ? await stat(join(folder, path)).catch(() => own) : own;
  return {
    path,
    kind: own.isDirectory() ? "folder" : facts.isFile() ? "file" : "other",
    size: facts.size,
    isExecutable: (facts.mode & 0o111) !== 0,
    stamp: stampOf(facts),
  };
}

const stampOf = ({ ino, size, mtimeMs, ctimeMs }: Stats): string => [ino, size, mtimeMs, ctimeMs].join(":");

function noneIfGone(error: NodeJS.ErrnoException): string[] {
  if (error.code === "ENOENT") return [];
  throw error;
}
