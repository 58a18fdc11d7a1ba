import type { DeadLetterReason } from "../src/workflow/file-message.ts";

/** How the work on a message came to an end. */
export type Ending =
  /** The result is there. */
  | { readonly is: "done" }
  /** Another try may help; when they are used up, the file is given up for this reason. */
  | { readonly is: "retry"; readonly reason: DeadLetterReason; readonly detail: string }
  /** No other try can help. */
  | { readonly is: "fail"; readonly reason: DeadLetterReason; readonly detail: string }
  /** The task is being stopped. It was no try. */
  | { readonly is: "interrupted" }
  /** The algorithm cannot be started at all. That is no file's fault, so it was no try, and the worker ends. */
  | { readonly is: "unable"; readonly detail: string };

/** Thrown to end the work on a file from wherever it is. */
export class Unfinished extends Error {
  readonly ending: Ending;

  constructor(ending: Ending) {
    super("detail" in ending ? ending.detail : ending.is);
    this.ending = ending;
  }
}
