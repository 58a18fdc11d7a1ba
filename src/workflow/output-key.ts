/** Where in the output bucket the result of a file goes. Pure, since the worker computes it beside the algorithm. */
import { createHash } from "node:crypto";
import { cutBytes } from "./cut-bytes.ts";
import { didYouMean } from "./suggest.ts";

/** An S3 key has at most 1,024 bytes of UTF-8 (S3 User Guide, "Naming Amazon S3 objects"). */
export const MAX_KEY_BYTES = 1024;
export const DEFAULT_KEY_TEMPLATE = "{dir}/Result-{algorithm}-{file}";

/** Hexadecimal digits that stand for what had to be cut off. */
const HASH_DIGITS = 12;
/** A longer "extension" is no extension but the rest of a name with a dot in it. */
const MAX_EXTENSION_BYTES = 32;
const PLACEHOLDER = /\{([^{}]*)\}/g;

export const KEY_PLACEHOLDERS = ["dir", "file", "stem", "ext", "algorithm", "workflow"] as const;
type Placeholder = (typeof KEY_PLACEHOLDERS)[number];

export interface ResultOf {
  /** Key of the source file in the input bucket. */
  readonly key: string;
  readonly algorithm: string;
  readonly workflow: string;
  /** Put behind the key whatever its length: ".zip" where the result is a folder. @default "" */
  readonly suffix?: string;
}

/**
 * The result's key: `{dir}` is the source key up to its last slash, `{file}` what follows, `{stem}` and `{ext}` (with its
 * dot) are the two parts of `{file}`. At the top of a bucket `{dir}` is empty and takes the slash behind it along.
 * A key that would pass 1,024 bytes has its stem shortened, ending in a hash of the source key, so that different
 * sources keep different results.
 */
export function resultKey(template: string, of: ResultOf): string {
  const limit = MAX_KEY_BYTES - bytes(of.suffix ?? "");
  const parts = splitKey(of.key);
  const full = expand(template, of, parts);
  if (bytes(full) <= limit) return full + (of.suffix ?? "");

  const hash = createHash("sha256").update(of.key).digest("hex").slice(0, HASH_DIGITS);
  // At least one: `keyTemplateProblem` lets no template pass that names neither.
  const stems = [...template.matchAll(/\{(file|stem)\}/g)].length;
  const room = bytes(parts.stem) - Math.ceil((bytes(full) - limit) / stems) - HASH_DIGITS - 1;
  if (room > 0) {
    return expand(template, of, { ...parts, stem: `${cutBytes(parts.stem, room)}-${hash}` }) + (of.suffix ?? "");
  }
  // The folder's name alone is too long: the key itself is cut, and only its ending kept.
  const ending = `-${hash}${full.endsWith(parts.ext) ? parts.ext : ""}`;
  return cutBytes(full, limit - bytes(ending)) + ending + (of.suffix ?? "");
}

/** What is wrong with a template, and what to write instead; undefined for a good one. */
export function keyTemplateProblem(template: string): string | undefined {
  const known = KEY_PLACEHOLDERS.map((name) => `{${name}}`).join(" ");
  for (const [whole, name] of template.matchAll(PLACEHOLDER)) {
    if (!isPlaceholder(name!))
      return `has the unknown placeholder ${whole}${didYouMean(name!, KEY_PLACEHOLDERS) || `; known are ${known}`}`;
  }
  if (/[{}]/.test(template.replace(PLACEHOLDER, "")))
    return `has a brace without its partner; placeholders are ${known}`;
  if (!/\{(file|stem)\}/.test(template)) {
    return `names neither {file} nor {stem}, so that results would overwrite each other; write for instance ${DEFAULT_KEY_TEMPLATE}`;
  }
  if (template.startsWith("/")) return `begins with a slash, which S3 takes for a folder without a name; leave it out`;
  if (bytes(template) > 512)
    return "has more than 512 bytes; keep it shorter, since keys have at most 1,024 with all names filled in";
  return undefined;
}

interface KeyParts {
  /** Undefined at the top of the bucket; the key `/a` lies in a folder whose name is empty. */
  readonly dir: string | undefined;
  readonly stem: string;
  readonly ext: string;
}

function splitKey(key: string): KeyParts {
  const slash = key.lastIndexOf("/");
  const file = key.slice(slash + 1);
  const dot = file.lastIndexOf(".");
  const hasExtension = dot > 0 && dot < file.length - 1 && bytes(file.slice(dot)) <= MAX_EXTENSION_BYTES;
  return {
    dir: slash === -1 ? undefined : key.slice(0, slash),
    stem: hasExtension ? file.slice(0, dot) : file,
    ext: hasExtension ? file.slice(dot) : "",
  };
}

function expand(template: string, of: ResultOf, parts: KeyParts): string {
  const values: Record<Placeholder, string> = {
    ...parts,
    dir: parts.dir ?? "",
    file: parts.stem + parts.ext,
    algorithm: of.algorithm,
    workflow: of.workflow,
  };
  const applicable = parts.dir === undefined ? template.replaceAll("{dir}/", "") : template;
  return applicable.replace(PLACEHOLDER, (whole, name: string) => (isPlaceholder(name) ? values[name] : whole));
}

const isPlaceholder = (name: string): name is Placeholder => (KEY_PLACEHOLDERS as readonly string[]).includes(name);

const bytes = (text: string): number => Buffer.byteLength(text);
