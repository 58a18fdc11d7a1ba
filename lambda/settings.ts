import { readFileSync } from "node:fs";
import { SETTINGS_FILE } from "../src/desired/function-settings.ts";

/** What the reconciler put beside this function's code. */
export const readSettings = <Settings>(): Settings =>
  JSON.parse(readFileSync(new URL(SETTINGS_FILE, import.meta.url), "utf8"));
