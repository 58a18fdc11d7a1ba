import { pageOf } from "../pages.ts";
import { validationError } from "./errors.ts";

/** IAM's way of paging: `Marker` and `MaxItems` (1–1000, 100 where unset), `IsTruncated` always said. */
export function iamPage<T>(
  items: Iterable<T>,
  keyOf: (item: T) => string,
  input: { readonly Marker?: string | undefined; readonly MaxItems?: number | undefined },
): { items: readonly T[]; IsTruncated: boolean; Marker: string | undefined } {
  const limit = input.MaxItems ?? 100;
  if (limit < 1 || limit > 1000) throw validationError("MaxItems must be between 1 and 1000.");
  const page = pageOf(items, keyOf, {
    limit,
    token: input.Marker,
    badToken: () => validationError("Invalid Marker."),
  });
  return { items: page.items, IsTruncated: page.next !== undefined, Marker: page.next };
}
