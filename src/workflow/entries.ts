/** The short texts that name resources from within a workflow: what to ignore, what to adopt. */
export interface IgnoreEntry {
  readonly kind: string;
  /** Of resource names; `*` stands for anything. */
  readonly glob: string;
  /** In the spec's own spelling; covers everything below it. */
  readonly path: string;
}

/** Reads `kind/glob:path`, for instance `queue/*:visibilityTimeoutSeconds`; undefined where it is none. */
export function parseIgnoreEntry(entry: string): IgnoreEntry | undefined {
  // No resource of ours has a colon in its name, so the first one ends the glob.
  const found = /^([a-z][a-z0-9-]*)\/([^:\s]+):([A-Za-z_$][\w.[\]:$/*-]*)$/.exec(entry);
  return found === null ? undefined : { kind: found[1]!, glob: found[2]!, path: found[3]! };
}

export function ignoreEntryProblem(entry: string): string | undefined {
  if (parseIgnoreEntry(entry)) return undefined;
  return 'must read kind/name:field, where * in the name stands for anything, such as "queue/*:visibilityTimeoutSeconds"';
}

export interface AdoptEntry {
  readonly kind: string;
  readonly name: string;
}

/** Reads `kind/name`, for instance `bucket/my-data`; undefined where it is none. */
export function parseAdoptEntry(entry: string): AdoptEntry | undefined {
  const found = /^([a-z][a-z0-9-]*)\/([^\s*]+)$/.exec(entry);
  return found === null ? undefined : { kind: found[1]!, name: found[2]! };
}

export function adoptEntryProblem(entry: string): string | undefined {
  if (parseAdoptEntry(entry)) return undefined;
  return 'must read kind/name with one full name, such as "bucket/my-data"';
}
