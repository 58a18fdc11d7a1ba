import {
  accessSync,
  constants,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { deserialize, serialize } from "node:v8";
import { newSpillPath } from "./request-body.ts";
import type { Shelf, Shelved } from "./service.ts";
import { filePayload, joinPayloads, type Payload, payloadOf } from "./wire/payload.ts";
import type { Machinery } from "./world/machinery.ts";
import type { OwnedWorld } from "./world.ts";

export interface SnapshotDeps {
  /** Where snapshots lie, each in a folder of its own; undefined where the cloud was started without one. */
  readonly folder: string | undefined;
  readonly world: OwnedWorld;
  readonly machinery: Pick<Machinery, "save" | "reset" | "resume"> | undefined;
}

/** All that the services hold, in a folder on disk: state, messages, and the bytes of objects. */
export interface Snapshots {
  /** Replaces a snapshot of this name. @throws TypeError where there is no folder, or the name is none */
  save(name?: string): void;
  /** The world is as it was then; its clock goes on. @throws TypeError where there is no such snapshot */
  restore(name?: string): void;
  names(): string[];
}

/** What a cloud with a folder keeps across its restarts. */
export const LAST = "last";

/** Another form of what is kept needs another number: a snapshot of an older one is refused. */
const FORM = 1;

export function createSnapshots({ folder, world, machinery }: SnapshotDeps): Snapshots {
  const place = (name: string): string => {
    if (folder === undefined) throw new TypeError("the cloud was started without a folder for snapshots");
    if (!/^[\w-]{1,64}$/.test(name)) throw new TypeError(`${name} is no name: letters, digits, - and _ are`);
    return join(folder, name);
  };
  const names = () =>
    folder === undefined || !existsSync(folder)
      ? []
      : readdirSync(folder).filter((name) => existsSync(join(folder, name, "state")));

  return {
    names,
    save(name = LAST) {
      const home = place(name);
      const shelf = openShelf(join(home, "objects"));
      // In one go, so that nothing changes while it is written.
      const state = serialize({ form: FORM, world: world.save(shelf), machinery: machinery?.save() });
      writeFileSync(join(home, "state.new"), state);
      renameSync(join(home, "state.new"), join(home, "state"));
      shelf.removeOthers();
    },
    restore(name = LAST) {
      const home = place(name);
      if (!names().includes(name)) throw new TypeError(`there is no snapshot ${name}`);
      const { form, ...saved } = deserialize(readFileSync(join(home, "state")));
      if (form !== FORM) throw new TypeError(`the snapshot ${name} is of form ${form}, and this cloud reads ${FORM}`);
      world.restore(saved.world, openShelf(join(home, "objects")));
      machinery?.reset();
      machinery?.resume(saved.machinery);
    },
  };
}

/** Makes it where it is not there. @throws where nothing can be written into it */
export function openFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
  } catch (cause) {
    throw new Error(`${folder} cannot keep what is in the cloud: ${(cause as Error).message}`, { cause });
  }
}

/** Bytes in memory go into the state; files are never changed once written, so a second name for each is a copy. */
function openShelf(folder: string): Shelf & { removeOthers(): void } {
  mkdirSync(folder, { recursive: true });
  const used = new Set<string>();
  const put = ({ size, md5, path, parts, bytes }: Payload): Shelved => {
    if (parts !== undefined) return { size, md5, parts: parts.map(put) };
    if (path === undefined) return { size, md5, bytes: bytes() };
    const file = basename(path);
    used.add(file);
    if (!existsSync(join(folder, file))) linkOrCopy(path, join(folder, file));
    return { size, md5, file };
  };
  const take = (shelved: Shelved): Payload => {
    if ("parts" in shelved) return joinPayloads(shelved.parts.map(take));
    if ("bytes" in shelved) return payloadOf(shelved.bytes, shelved.md5);
    const path = newSpillPath();
    linkOrCopy(join(folder, shelved.file), path);
    return filePayload(path, shelved.size, shelved.md5);
  };
  return {
    put,
    take,
    removeOthers() {
      for (const file of readdirSync(folder)) if (!used.has(file)) rmSync(join(folder, file));
    },
  };
}

function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    // Another file system.
    copyFileSync(from, to);
  }
}
