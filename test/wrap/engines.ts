/** Programs that are called docker or podman, and do what a test wants of them. */
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

export const DIGEST = `sha256:${"ab".repeat(32)}`;

/** Writes a line with its arguments for each call, one argument per tab. */
export async function fakeEngine(folder: string, name: "docker" | "podman", answers = ""): Promise<void> {
  await mkdir(folder, { recursive: true });
  const script = ["#!/bin/sh", `{ printf '%s' ${name}; printf '\\t%s' "$@"; echo; } >> "${folder}/calls"`, answers, ""];
  await writeFile(join(folder, name), script.join("\n"));
  await chmod(join(folder, name), 0o755);
}

export const callsIn = async (folder: string): Promise<string[][]> =>
  (await readFile(join(folder, "calls"), "utf8").catch(() => ""))
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.split("\t"));
