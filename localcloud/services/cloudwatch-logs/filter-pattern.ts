import { invalidParameter } from "./lookup.ts";

/**
 * Of CloudWatch's filter patterns those by words, and the simplest by fields of JSON. By words: all must occur, `?word` is
 * one of several, `-word` must not occur, and quotes keep words together. Matching is by case, as CloudWatch does it.
 */
export function matcher(pattern: string | undefined): (message: string) => boolean {
  const text = (pattern ?? "").trim();
  if (text.startsWith("{")) return fieldMatcher(text);
  if (text.startsWith("[") || text.startsWith("%")) {
    throw invalidParameter("The local cloud filters log events by words and by fields of JSON, in no other way.");
  }
  const terms = [...text.matchAll(/([?-]?)(?:"([^"]*)"|(\S+))/g)].map(([, sign, quoted, bare]) => ({
    sign,
    word: quoted ?? bare ?? "",
  }));
  const words = (sign: string) => terms.filter((term) => term.sign === sign).map((term) => term.word);
  const [all, any, none] = [words(""), words("?"), words("-")];
  return (message) =>
    all.every((word) => message.includes(word)) &&
    // Beside words that must occur, CloudWatch ignores the optional ones.
    (any.length === 0 || all.length > 0 || any.some((word) => message.includes(word))) &&
    !none.some((word) => message.includes(word));
}

/** Of the patterns for JSON: `{ $.field = "text" || $.other = "text" }`, without wildcards. */
function fieldMatcher(text: string): (message: string) => boolean {
  const inside = /^\{(.*)\}$/s.exec(text)?.[1] ?? "";
  const one = /\s*\$\.(\w+)\s*=\s*"([^"\\*]*)"\s*/y;
  const wanted: { field: string; value: string }[] = [];
  for (;;) {
    const match = one.exec(inside);
    if (match === null) throw invalidParameter(`The local cloud cannot read the filter pattern ${text}`);
    wanted.push({ field: match[1]!, value: match[2]! });
    if (one.lastIndex === inside.length) break;
    if (!inside.startsWith("||", one.lastIndex)) {
      throw invalidParameter(`The local cloud cannot read the filter pattern ${text}`);
    }
    one.lastIndex += 2;
  }
  return (message) => wanted.some(({ field, value }) => fieldsOf(message)?.[field] === value);
}

function fieldsOf(message: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(message) ?? undefined;
  } catch {
    return undefined;
  }
}
