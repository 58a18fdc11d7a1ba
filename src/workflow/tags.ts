/** The user's tags: what AWS allows, and what we need of it to find our own. */

/** AWS allows 50 tags on a resource; the others are ours and room for other people's. */
export const MAX_TAGS = 30;
/** The keys are listed in one tag of ours, separated by spaces, and a tag's value has at most 256 characters. */
export const MAX_TAG_KEYS_LENGTH = 256;

export interface TagProblem {
  /** Undefined where all tags together are at fault. */
  readonly key?: string;
  readonly message: string;
}

export function tagProblems(tags: Readonly<Record<string, unknown>>): TagProblem[] {
  const keys = Object.keys(tags);
  const problems: TagProblem[] = [];
  if (keys.length > MAX_TAGS) problems.push({ message: `has ${keys.length} tags; at most ${MAX_TAGS} are allowed` });
  const length = keys.join(" ").length;
  if (length > MAX_TAG_KEYS_LENGTH) {
    problems.push({
      message: `has keys of ${length} characters together, spaces between them included; at most ${MAX_TAG_KEYS_LENGTH} are allowed, so shorten some`,
    });
  }
  for (const key of keys) {
    const messages = [keyProblem(key), twinProblem(key, keys), valueProblem(tags[key])];
    for (const message of messages) if (message) problems.push({ key, message });
  }
  return problems;
}

function keyProblem(key: string): string | undefined {
  if (key === "" || key.length > 128) return "has a key that is empty or longer than 128 characters; choose another";
  const reserved = /^(aws|pipewright):/i.exec(key);
  if (reserved) return `has a key that begins with ${reserved[0]}, which is reserved; choose another`;
  const odd = /[^\p{L}\p{N}_.:/=+\-@]/u.exec(key);
  return odd ? `has ${JSON.stringify(odd[0])} in its key; letters, digits and _ . : / = + - @ are allowed` : undefined;
}

/** IAM takes no heed of the case of a role's keys, and refuses two that are one to it (IAM User Guide, "Tags for IAM resources"). */
function twinProblem(key: string, keys: readonly string[]): string | undefined {
  const first = keys.find((other) => other.toLowerCase() === key.toLowerCase());
  return first === key
    ? undefined
    : `has the key ${JSON.stringify(first)} in other letters, which is the same on a role; keep one`;
}

function valueProblem(value: unknown): string | undefined {
  if (typeof value !== "string") return `must be a text in double quotes, such as ${JSON.stringify(String(value))}`;
  if (value.length > 256) return `has a value of ${value.length} characters; at most 256 are allowed`;
  const odd = /[^\p{L}\p{Z}\p{N}_.:/=+\-@]/u.exec(value);
  return odd
    ? `has ${JSON.stringify(odd[0])} in its value; letters, digits, spaces and _ . : / = + - @ are allowed`
    : undefined;
}
