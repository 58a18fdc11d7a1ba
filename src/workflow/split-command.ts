/** Splits a command line into arguments as a POSIX shell would, and does nothing else that a shell does. */
export type SplitCommand = { readonly words: readonly string[] } | { readonly problem: string };

/** Unquoted, these make a shell do something; here they would arrive at the program as text. */
const OPERATORS = /^[|&;<>()]$/;

/**
 * Blanks separate words; `'…'` keeps all, `"…"` keeps all but `\` before `$`, `` ` ``, `"`, `\` and line breaks;
 * outside of quotes `\` keeps the next character. Quotes group words and do not protect `$input` and `$output`, which are
 * replaced afterwards, argument by argument.
 */
export function splitCommand(command: string): SplitCommand {
  const words: string[] = [];
  let word: string | undefined;
  let position = 0;
  while (position < command.length) {
    const character = command[position]!;
    if (character === "'" || character === '"') {
      const quoted = character === "'" ? singleQuoted(command, position) : doubleQuoted(command, position);
      if (quoted === undefined) {
        return {
          problem: `has a quote ${character} at character ${position + 1} that is never closed; close it or write \\${character}`,
        };
      }
      word = (word ?? "") + quoted.text;
      position = quoted.end;
    } else if (character === "\\") {
      if (position + 1 === command.length) return { problem: "ends in a backslash; remove it or write \\\\" };
      const next = command[position + 1]!;
      // A backslash before a line break joins the lines.
      if (next !== "\n") word = (word ?? "") + next;
      position += 2;
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
      position++;
    } else if (OPERATORS.test(character)) {
      return {
        problem: `has ${character} at character ${position + 1}, but no shell runs it; put it in quotes, or write sh -c '… "$1" … "$2"' sh $input $output`,
      };
    } else {
      word = (word ?? "") + character;
      position++;
    }
  }
  if (word !== undefined) words.push(word);
  return { words };
}

interface Quoted {
  text: string;
  end: number;
}

function singleQuoted(command: string, start: number): Quoted | undefined {
  const end = command.indexOf("'", start + 1);
  return end === -1 ? undefined : { text: command.slice(start + 1, end), end: end + 1 };
}

function doubleQuoted(command: string, start: number): Quoted | undefined {
  let text = "";
  for (let position = start + 1; position < command.length; position++) {
    const character = command[position]!;
    if (character === '"') return { text, end: position + 1 };
    const next = command[position + 1];
    if (character === "\\" && next !== undefined && '$`"\\\n'.includes(next)) {
      if (next !== "\n") text += next;
      position++;
    } else {
      text += character;
    }
  }
  return undefined;
}
