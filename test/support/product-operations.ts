/** Which operations of AWS the product's own code calls, read from its imports: `s3:PutObject`. */
import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

const root = dirname(dirname(import.meta.dirname));

/**
 * By the SDK client's name and the operation's, sorted. A paginator calls the operation that it is named after.
 * @param files glob of those that are looked at
 */
export function productOperations(files = "{src,lambda,worker}/**/*.ts"): string[] {
  const found = new Set<string>();
  for (const file of globSync(files, { cwd: root })) {
    const text = readFileSync(join(root, file), "utf8");
    for (const [, names, client] of text.matchAll(/import (?!type)\{([^}]*)\} from "@aws-sdk\/client-([a-z0-9-]+)"/g)) {
      for (const [, paginated, commanded] of names!.matchAll(/\b(?:paginate(\w+)|(\w+)Command)\b/g)) {
        found.add(`${client}:${paginated ?? commanded}`);
      }
    }
  }
  return [...found].sort();
}
