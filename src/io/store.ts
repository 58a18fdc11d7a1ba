/** History as JSON files in the data folder. It may be lost at any time: nothing but memories is kept here. */
import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Store } from "../core/ports.ts";

/** The folder is made at the first write, so that commands which only read leave no trace. */
export function createStore(folder: string): Store {
  const pathOf = (name: string) => join(folder, name.replace(/[^A-Za-z0-9._@-]|^\.+/g, "_"));
  return {
    async read(name) {
      try {
        return JSON.parse(await readFile(pathOf(name), "utf8"));
      } catch {
        // Absent, unreadable or torn: as if it had been lost.
        return undefined;
      }
    },
    async write(name, document) {
      await mkdir(folder, { recursive: true });
      const path = pathOf(name);
      const draft = `${path}.${randomUUID()}.draft`;
      await writeFile(draft, JSON.stringify(document));
      await rename(draft, path);
    },
  };
}

/** Remembers what a folder holds, and what is written, until the process ends: for commands that write nothing. */
export function createMemoryStore(behind: Store): Store {
  const written = new Map<string, unknown>();
  return {
    read: async (name) => (written.has(name) ? written.get(name) : behind.read(name)),
    write: async (name, document) => void written.set(name, document),
  };
}
