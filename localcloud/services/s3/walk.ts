export interface Walk {
  readonly Prefix?: string | undefined;
  readonly Delimiter?: string | undefined;
  readonly after: string | undefined;
  readonly limit: number;
}

export interface Walked {
  readonly keys: readonly string[];
  /** What keys have in common up to the delimiter, each once. */
  readonly prefixes: readonly string[];
  /** Both together, in their order. */
  readonly items: readonly string[];
  /** Where the next page begins after; undefined on the last. */
  readonly next: string | undefined;
}

/** One page of a sorted list of keys, folded at the delimiter. */
export function walk(sorted: readonly string[], { Prefix = "", Delimiter, after, limit }: Walk): Walked {
  const keys: string[] = [];
  const prefixes: string[] = [];
  const items: string[] = [];
  for (let index = firstFrom(sorted, Prefix); index < sorted.length; index++) {
    const key = sorted[index]!;
    if (!key.startsWith(Prefix)) break;
    const cut = Delimiter ? key.indexOf(Delimiter, Prefix.length) : -1;
    const folded = cut < 0 ? undefined : key.slice(0, cut + Delimiter!.length);
    const item = folded ?? key;
    if (item === items.at(-1)) continue;
    // A page that ended with a folded prefix goes on behind all of its keys.
    if (after !== undefined && (compare(item, after) <= 0 || (folded && after.startsWith(folded)))) continue;
    if (items.length === limit) return { keys, prefixes, items, next: items.at(-1) };
    items.push(item);
    (folded === undefined ? keys : prefixes).push(item);
  }
  return { keys, prefixes, items, next: undefined };
}

function firstFrom(sorted: readonly string[], prefix: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compare(sorted[middle]!, prefix) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function compare(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}
