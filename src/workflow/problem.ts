/** What is wrong, or worth knowing, in a file that a person wrote. A person's mistake is a value, never an exception. */
export interface Problem {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** Counted from 1, in UTF-16 code units, as editors count. */
  readonly column: number;
  /** Where in the document: `process.algorithms[0].variables.TEST_ENV`; empty for the document itself. */
  readonly path: string;
  /** What is wrong and what to write instead, in one line. */
  readonly message: string;
  /** An error keeps the file from coming into force; a notice does not. */
  readonly severity: "error" | "notice";
}

/** `file:line:column path message`, the form in which editors and terminals offer to jump to the place. */
export function formatProblem(problem: Problem): string {
  const place = `${problem.file}:${problem.line}:${problem.column}`;
  return [place, problem.path, problem.message].filter((part) => part !== "").join(" ");
}

export const hasErrors = (problems: readonly Problem[]): boolean =>
  problems.some((problem) => problem.severity === "error");

/** In reading order: file by file, from top to bottom, and nothing twice. */
export function inReadingOrder(problems: readonly Problem[]): Problem[] {
  const once = new Map(problems.map((problem) => [formatProblem(problem), problem]));
  return [...once.values()].sort(
    (one, other) =>
      (one.file < other.file ? -1 : one.file > other.file ? 1 : 0) ||
      one.line - other.line ||
      one.column - other.column,
  );
}
