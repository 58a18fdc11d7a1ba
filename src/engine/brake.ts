/**
 * The brake on mass deletion. Whether something that is not in the folder any more may be taken away is decided from the
 * folder's marker, which holds the names seen there: gone with the folder itself, it gives no permission at all.
 */
import type { Log, Random, Store } from "../core/ports.ts";
import { MARKER } from "../workflow/source-file.ts";
import type { FolderLog } from "./folder-log.ts";
import type { Folder } from "./ports.ts";

export interface Marker {
  /** Workflows that were seen in this folder and are not pruned yet. */
  readonly workflows: readonly string[];
  /** Those of them that are being taken away: the permission was given. */
  readonly pruning: readonly string[];
  /** Those that vanished in a mass: until all of them are back, or a person confirms, nothing more is pruned. */
  readonly held: readonly string[];
  /** The last workflow was pruned and none came since: what all shared may go too. */
  readonly emptied: boolean;
  /** The folder's id: what is set up from it says so. It has one as soon as a daemon watches it. */
  readonly folder?: string | undefined;
}

export interface Verdict {
  readonly prunable: readonly string[];
  /** Seen here once and no longer in the folder. */
  readonly vanished: readonly string[];
  /** Why nothing is pruned. */
  readonly engaged?: string;
  /** What the marker should say; undefined: it is left as it is, or as it is not. */
  readonly marker?: Marker;
}

/** So many may vanish at once without a question, however few there are. */
const FEW = 2;

export interface Evidence {
  readonly marker: Marker | undefined;
  /** What the marker of this folder said when it was last there. */
  readonly remembered: Marker | undefined;
  /** Names whose files are in the folder, good or bad. */
  readonly present: readonly string[];
  readonly writable: boolean;
}

/** Pure. */
export function judgeFolder({ marker, remembered, present, writable }: Evidence): Verdict {
  const seen = marker ?? remembered ?? NO_MARKER;
  const vanished = seen.workflows.filter((name) => !present.includes(name));
  const pruning = seen.pruning.filter((name) => vanished.includes(name));
  const asked = vanished.filter((name) => !pruning.includes(name));
  const isMass = asked.length > FEW && asked.length > (seen.workflows.length - pruning.length) / 2;
  const isStillHeld = asked.some((name) => seen.held.includes(name));
  const held = isMass || isStillHeld ? asked : [];
  const workflows = [...new Set([...seen.workflows, ...present])].sort();
  const next: Marker = {
    workflows,
    pruning,
    held,
    emptied: seen.emptied && workflows.length === 0,
    folder: seen.folder,
  };

  if (!writable) {
    const engaged =
      "the folder is read-only, so it cannot carry a marker; `pipewright prune --confirm` takes away what is gone";
    return { prunable: pruning, vanished, ...(asked.length > 0 ? { engaged } : { marker: next }) };
  }
  if (!marker && vanished.length > 0) {
    const engaged =
      `the ${vanished.length === 1 ? "file" : "files"} of ${brief(vanished)} and the folder's marker ${MARKER} are gone: ` +
      "it may not be the folder that was watched. " +
      "Bring the files back, or say `pipewright prune --confirm`";
    return { prunable: [], vanished, engaged };
  }
  if (held.length > 0) {
    const what = isMass ? "vanished at once" : "are still gone of those that vanished at once";
    const engaged =
      `${held.length} of ${seen.workflows.length} workflows ${what} (${brief(held)}). ` +
      "Bring the files back, or say `pipewright prune --confirm`";
    return { prunable: pruning, vanished, engaged, marker: next };
  }
  return { prunable: vanished, vanished, marker: { ...next, pruning: vanished } };
}

const NO_MARKER: Marker = { workflows: [], pruning: [], held: [], emptied: false };

const brief = (names: readonly string[]): string =>
  names.slice(0, 5).join(", ") + (names.length > 5 ? `, ${names.length - 5} more` : "");

