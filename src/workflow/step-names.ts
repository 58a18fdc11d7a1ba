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
