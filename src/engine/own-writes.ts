/** What we wrote so recently that AWS may still answer the value from before. */
import { covers } from "../core/compare.ts";
import type { Clock } from "../core/ports.ts";
import { type Key, kindFor, type Registry } from "../core/resource.ts";

export interface OwnWrites {
  /** Remembers that these fields were just written. */
  note(key: Key, paths: readonly string[]): void;
  /** The fields of these resources that are not to be judged yet. */
  settling(keys: Iterable<Key>): Map<Key, string[]>;
}

export function createOwnWrites({ clock, registry }: { clock: Clock; registry: Registry }): OwnWrites {
  /** Key → path → the monotonic time from which AWS's answer counts. */
  const trusted = new Map<Key, Map<string, number>>();
  return {
    note(key, paths) {
      for (const [pattern, lagMs] of Object.entries(kindFor(registry, key).lagMs ?? {})) {
        for (const path of paths.filter((one) => covers(pattern, one))) {
          const fields = trusted.get(key) ?? new Map<string, number>();
          trusted.set(key, fields.set(path, clock.monotonic() + lagMs));
        }
      }
    },
    settling(keys) {
      const found = new Map<Key, string[]>();
      for (const key of keys) {
        const fields = trusted.get(key);
        if (!fields) continue;
        for (const [path, from] of fields) if (from <= clock.monotonic()) fields.delete(path);
        if (fields.size === 0) trusted.delete(key);
        else found.set(key, [...fields.keys()]);
      }
      return found;
    },
  };
}
