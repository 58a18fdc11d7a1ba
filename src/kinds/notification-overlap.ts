/** When S3 refuses two notification entries of one bucket: an event that both would tell of. */

export interface Filter {
  /** For instance `s3:ObjectCreated:*`. */
  readonly events: readonly string[];
  readonly prefix: string;
  readonly suffix: string;
}

/** "Cannot have overlapping suffixes in two rules if the prefixes are overlapping for the same event type" (InvalidArgument). */
export function overlaps(one: Filter, other: Filter): boolean {
  const { prefix: a, suffix: c } = one;
  const { prefix: b, suffix: d } = other;
  return (
    one.events.some((event) => other.events.some((against) => sameEvent(event, against))) &&
    (a.startsWith(b) || b.startsWith(a)) &&
    (c.endsWith(d) || d.endsWith(c))
  );
}

/** `s3:ObjectCreated:*` stands for each of its kind. */
function sameEvent(one: string, other: string): boolean {
  const covers = (pattern: string, event: string) =>
    pattern === event || (pattern.endsWith("*") && event.startsWith(pattern.slice(0, -1)));
  return covers(one, other) || covers(other, one);
}
