import type { Filter } from "@aws-sdk/client-ec2";
import { AwsError } from "../../service.ts";
import { pageOf } from "../pages.ts";

/** What each filter of a Describe operation compares with: the values that a thing has for it. */
export type FilterFields<T> = Readonly<Record<string, (item: T) => readonly (string | number | boolean | undefined)[]>>;

/**
 * Keeps what passes all filters; a filter passes when any of its values does. `*` and `?` are wildcards. `tag:KEY` and
 * `tag-key` work on everything that carries tags.
 */
export function filtered<T extends { readonly tags: ReadonlyMap<string, string> }>(
  items: Iterable<T>,
  filters: readonly Filter[] | undefined,
  fields: FilterFields<T>,
): T[] {
  const checks = (filters ?? []).map((filter) => {
    const name = filter.Name ?? "";
    const patterns = (filter.Values ?? []).map(wildcard);
    const valuesOf = fieldOf(name, fields);
    return (item: T) =>
      valuesOf(item).some((value) => value !== undefined && patterns.some((p) => p.test(String(value))));
  });
  return [...items].filter((item) => checks.every((check) => check(item)));
}

function fieldOf<T extends { readonly tags: ReadonlyMap<string, string> }>(
  name: string,
  fields: FilterFields<T>,
): FilterFields<T>[string] {
  if (name === "tag-key") return (item) => [...item.tags.keys()];
  if (name.startsWith("tag:")) return (item) => [item.tags.get(name.slice("tag:".length))];
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (field === undefined) throw new AwsError("InvalidParameterValue", `The filter '${name}' is invalid`);
  return field;
}

function wildcard(pattern: string): RegExp {
  const source = pattern.replace(/\\[*?\\]|[\\^$.|+()[\]{}*?]/g, (part) => {
    if (part === "*") return ".*";
    if (part === "?") return ".";
    return part.startsWith("\\") && part.length === 2 ? part : `\\${part}`;
  });
  return new RegExp(`^${source}$`, "s");
}

/** One page of a Describe operation; without `MaxResults` it is as long as AWS allows. */
export function describedPage<T extends { readonly id: string }>(
  items: readonly T[],
  input: { MaxResults?: number | undefined; NextToken?: string | undefined },
  bounds: { readonly least: number; readonly most: number },
): { items: readonly T[]; next: string | undefined } {
  const limit = input.MaxResults ?? bounds.most;
  if (limit < bounds.least || limit > bounds.most) {
    const expected = limit < bounds.least ? `greater than ${bounds.least}` : `less than ${bounds.most}`;
    throw new AwsError(
      "InvalidParameterValue",
      `Value ( ${limit} ) for parameter maxResults is invalid. Expecting a value ${expected}.`,
    );
  }
  return pageOf(items, (item) => item.id, {
    limit,
    token: input.NextToken,
    badToken: () => new AwsError("InvalidNextToken", "The provided next token is not valid."),
  });
}

/** A parameter that EC2 asks for by name when it is not there. */
export function required<T>(value: T | undefined, parameter: string): T {
  if (value === undefined || value === "") {
    throw new AwsError("MissingParameter", `The request must contain the parameter ${parameter}`);
  }
  return value;
}
