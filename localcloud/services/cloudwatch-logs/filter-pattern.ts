import { invalidParameter } from "./lookup.ts";

/**
 * The plain half of CloudWatch's filter patterns: all words must occur, `?word` is one of several, `-word` must not occur,
 * and quotes keep words together. Matching is by case, as CloudWatch does it.
 */
export function matcher(pattern: string | undefined): (message: string) => boolean {
  const text = (pattern ?? "").trim();
  if (text.startsWith("{") || text.startsWith("[") || text.startsWith("%")) {
    throw invalidParameter("The local cloud filters log events by words only, not by fields or regular expressions.");
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
