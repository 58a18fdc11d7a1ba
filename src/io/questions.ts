/** Questions to a person, or to whatever is piped in instead of one. */
import { createInterface } from "node:readline";

export interface Questions {
  /** The next line; undefined when no more will come. */
  ask(question: string): Promise<string | undefined>;
  close(): void;
}

/** Lines that come before they are asked for are kept, which readline's own `question` does not do. */
export function createQuestions(streams: { input: NodeJS.ReadableStream; output: NodeJS.WritableStream }): Questions {
  const reader = createInterface({ input: streams.input });
  const lines = reader[Symbol.asyncIterator]();
  return {
    async ask(question) {
      streams.output.write(question);
      const next = await lines.next();
      return next.done ? undefined : next.value;
    },
    close: () => reader.close(),
  };
}
