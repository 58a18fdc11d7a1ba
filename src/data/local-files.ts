/** Files on this machine's disk, as they are named for an upload. */
import { readdir, stat } from "node:fs/promises";
import { join, relative, resolve, sep } from "node:path";

export interface LocalFile {
  readonly path: string;
  /** A file by its own name; a file of a folder by the folder's name and its way in it, with slashes. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
}

export interface LocalFiles {
  /** In the order in which they were named, those of a folder by name. */
  readonly files: readonly LocalFile[];
  /** What cannot be taken, and why. */
  readonly problems: readonly string[];
}

/** Folders with everything below them. */
export async function localFiles(paths: readonly string[]): Promise<LocalFiles> {
  const files: LocalFile[] = [];
  const problems: string[] = [];
  for (const path of paths) {
    const parent = resolve(path, "..");
    for (const found of await below(path)) {
      const there = await statOf(found);
      if (!there) problems.push(`${found}: there is no such file`);
      else if (!there.isFile()) problems.push(`${found}: is neither a file nor a folder`);
      else {
        const name = relative(parent, resolve(found)).split(sep).join("/");
        files.push({ path: found, name, size: there.size });
      }
    }
  }
  return { files, problems };
}

/** The path itself where it is no folder. Links to folders are not followed within one: they may lead round in circles. */
async function below(path: string): Promise<string[]> {
  if (!(await statOf(path))?.isDirectory()) return [path];
  const entries = await readdir(path, { withFileTypes: true, recursive: true });
  const isFolder = async (file: string) => (await statOf(file))?.isDirectory() ?? false;
  const files: string[] = [];
  for (const entry of entries) {
    const file = join(entry.parentPath, entry.name);
    if (entry.isDirectory() || (entry.isSymbolicLink() && (await isFolder(file)))) continue;
    files.push(file);
  }
  return files.sort();
}

const statOf = (path: string) => stat(path).catch(() => undefined);
