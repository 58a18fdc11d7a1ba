import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { readDocument } from "../../src/workflow/document.ts";
import { parseWorkflow } from "../../src/workflow/parse.ts";
import { parseAlgorithm } from "../../src/workflow/parse-algorithm.ts";
import { formatProblem } from "../../src/workflow/problem.ts";
import { MAX_FILE_BYTES } from "../../src/workflow/source-file.ts";
import { beside, file, SAMPLE_ALGORITHM, SAMPLE_WORKFLOW } from "./files.ts";

const problemsOf = (content: string | Uint8Array): string[] => {
  const source = typeof content === "string" ? file("a.json", content) : { path: "a.json", bytes: content };
  return readDocument(source).problems.map(formatProblem);
};

test("comments, trailing commas and a byte order mark are accepted", () => {
  const document = readDocument(file("a.json", '\ufeff// why\n{ "a": [1, 2,], /* more */ "b": null, }\n'));
  assert.deepEqual(document.problems, []);
  assert.deepEqual(document.value, { a: [1, 2], b: null });
});

test("a value's place counts lines and columns from one, whatever ends the lines", () => {
  for (const lineEnd of ["\n", "\r\n", "\r"]) {
    const document = readDocument(file("a.json", ["{", '  "a": {', '    "b": [1, 2]', "  }", "}"].join(lineEnd)));
    assert.deepEqual(document.place(["a", "b", 1]), { line: 3, column: 14 });
    assert.deepEqual(document.placeOfName(["a", "b"]), { line: 3, column: 5 });
    assert.deepEqual(document.place(["a", "missing", 3]), { line: 2, column: 8 }, "the nearest thing around");
    assert.equal(document.error(["a", "b", 1], "is odd").path, "a.b[1]");
  }
});

test("files that hold no text are answered with one line", () => {
  assert.deepEqual(problemsOf(""), ["a.json:1:1 is empty; begin with one of the examples in pipelines/"]);
  assert.deepEqual(problemsOf(" \n\t"), ["a.json:1:1 is empty; begin with one of the examples in pipelines/"]);
  assert.deepEqual(problemsOf(new Uint8Array([0x89, 0x50, 0, 1])), [
    "a.json:1:1 is a binary file; a JSON file is expected here",
  ]);
  assert.deepEqual(problemsOf(new Uint8Array(Buffer.from("\ufeff{}", "utf16le"))), [
    "a.json:1:1 is encoded in UTF-16; save it as UTF-8",
  ]);
  assert.match(problemsOf(new Uint8Array(MAX_FILE_BYTES + 1).fill(32))[0]!, /has more than the 1048576 bytes allowed/);
});

test("the first byte that is not UTF-8 is named by its place", () => {
  const latin1 = new Uint8Array([...Buffer.from('{\n "é": "'), 0xe9, ...Buffer.from('"}')]);
  assert.deepEqual(problemsOf(latin1), ["a.json:2:8 is not UTF-8 from here on; save the file as UTF-8"]);
});

test("syntax errors say what is expected, where", () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ['{"a":1 "b":2}', /^a\.json:1:8 expected a comma before this$/],
    ['{\n"a" 1}', /^a\.json:2:5 expected a colon/],
    ["{a:1}", /^a\.json:1:2 is no JSON: names and texts stand in double quotes/],
    ['{"a":1', /^a\.json:1:7 expected a closing } here$/],
    ["[1", /^a\.json:1:3 expected a closing \] here$/],
    ['{"a":1}}', /^a\.json:1:8 expected the end of the file/],
    ['{"a":"x', /^a\.json:1:6 begins a text that does not end/],
    ['{"a":"\\x"}', /^a\.json:1:6 holds a backslash/],
    ["// nothing", /^a\.json:1:11 expected a value/],
  ];
  for (const [text, expected] of cases) assert.match(problemsOf(text)[0] ?? "", expected, text);
});

test("a line with a slip is reported once, and two lines with slips twice", () => {
  assert.equal(problemsOf("{a:1, b:2}").length, 1);
  assert.equal(problemsOf('{\n"a": tru,\n"b": fals\n}').length, 2);
});

test("a field that stands twice is an error at its second place, at any depth", () => {
  assert.deepEqual(problemsOf('{"a": 1,\n "b": [{"c": 1, "c": 2}],\n "a": 1}'), [
    "a.json:2:17 b[0].c stands here a second time; keep one of the two",
    "a.json:3:2 a stands here a second time; keep one of the two",
  ]);
});

test("a name that JavaScript would take for something else is refused and has no effect", () => {
  const document = readDocument(file("a.json", '{"__proto__": {"polluted": true}}'));
  assert.equal(document.problems.length, 1);
  assert.equal((document.value as { polluted?: boolean }).polluted, undefined);
});

test("a million brackets are a problem and no stack overflow", () => {
  const brackets = new TextEncoder().encode("[".repeat(MAX_FILE_BYTES));
  assert.deepEqual(problemsOf(brackets), [
    "a.json:1:65 nests deeper than 64 levels; a workflow or algorithm file needs no more than six",
  ]);
});

test("no bytes make reading throw, and every problem has a place", () => {
  const broken = fc
    .tuple(
      fc.constantFrom(JSON.stringify(SAMPLE_WORKFLOW, null, 1), JSON.stringify(SAMPLE_ALGORITHM)),
      fc.nat(),
      fc.nat(30),
    )
    .map(([text, at, length]) => text.slice(0, at % text.length) + text.slice((at % text.length) + length));
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.oneof(fc.string({ unit: "binary" }), fc.json(), broken).map((text) => new TextEncoder().encode(text)),
  );
  fc.assert(
    fc.property(bytes, (content) => {
      const source = { path: "x.json", bytes: content };
      const parsed = parseWorkflow(source, beside(SAMPLE_ALGORITHM));
      const algorithm = parseAlgorithm(source);
      assert.equal(
        parsed.workflow === undefined,
        parsed.problems.some(({ severity }) => severity === "error"),
      );
      assert.equal(
        algorithm.algorithm === undefined,
        algorithm.problems.some(({ severity }) => severity === "error"),
      );
      for (const { line, column } of [...parsed.problems, ...algorithm.problems]) assert.ok(line >= 1 && column >= 1);
    }),
    { numRuns: 500 },
  );
});

test("no JSON value in any field makes reading throw", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...Object.keys(SAMPLE_WORKFLOW), "tags", "compute", "queue"),
      fc.jsonValue(),
      (name, value) => {
        parseWorkflow(file("x.json", { ...SAMPLE_WORKFLOW, [name]: value }), beside(SAMPLE_ALGORITHM));
      },
    ),
  );
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(SAMPLE_ALGORITHM)), fc.jsonValue(), (name, value) => {
      parseWorkflow(file("x.json", SAMPLE_WORKFLOW), () => file("a.json", { ...SAMPLE_ALGORITHM, [name]: value }));
    }),
  );
});
