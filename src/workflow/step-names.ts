/** Names of steps that stay different when resource names make lower case and hyphens of them. */
export class StepNames {
  readonly #taken = new Set<string>();

  /** The algorithm's name; when it is taken, with the first number from 2 on that is free. */
  next(algorithmName: string): string {
    let name = algorithmName;
    for (let occurrence = 2; this.#taken.has(asInResources(name)); occurrence++) {
      name = `${algorithmName}-${occurrence}`;
    }
    this.#taken.add(asInResources(name));
    return name;
  }
}

/** What is left of a name in a bucket's: names that differ only in case, or in hyphen and underscore, become one. */
export const asInResources = (name: string): string => name.toLowerCase().replaceAll("_", "-");

/** What follows a step's name in the names of the queues and alarms that it has beside its own. */
export const SUFFIX = { deadLetters: "-dead-letters", undelivered: "-undelivered", backlog: "-backlog" } as const;

/** Names that a step takes among queues, functions and the like; what can clash among alarms clashes here too. */
export function takenNames(workflow: string, step: string): string[] {
  const base = asInResources(`pw-${workflow}-${step}`);
  return [base, base + SUFFIX.deadLetters, base + SUFFIX.undelivered];
}
