/**
 * Works on so many items at a time and answers in the items' order. No more items are taken in than are being worked on, so
 * that a bucket of a million files is never in memory at once.
 */
export async function* inOrder<T, R>(
  items: AsyncIterable<T> | Iterable<T>,
  atOnce: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R, void> {
  const running: Promise<R>[] = [];
  try {
    for await (const item of items) {
      const one = work(item);
      // A failure is told when its turn comes; until then nobody listens.
      one.catch(() => {});
      running.push(one);
      if (running.length >= atOnce) yield await running.shift()!;
    }
    while (running.length > 0) yield await running.shift()!;
  } finally {
    await Promise.allSettled(running);
  }
}

/** The same for work without answers. Nothing further is begun once one has failed. */
export async function eachOf<T>(
  items: AsyncIterable<T> | Iterable<T>,
  atOnce: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  for await (const _ of inOrder(items, atOnce, work));
}
