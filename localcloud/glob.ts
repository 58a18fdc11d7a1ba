/** Matches whole words with `*` for any run of characters, regardless of case. */
export function globMatcher(pattern: string): (text: string) => boolean {
  if (pattern === "*") return () => true;
  const escaped = pattern.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*");
  const expression = new RegExp(`^${escaped}$`, "i");
  return (text) => expression.test(text);
}
