// Whether what was built is older than what it is made of.
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const SOURCES = ["src", "lambda", "worker", "localcloud", "scripts"];

/**
 * @param {string} root the repository
 * @returns {boolean} true as well where nothing was built
 */
export function isStale(root) {
  const built = changedMs(join(root, "dist/pipewright.js"));
  const files = SOURCES.filter((folder) => existsSync(join(root, folder))).flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true }).map((file) => join(folder, file)),
  );
  return ["package-lock.json", ...files].some((file) => changedMs(join(root, file)) > built);
}

/** Folders change with what comes and goes in them: what is built need not know of a file that went. */
const changedMs = (path) => {
  const found = statSync(path, { throwIfNoEntry: false });
  return found?.isFile() ? found.mtimeMs : 0;
};
