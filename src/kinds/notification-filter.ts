/**
 * How S3 wants the beginning and the end of keys written in a notification's filter: a space as `+`, whatever is no safe
 * character percent-encoded (S3 User Guide, "Configuring event notifications using object key name filtering"). Written
 * plainly, `day 1/` or `run=1/` is accepted and fits no upload.
 */

export const filterValue = (text: string): string =>
  encodeURIComponent(text).replaceAll("%20", "+").replaceAll("%2F", "/").replaceAll("~", "%7E");

/** The text that a value stands for; one that is no such value, of somebody's writing, stands for itself. */
export function filterText(value: string): string {
  try {
    return decodeURIComponent(value.replaceAll("+", " "));
  } catch {
    return value;
  }
}