export interface Brake {
  /** Looks at the marker and judges. */
  peek(present: readonly string[]): Promise<Verdict>;
  /**
   * The same, and brings the marker up to date. Only for a scan that saw everything at once.
   * @param went names that were present since the last look and are not any more
   */
  look(present: readonly string[], went: readonly string[]): Promise<Verdict>;
  /** Puts new names into the marker before anything is made for them. Asks the folder only where one of them is new. */
  meet(present: readonly string[]): Promise<void>;
  /** Names of the workflows that the folder holds or held, as far as its marker tells. */
  seen(): Promise<ReadonlySet<string>>;
  /** A daemon watches the folder: its marker, now or once there is one, gets an id. */
  watched(): void;
  /** The folder's id, by the last look at its marker. */
  readonly id: string | undefined;
  /** The folder took no marker when it was last tried: it gets no id. */
  readonly readOnly: boolean;
  /** The last judgement. */
  readonly verdict: Verdict | undefined;
  /** They were taken away: whether they may go is no question any more. */
  forget(names: readonly string[]): Promise<void>;
  /** A person says that what vanished is to go. Returns the names. */
  confirm(present: readonly string[]): Promise<readonly string[]>;
}

const DOCUMENT = "folder.json";

interface Memory extends Marker {
  /** The folder took no marker when it was last tried. */
  readonly readOnly: boolean;
}

