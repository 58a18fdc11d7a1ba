/** The short texts that name resources from within a workflow: what to ignore, what to adopt. */

/** `kind/glob:field`. No resource of ours has a colon in its name, so the first one ends the glob. */
const IGNORE_ENTRY = /^[a-z][a-z0-9-]*\/[^:\s]+:[A-Za-z_$][\w.[\]:$/*-]*$/;
/** `kind/name`. */
const ADOPT_ENTRY = /^[a-z][a-z0-9-]*\/[^\s*]+$/;

export function ignoreEntryProblem(entry: string): string | undefined {
  if (IGNORE_ENTRY.test(entry)) return undefined;
  return 'must read kind/name:field, where * in the name stands for anything, such as "queue/*:visibilityTimeoutSeconds"';
}

export function adoptEntryProblem(entry: string): string | undefined {
  if (ADOPT_ENTRY.test(entry)) return undefined;
  return 'must read kind/name with one full name, such as "bucket/my-data"';
}
