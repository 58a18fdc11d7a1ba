/** Runs a task for each item, at most so many at a time. Rejects with the first rejection; tasks answer errors as values. */
export async function concurrently<T>(
  items: readonly T[],
  most: number,
  task: (item: T) => Promise<void>,
): Promise<void> {
  const waiting = items.values();
  const worker = async (): Promise<void> => {
    for (const item of waiting) await task(item);
  };
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, worker));
}