export function createBrake(deps: { folder: Folder; store: Store; log: Log; random: Random; told: FolderLog }): Brake {
  const { folder, log, random, store, told } = deps;
  let isWatched = false;
  let id: string | undefined;
  let remembered: Memory | undefined;
  let verdict: Verdict | undefined;

  /** Changes of the marker, one after the other: each is made of what the last one left. */
  let changing: Promise<unknown> = Promise.resolve();
  function inTurn<T>(change: () => Promise<T>): Promise<T> {
    const changed = changing.then(change);
    changing = changed.catch(() => {});
    return changed;
  }

  async function recall(): Promise<Memory | undefined> {
    if (remembered) return remembered;
    const document = (await store.read(DOCUMENT).catch(() => undefined)) as Partial<Memory> & { path?: string };
    const marker = document?.path === folder.path ? asMarker(document) : undefined;
    remembered = marker && { ...marker, readOnly: document.readOnly === true };
    return remembered;
  }

  /** Permission to prune is remembered only where the folder itself took it: a read-only one always asks. */
  async function keep(wanted: Marker, seen: Evidence): Promise<boolean> {
    const before = seen.marker ?? seen.remembered;
    // An older version writes a marker without the id that it had.
    const known = { ...wanted, folder: wanted.folder ?? seen.remembered?.folder };
    const marker = isWatched ? { ...known, folder: known.folder ?? newId(random) } : known;
    try {
      if (JSON.stringify(seen.marker) !== JSON.stringify(marker)) await folder.writeMarker({ ...ABOUT, ...marker });
      told.marker("there");
      await remember({ ...marker, readOnly: false });
      return true;
    } catch (error) {
      log.debug({ error: String(error) }, "the folder takes no marker");
      await remember({ ...known, pruning: before?.pruning ?? [], readOnly: true });
      return false;
    }
  }

  async function remember(marker: Memory): Promise<void> {
    id = marker.folder;
    if (JSON.stringify(remembered) === JSON.stringify(marker)) return;
    remembered = marker;
    await store
      .write(DOCUMENT, { path: folder.path, ...marker })
      .catch((error: unknown) => log.warn({ error: String(error) }, "the names seen could not be remembered"));
  }

  async function evidence(present: readonly string[]): Promise<Evidence> {
    const marker = asMarker(await folder.readMarker().catch(() => undefined));
    const memory = await recall();
    id = marker?.folder ?? memory?.folder;
    const isMissed = memory !== undefined && memory.workflows.length > 0 && !memory.readOnly;
    told.marker(marker !== undefined ? "there" : isMissed ? "gone" : "none");
    return { marker, remembered: memory, present, writable: marker !== undefined || !memory?.readOnly };
  }

  function judged(now: Verdict): Verdict {
    verdict = now;
    told.verdict(now);
    return now;
  }

  return {
    async peek(present) {
      return judged(judgeFolder(await evidence(present)));
    },
    look: (present, went) =>
      inTurn(async () => {
        const seen = await evidence(present);
        // Without a marker they give no permission either.
        const marker = seen.marker && { ...seen.marker, workflows: [...new Set([...seen.marker.workflows, ...went])] };
        const verdict = judgeFolder({ ...seen, marker });
        const isKept = !verdict.marker || (await keep(verdict.marker, seen));
        return judged(isKept ? verdict : judgeFolder({ ...seen, marker, writable: false }));
      }),
    meet: (present) =>
      inTurn(async () => {
        if (present.every((name) => remembered?.workflows.includes(name))) return;
        const seen = await evidence(present);
        const met = ({ workflows, ...rest }: Marker): Marker => {
          return { workflows: [...new Set([...workflows, ...present])].sort(), ...rest, emptied: false };
        };
        // A marker that is gone is not brought back: that would give a permission which it does not give.
        if (seen.marker) await keep(met(seen.marker), seen);
        else if (remembered?.readOnly) await remember({ ...met(remembered), readOnly: true });
      }),
    async seen() {
      const { marker, remembered: memory } = await evidence([]);
      return new Set((marker ?? memory)?.workflows);
    },
    watched() {
      isWatched = true;
    },
    get id() {
      return id;
    },
    get readOnly() {
      return remembered?.readOnly ?? false;
    },
    get verdict() {
      return verdict;
    },
    forget: (names) =>
      inTurn(async () => {
        const seen = await evidence([]);
        const before = seen.marker ?? seen.remembered;
        if (!before?.workflows.some((name) => names.includes(name))) return;
        const without = (list: readonly string[]) => list.filter((name) => !names.includes(name));
        const workflows = without(before.workflows);
        // Of a marker that is gone only the memory is left, which gives no permission; nor is it brought back.
        const isThere = seen.marker !== undefined || !seen.writable;
        const next = {
          ...{ workflows, pruning: without(before.pruning), held: without(before.held) },
          ...{ emptied: isThere && workflows.length === 0, folder: before.folder },
        };
        if (!isThere) await remember({ ...next, readOnly: false });
        else if (!(await keep(next, seen))) await remember({ ...next, readOnly: true });
      }),
    confirm: (present) =>
      inTurn(async () => {
        const seen = await evidence(present);
        const { vanished } = judgeFolder(seen);
        const before = seen.marker ?? seen.remembered;
        const workflows = [...new Set([...(before?.workflows ?? []), ...present])].sort();
        const { emptied, folder: itsId } = before ?? NO_MARKER;
        const next = { workflows, pruning: vanished, held: [], emptied, folder: itsId };
        if (!(await keep(next, seen))) await remember({ ...next, readOnly: true });
        judged({ prunable: vanished, vanished });
        return vanished;
      }),
  };
}

const ABOUT = {
  about:
    "Pipewright's memory of the workflows it saw in this folder. While it is here, a removed file is really removed.",
};

function asMarker(document: unknown): Marker | undefined {
  const { emptied, folder, held, pruning, workflows } = (document ?? {}) as Partial<Marker>;
  if (!Array.isArray(workflows)) return undefined;
  const names = (list: unknown): string[] =>
    Array.isArray(list) ? list.filter((name): name is string => typeof name === "string") : [];
  return {
    ...{ workflows: names(workflows), pruning: names(pruning), held: names(held), emptied: emptied === true },
    folder: typeof folder === "string" && folder !== "" ? folder : undefined,
  };
}

/** As long as no two folders of an account could come to the same. */
const newId = (random: Random): string =>
  Array.from({ length: 4 }, () =>
    Math.floor(random() * 36 ** 4)
      .toString(36)
      .padStart(4, "0"),
  ).join("");
