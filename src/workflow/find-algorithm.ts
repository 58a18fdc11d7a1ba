/** Finds and reads the algorithms that a workflow names. */
import type { Algorithm } from "./algorithm.ts";
import type { Document, Path } from "./document.ts";
import { type ParsedAlgorithm, parseAlgorithm } from "./parse-algorithm.ts";
import type { Problem } from "./problem.ts";
import type { SourceFile } from "./source-file.ts";

/** Finds the file of an algorithm. Only called with names that are good as parts of a path. */
export type AlgorithmFiles = (name: string) => SourceFile | undefined;

/** Reads each algorithm once, however often it is named. */
export class Algorithms {
  readonly #files: AlgorithmFiles;
  readonly #parsed = new Map<string, ParsedAlgorithm | undefined>();

  constructor(files: AlgorithmFiles) {
    this.#files = files;
  }

  /** The algorithm that the document names at a path, with what is wrong with it. */
  find(name: string, document: Document, path: Path): { algorithm?: Algorithm; problems: readonly Problem[] } {
    const parsed = this.#parse(name);
    if (parsed === undefined) {
      const message = `names the algorithm ${name}, which is not described; add algorithms/${name}.json beside this file, or correct the name`;
      return { problems: [document.error(path, message)] };
    }
    const { algorithm, problems } = parsed;
    if (algorithm === undefined) {
      const message = `names the algorithm ${name}, whose file has errors; correct them there`;
      return { problems: [...problems, document.error(path, message)] };
    }
    if (algorithm.name !== name) {
      const message = `names ${name}, but the file found for it describes ${algorithm.name}; give both one name`;
      return { problems: [...problems, document.error(path, message)] };
    }
    return { algorithm, problems };
  }

  #parse(name: string): ParsedAlgorithm | undefined {
    if (!this.#parsed.has(name)) {
      const file = this.#files(name);
      this.#parsed.set(name, file && parseAlgorithm(file));
    }
    return this.#parsed.get(name);
  }
}
