/** What `run_command` must be for a file to go in and a result to come out. */
import type { z } from "zod";
import type { algorithmFile } from "./algorithm-schema.ts";
import type { Document } from "./document.ts";
import type { Problem } from "./problem.ts";
import { splitCommand } from "./split-command.ts";
import { didYouMean } from "./suggest.ts";

/** What is replaced in the arguments; everything else with a dollar stays as it is. */
export const PLACEHOLDERS = ["$input", "$output"] as const;

const SHELLS = /^(\/(usr\/)?bin\/)?(sh|bash|dash|ash|zsh|ksh)$/;

export function checkCommand(document: Document, file: Partial<z.output<typeof algorithmFile>>): Problem[] {
  if (file.run_command === undefined) return [];
  const path = ["run_command"];
  const split = splitCommand(file.run_command);
  if ("problem" in split) return [document.error(path, split.problem)];
  if (split.words.length === 0) {
    return [document.error(path, 'is empty; write the command, such as "sh /change123.sh $input $output"')];
  }
  if (split.words[0]!.includes("$")) {
    return [document.error(path, "must begin with a program; $input and $output are its arguments")];
  }
  const script = scriptOf(split.words);
  if (script && mentions(script, "$input", "$output")) {
    const message =
      'puts $input or $output into a script, where a file\'s name would run as a part of it; write sh -c \'… "$1" … "$2"\' sh $input $output';
    return [document.error(path, message)];
  }
  const problems = script === undefined ? unknownVariables(split.words, document) : [];
  if (!mentions(file.run_command, "$output")) problems.push(...checkResultFolder(document, file));
  return problems;
}

/** The text that a shell is told to run with `-c`. */
function scriptOf(words: readonly string[]): string | undefined {
  if (!SHELLS.test(words[0]!)) return undefined;
  const option = words.findIndex((word) => /^-[a-z]*c[a-z]*$/.test(word));
  return option === -1 ? undefined : words[option + 1];
}

/** `$inputs` is not `$input`; `$input.png` is. */
const mentions = (text: string, ...placeholders: readonly string[]): boolean =>
  [...text.matchAll(/\$\w+/g)].some(([name]) => placeholders.includes(name));

function unknownVariables(words: readonly string[], document: Document): Problem[] {
  const names = words.flatMap((word) => [...word.matchAll(/\$\{?\w+\}?/g)].map(([name]) => name));
  const unknown = [...new Set(names)].filter((name) => !(PLACEHOLDERS as readonly string[]).includes(name));
  return unknown.map((name) =>
    document.notice(
      ["run_command"],
      `hands ${name} over as it is, since no shell replaces it${didYouMean(name, PLACEHOLDERS) || "; for a shell write sh -c '…'"}`,
    ),
  );
}

/** With no `$output`, the whole folder is the result, so it must hold nothing else. */
function checkResultFolder(document: Document, file: Partial<z.output<typeof algorithmFile>>): Problem[] {
  const { input_file_path: input, output_file_path: output } = file;
  if (output === undefined) return [];
  const inside = (folder: string) => `${folder.replace(/\/+$/, "")}/`;
  if (inside(output) === "/") {
    const message =
      'is "/", and run_command names no $output, so the whole container would be the result; name a folder such as "/output"';
    return [document.error(["output_file_path"], message)];
  }
  if (input === undefined || !inside(input).startsWith(inside(output))) return [];
  const message = `holds the input folder ${input}, and run_command names no $output, so the input would be in the result; name another folder`;
  return [document.error(["output_file_path"], message)];
}
