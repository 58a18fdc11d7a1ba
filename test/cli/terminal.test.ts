import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { styleText } from "node:util";
import fc from "fast-check";
import { bar, createTerminal, table } from "../../src/cli/terminal.ts";

function terminal({ out = false, err = false, noColour = false, columns = 80 } = {}) {
  const written = { out: "", err: "" };
  const stream = (name: "out" | "err", isTTY: boolean) => ({
    isTTY,
    columns,
    write(text: string) {
      written[name] += text;
    },
  });
  return { written, made: createTerminal({ out: stream("out", out), err: stream("err", err), noColour }) };
}

const ESCAPE = "\x1b[";

describe("colours", () => {
  it("are there on a terminal, and nowhere else", () => {
    assert.ok(terminal({ out: true }).made.paint("red", "x").startsWith(ESCAPE));
    assert.equal(terminal({ out: false, err: true }).made.paint("red", "x"), "x");
    assert.equal(terminal({ out: true, noColour: true }).made.paint("red", "x"), "x");
  });

  it("do not get into a file of errors, although the output goes to a terminal", () => {
    const { made, written } = terminal({ out: true, err: false });
    made.error(made.paint("red", "error: no"));
    assert.equal(written.err, "error: no\n");
    const both = terminal({ out: true, err: true });
    both.made.error(both.made.paint("red", "error: no"));
    assert.ok(both.written.err.startsWith(ESCAPE));
  });
});

describe("lines", () => {
  it("go to standard output, errors to standard error", () => {
    const { made, written } = terminal();
    made.line("a");
    made.line();
    made.error("b");
    assert.deepEqual(written, { out: "a\n\n", err: "b\n" });
  });
});

describe("progress", () => {
  it("is nothing where standard error is no terminal", () => {
    const { made, written } = terminal({ out: true, err: false });
    made.progress("working");
    made.progress("");
    assert.deepEqual(written, { out: "", err: "" });
  });

  it("is one line, taken away before anything else is said and never longer than the terminal is wide", () => {
    const { made, written } = terminal({ err: true, columns: 10 });
    made.progress("0123456789abc");
    assert.equal(written.err, "012345678");
    made.progress("next");
    assert.ok(written.err.endsWith(`\r${ESCAPE}Knext`));
    made.line("said");
    assert.ok(written.err.endsWith(`\r${ESCAPE}K`));
    const before = written.err;
    made.progress("");
    assert.equal(written.err, before);
  });

  it("is whole on a terminal whose size nobody set", () => {
    const { made, written } = terminal({ err: true, columns: 0 });
    made.progress("reading from AWS");
    assert.equal(written.err, "reading from AWS");
  });
});

describe("a table", () => {
  it("has columns as wide as they need, and no blanks at the end of a line", () => {
    assert.deepEqual(
      table(
        ["NAME", "STATE"],
        [
          ["a", "synced"],
          ["longer-name", ""],
        ],
      ),
      ["NAME         STATE", "a            synced", "longer-name"],
    );
  });

  it("takes colours for nothing when it measures", () => {
    const red = styleText("red", "ab", { validateStream: false });
    assert.equal(
      table(
        ["X", "Y"],
        [
          [red, "1"],
          ["abc", "2"],
        ],
      )[1],
      `${red}   1`,
    );
  });

  it("is its header where there are no rows", () => {
    assert.deepEqual(table(["A", "B"], []), ["A  B"]);
  });
});

describe("a bar", () => {
  it("fills as things get done", () => {
    assert.equal(bar(0, 4, 4), "[░░░░] 0/4");
    assert.equal(bar(1, 4, 4), "[█░░░] 1/4");
    assert.equal(bar(4, 4, 4), "[████] 4/4");
  });

  it("is always as wide as it should be, whatever was counted", () => {
    fc.assert(
      fc.property(fc.nat(100), fc.nat(100), fc.integer({ min: 1, max: 50 }), (done, of, width) => {
        assert.match(bar(done, of, width), new RegExp(`^\\[[█░]{${width}}\\] ${done}/${of}$`));
      }),
    );
  });
});
