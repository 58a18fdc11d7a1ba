/** `*` for any run of characters, `?` for one, as in policies. Compiled once: a role's calls ask for the same ones again. */
export function wildcard(pattern: string, options: { anyCase?: boolean } = {}): (text: string) => boolean {
  const key = `${options.anyCase ? "i" : "c"}${pattern}`;
  const known = compiled.get(key);
  if (known) return known;
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", "[^]*")
    .replaceAll("?", "[^]");
  const expression = new RegExp(`^${source}$`, options.anyCase ? "i" : "");
  const matches = (text: string) => expression.test(text);
  if (compiled.size >= MOST_COMPILED) compiled.clear();
  compiled.set(key, matches);
  return matches;
}

const MOST_COMPILED = 10_000;
const compiled = new Map<string, (text: string) => boolean>();
