/** The commands of a document: its fenced `sh` blocks, in their order. */
export interface Block {
  readonly line: number;
  readonly script: string;
  /** Why a test cannot run it, where the comment before the block says so: `<!-- not run: … -->`. */
  readonly notRun: string | undefined;
}

export function blocksOf(markdown: string): Block[] {
  const found = markdown.matchAll(/(?:^<!-- not run: (.+?) -->\n)?^```sh\n([\s\S]*?)^```$/gm);
  return [...found].map((match) => ({
    line: markdown.slice(0, match.index).split("\n").length,
    script: match[2]!,
    notRun: match[1],
  }));
}
