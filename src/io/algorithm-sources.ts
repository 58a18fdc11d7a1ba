/** Where the programs of algorithms lie on this machine, by the image that holds them elsewhere. Read anew each time. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Algorithm } from "../workflow/algorithm.ts";
import { parseAlgorithm } from "../workflow/parse-algorithm.ts";

export interface AlgorithmSource {
  /** Absolute. */
  readonly folder: string;
  /** Where the image holds these files; empty: at its root. Undefined where no argument of the command names one. */
  readonly mountedAt?: string;
}

/** @param pipelines folder of workflow files; their algorithms stand below it */
export function createAlgorithmSources(pipelines: string): (image: string) => AlgorithmSource | undefined {
  const folder = resolve(pipelines, "algorithms");
  return (image) => {
    for (const algorithm of algorithmsIn(folder)) {
      if (algorithm.image !== image || algorithm.source === undefined) continue;
      const source = join(folder, algorithm.source);
      if (existsSync(source)) return { folder: source, ...mountOf(algorithm, source) };
    }
    return undefined;
  };
}

function algorithmsIn(folder: string): Algorithm[] {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".json")) : [];
  return names.sort().flatMap((name) => {
    const path = join(folder, name);
    return parseAlgorithm({ path, bytes: readFileSync(path) }).algorithm ?? [];
  });
}

/** `/app/grey.mjs`, and the folder holds `grey.mjs`: it stands at `/app`. */
function mountOf({ command }: Algorithm, source: string): { mountedAt?: string } {
  for (const argument of command.filter((word) => word.startsWith("/"))) {
    const parts = argument.slice(1).split("/");
    const level = parts.findIndex((_, index) => existsSync(join(source, ...parts.slice(index))));
    if (level >= 0)
      return {
        mountedAt: parts
          .slice(0, level)
          .map((part) => `/${part}`)
          .join(""),
      };
  }
  return {};
}
