/** A file's bytes read as JSON with comments, where each value knows its place. */
import {
  createScanner,
  findNodeAtLocation,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from "jsonc-parser";
import type { Problem } from "./problem.ts";
import { decode, type SourceFile } from "./source-file.ts";
import { syntaxMessage } from "./syntax-message.ts";

export type Path = readonly (string | number)[];

export interface Place {
  readonly line: number;
  readonly column: number;
}

export interface Document {
  readonly file: string;
  /** The content as plain data; undefined where the file is no JSON at all, and then `problems` says why. */
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** The value at a path or, where there is none, the nearest thing around it. */
  place(path: Path): Place;
  /** The name of the field at a path: what is wrong with an unknown field is its name. */
  placeOfName(path: Path): Place;
  /** An error at a value's place. */
  error(path: Path, message: string): Problem;
  /** A notice at a value's place. */
  notice(path: Path, message: string): Problem;
}

/** Deeper than any file of ours by far; parsers that call themselves for each level must not run out of stack. */
const MOST_LEVELS = 64;
/** After a slip, most further syntax errors are only its echo. */
const MOST_SYNTAX_ERRORS = 5;
/** A file with more fields that stand twice was made by a program, and one of them tells what is wrong with it. */
const MOST_REPEATED = 100;

export function readDocument(source: SourceFile): Document {
  const decoded = decode(source);
  if ("problem" in decoded) return new ParsedDocument(source.path, "", [decoded.problem]);
  const { text } = decoded;
  const unread = new ParsedDocument(source.path, text, []);
  const tooDeep = offsetOfDepth(text, MOST_LEVELS);
  if (tooDeep !== undefined) {
    const message = `nests deeper than ${MOST_LEVELS} levels; a workflow or algorithm file needs no more than six`;
    return new ParsedDocument(source.path, text, [unread.errorAt(tooDeep, message)]);
  }
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true });
  if (errors.length > 0 || root === undefined) {
    return new ParsedDocument(source.path, text, syntaxProblems(errors, unread));
  }
  const repeated: Problem[] = [];
  const value = toValue(root, [], (node, path, message) => {
    if (repeated.length < MOST_REPEATED) repeated.push(unread.errorAt(node.offset, message, path));
  });
  return new ParsedDocument(source.path, text, repeated, { root, value });
}

/** `process.algorithms[0].variables.TEST_ENV`. */
export function pathText(path: Path): string {
  return path.map((part, index) => (typeof part === "number" ? `[${part}]` : index === 0 ? part : `.${part}`)).join("");
}

class ParsedDocument implements Document {
  readonly file: string;
  readonly problems: readonly Problem[];
  readonly value: unknown;
  readonly #root: Node | undefined;
  readonly #lineStarts: readonly number[];

  constructor(file: string, text: string, problems: readonly Problem[], content?: { root: Node; value: unknown }) {
    this.file = file;
    this.problems = problems;
    this.value = content?.value;
    this.#root = content?.root;
    this.#lineStarts = lineStarts(text);
  }

  placeOf(offset: number): Place {
    let [line, beyond] = [0, this.#lineStarts.length];
    while (beyond - line > 1) {
      const middle = (line + beyond) >> 1;
      if (this.#lineStarts[middle]! <= offset) line = middle;
      else beyond = middle;
    }
    return { line: line + 1, column: offset - this.#lineStarts[line]! + 1 };
  }

  errorAt(offset: number, message: string, path: Path = []): Problem {
    return { file: this.file, ...this.placeOf(offset), path: pathText(path), message, severity: "error" };
  }

  place(path: Path): Place {
    return this.placeOf(this.#nearestNode(path)?.offset ?? 0);
  }

  placeOfName(path: Path): Place {
    const node = this.#nearestNode(path);
    return this.placeOf((node?.parent?.type === "property" ? node.parent : node)?.offset ?? 0);
  }

  error(path: Path, message: string): Problem {
    return this.errorAt(this.#nearestNode(path)?.offset ?? 0, message, path);
  }

  notice(path: Path, message: string): Problem {
    return { ...this.error(path, message), severity: "notice" };
  }

  #nearestNode(path: Path): Node | undefined {
    if (this.#root === undefined) return undefined;
    for (let length = path.length; length > 0; length--) {
      const node = findNodeAtLocation(this.#root, path.slice(0, length));
      if (node !== undefined) return node;
    }
    return this.#root;
  }
}

/** Plain data of a tree. A field that stands twice, or that JavaScript would take for something else, is an error. */
function toValue(node: Node, path: Path, complain: (node: Node, path: Path, message: string) => void): unknown {
  if (node.type === "array") {
    return (node.children ?? []).map((child, index) => toValue(child, [...path, index], complain));
  }
  if (node.type !== "object") return node.value as unknown;
  const fields = new Map<string, unknown>();
  for (const property of node.children ?? []) {
    const [name, value] = property.children ?? [];
    if (name === undefined || value === undefined) continue;
    const field = String(name.value);
    const at = [...path, field];
    if (field === "__proto__") complain(name, at, "is not allowed as a name; choose another");
    else if (fields.has(field)) complain(name, at, "stands here a second time; keep one of the two");
    else fields.set(field, toValue(value, at, complain));
  }
  return Object.fromEntries(fields);
}

function offsetOfDepth(text: string, mostLevels: number): number | undefined {
  const scanner = createScanner(text, true);
  let levels = 0;
  do {
    scanner.scan();
    const token = text[scanner.getTokenOffset()] ?? "";
    if ("{[".includes(token)) levels += token.length;
    if ("}]".includes(token)) levels -= token.length;
    if (levels > mostLevels) return scanner.getTokenOffset();
  } while (scanner.getTokenLength() > 0);
  return undefined;
}

function lineStarts(text: string): number[] {
  return [0, ...Array.from(text.matchAll(/\r\n|\n|\r/g), (found) => found.index + found[0].length)];
}

/** The first of each line, and none that is only the echo of a word that the scanner could not read. */
function syntaxProblems(errors: readonly ParseError[], document: ParsedDocument): Problem[] {
  const problems: Problem[] = [];
  let before = "";
  for (const { error, offset } of errors) {
    const code = printParseErrorCode(error);
    const isEcho = before === "InvalidSymbol" && code !== before;
    before = code;
    const problem = document.errorAt(offset, syntaxMessage(code));
    if (isEcho || problem.line === problems.at(-1)?.line) continue;
    if (problems.push(problem) === MOST_SYNTAX_ERRORS) break;
  }
  return problems;
}
