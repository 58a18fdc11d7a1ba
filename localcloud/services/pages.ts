import type { AwsError } from "../service.ts";

export interface Page<T> {
  readonly items: readonly T[];
  /** Absent on the last page. */
  readonly next: string | undefined;
}

/**
 * Cuts a list, sorted by `keyOf`, into pages. The token names the last key given out, so that things which come and go
 * between two pages neither repeat nor hide others. `badToken` makes the service's own error for a token that is not ours.
 */
export function pageOf<T>(
  items: Iterable<T>,
  keyOf: (item: T) => string,
  options: { readonly limit: number; readonly token: string | undefined; readonly badToken: () => AwsError },
): Page<T> {
  const after = options.token === undefined ? undefined : decodeToken(options.token, options.badToken);
  const sorted = [...items]
    .map((item) => ({ key: keyOf(item), item }))
    .filter(({ key }) => after === undefined || key > after)
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  const page = sorted.slice(0, options.limit);
  const next = sorted.length > page.length ? encodeToken(page.at(-1)!.key) : undefined;
  return { items: page.map(({ item }) => item), next };
}

const MARK = "page:";

function encodeToken(key: string): string {
  return Buffer.from(MARK + key).toString("base64");
}

function decodeToken(token: string, badToken: () => AwsError): string {
  const text = Buffer.from(token, "base64").toString();
  if (!text.startsWith(MARK)) throw badToken();
  return text.slice(MARK.length);
}
