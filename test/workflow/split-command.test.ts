import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { splitCommand } from "../../src/workflow/split-command.ts";

const words = (command: string): readonly string[] => {
  const split = splitCommand(command);
  if ("problem" in split) throw new Error(split.problem);
  return split.words;
};

test("blanks separate, quotes group, backslashes escape, as in a shell", () => {
  assert.deepEqual(words("sh /change123.sh $input $output"), ["sh", "/change123.sh", "$input", "$output"]);
  assert.deepEqual(words("  a\t b \n c "), ["a", "b", "c"]);
  assert.deepEqual(words(`a 'b  c' "d 'e'" f\\ g`), ["a", "b  c", "d 'e'", "f g"]);
  assert.deepEqual(words(`'' "" a''b`), ["", "", "ab"]);
  assert.deepEqual(words(String.raw`"\$a \"b\" \\ \n" '\$'`), [String.raw`$a "b" \ \n`, String.raw`\$`]);
  assert.deepEqual(words('a \\\nb "c\\\nd"'), ["a", "b", "cd"], "a backslash joins lines");
  assert.deepEqual(words("--in=$input -x='1 2'"), ["--in=$input", "-x=1 2"]);
  assert.deepEqual(words("   "), []);
});

test("what is left open is a problem with its place", () => {
  assert.deepEqual(splitCommand("a 'b"), {
    problem: "has a quote ' at character 3 that is never closed; close it or write \\'",
  });
  assert.match((splitCommand('a "b\\"') as { problem: string }).problem, /quote " at character 3/);
  assert.match((splitCommand("a \\") as { problem: string }).problem, /ends in a backslash/);
});

test("what only a shell would do is refused, unless it is quoted", () => {
  for (const command of ["a | b", "a > b", "a && b", "a; b", "(a)", "a < b"]) {
    assert.match((splitCommand(command) as { problem: string }).problem, /no shell runs it/, command);
  }
  assert.deepEqual(words(`grep 'a|b' "c;d" e\\&f`), ["grep", "a|b", "c;d", "e&f"]);
});

test("arguments that were quoted come back as they were", () => {
  const singleQuoted = (argument: string) => `'${argument.replaceAll("'", "'\\''")}'`;
  const doubleQuoted = (argument: string) => `"${argument.replace(/[\\"$`]/g, "\\$&")}"`;
  const escaped = (argument: string) =>
    argument === "" || argument.includes("\n") ? singleQuoted(argument) : argument.replace(/./gs, "\\$&");
  for (const quoted of [singleQuoted, doubleQuoted, escaped]) {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary" })), (list) => {
        assert.deepEqual(words(list.map(quoted).join(" ")), list);
      }),
    );
  }
});

test("any text is split or refused, and nothing throws", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("a", " ", "'", '"', "\\", "$", "\n", "|") }), (command) => {
      const split = splitCommand(command);
      assert.ok("problem" in split ? split.problem !== "" : Array.isArray(split.words));
    }),
  );
});
