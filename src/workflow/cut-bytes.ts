/** The longest beginning of a text with at most so many bytes of UTF-8 that splits no character. */
export function cutBytes(text: string, mostBytes: number): string {
  let length = 0;
  let used = 0;
  for (const character of text) {
    used += Buffer.byteLength(character);
    if (used > mostBytes) break;
    length += character.length;
  }
  return text.slice(0, length);
}
