/**
 * When the folder is read: all of it at the start and from time to time, a file when it changed, and that once more where
 * it may only be half-written.
 */
import type { Clock, Log } from "../core/ports.ts";
import type { Brake } from "./brake.ts";
import type { FolderLog } from "./folder-log.ts";
import type { Limits } from "./limits.ts";
import { resyncMs } from "./resync.ts";
import { PRIORITY, type Priority } from "./work-queue.ts";
import type { WorkflowFiles } from "./workflow-files.ts";

export interface FolderReading {
  /** Reads all of it, after every read that was asked for before. Never rejects: what cannot be read is logged. */
  all(): Promise<void>;
  /** The same, and asks the marker whether something is gone. `keepMarker`: as the daemon does, which may take things away. */
  look(keepMarker: boolean): Promise<void>;
  /** Reads this file. */
  changed(file: string): void;
  /** Reads all of it from time to time. */
  repeat(): void;
  /** Every workflow that was ever seen in the folder is there still, by the last look. */
  readonly whole: boolean;
  /** The marker was looked at. */
  judged(): void;
  /** Workflows that were in force and are not any more, each told once: they may have gone before the marker knew of them. */
  went(): readonly string[];
  /** Workflows that are or were in the folder; but not of a file that is only bad now: what that has set up stands as before. */
  seenHere(): Promise<ReadonlySet<string>>;
  /** Waits for nothing any more. The answer resolves when the last read has ended. */
  stop(): Promise<void>;
}

export function createFolderReading(deps: {
  files: WorkflowFiles;
  brake: Brake;
  clock: Clock;
  log: Log;
  told: FolderLog;
  bounds: Limits;
  /** False while another daemon acts, who keeps the marker. */
  mayWrite(): boolean;
  stopping(): boolean;
  /** The daemon has read something. */
  wasRead(priority: Priority): void;
}): FolderReading {
  const { bounds, brake, clock, files, log, told } = deps;
  /** In force at some time: the folder's marker is written a while after a file has come. */
  const inForceOnce = new Set<string>();
  /** Those of them that nobody was told are gone. */
  const untold = new Set<string>();
  /** Bad files that may only be half-written: each with what calls its second look off. */
  const doubts = new Map<string, () => void>();
  /** Reads, one after the other: a later one must not be overtaken by an earlier one. */
  let reading: Promise<void> = Promise.resolve();
  let cancelRepeat: () => void = () => {};
  let whole = false;

  function inTurn(read: () => Promise<unknown>): Promise<void> {
    reading = reading.then(read).then(
      () => {
        for (const name of files.inForce.keys()) for (const names of [inForceOnce, untold]) names.add(name);
        told.read(files, doubts.size === 0);
      },
      (error: unknown) => log.error({ error: String(error) }, "the folder could not be read"),
    );
    return reading;
  }

  /** A daemon that is killed before the marker knows of a new workflow would not know afterwards that it was in the folder. */
  async function hand(priority: Priority): Promise<void> {
    if (deps.mayWrite()) await brake.meet([...files.inForce.keys()]);
    if (!deps.stopping()) deps.wasRead(priority);
  }

  function readOne(file: string, final: boolean): void {
    void inTurn(async () => {
      if (deps.stopping()) return;
      const good = await files.read(file, { final });
      // It may have been asked to stop meanwhile: nothing must be left that waits for its time.
      if (deps.stopping()) return;
      whole = false;
      await hand(PRIORITY.change);
      if (deps.stopping()) return;
      doubts.get(file)?.();
      doubts.delete(file);
      // What may only be half-written is looked at once more before anybody is told.
      if (good || final) return;
      doubts.set(
        file,
        clock.after(bounds.halfWrittenMs, () => readOne(file, true)),
      );
    });
  }

  /** An event of the folder may be lost (a network mount, a folder put in the place of another): in time it is read anyway. */
  function repeat(): void {
    cancelRepeat();
    cancelRepeat = clock.after(resyncMs(files.inForce.size, bounds), async () => {
      await inTurn(async () => {
        await files.scan();
        await hand(PRIORITY.resync);
      });
      if (!deps.stopping()) repeat();
    });
  }

  const all = (): Promise<void> => inTurn(() => files.scan());

  function went(): readonly string[] {
    const gone = [...untold].filter((name) => !files.inForce.has(name));
    for (const name of gone) untold.delete(name);
    return gone;
  }

  return {
    all,
    async look(keepMarker) {
      await all();
      const present = [...files.inForce.keys()];
      if (!files.complete) {
        whole = false;
        // So that at least the folder's id is known.
        await brake.seen();
      } else whole = (await (keepMarker ? brake.look(present, went()) : brake.peek(present))).vanished.length === 0;
    },
    changed: (file) => readOne(file, false),
    repeat,
    get whole() {
      return whole;
    },
    judged() {
      whole = files.complete && brake.verdict?.vanished.length === 0;
    },
    went,
    async seenHere() {
      const bad = files.problems.map(({ file }) => nameOfFile(file));
      return new Set([...(await brake.seen()), ...inForceOnce]).difference(new Set(bad));
    },
    stop() {
      cancelRepeat();
      for (const cancel of doubts.values()) cancel();
      return reading;
    },
  };
}

/** The name of its workflow, unless it says another. */
export const nameOfFile = (file: string): string => file.slice(file.lastIndexOf("/") + 1).replace(/\.json$/, "");
