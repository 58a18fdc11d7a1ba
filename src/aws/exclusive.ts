/** One writer at a time per thing, where AWS loses or refuses writes that meet (OperationAborted, lost policy statements). */

/** Runs `work` once every earlier one of the same name has ended, however it ended. */
export type Exclusive = <T>(name: string, work: () => Promise<T>) => Promise<T>;

export function createExclusive(): Exclusive {
  const last = new Map<string, Promise<unknown>>();
  return async (name, work) => {
    const before = last.get(name) ?? Promise.resolve();
    const mine = before.then(work, work);
    last.set(name, mine);
    try {
      return await mine;
    } finally {
      if (last.get(name) === mine) last.delete(name);
    }
  };
}
