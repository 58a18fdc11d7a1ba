import assert from "node:assert/strict";
import { test } from "node:test";
import { checkFolder } from "../../src/workflow/folder.ts";
import { parseWorkflow } from "../../src/workflow/parse.ts";
import { formatProblem } from "../../src/workflow/problem.ts";
import { beside, file, SAMPLE_ALGORITHM, workflowOf } from "./files.ts";

interface Bent {
  readonly name?: string;
  readonly algorithm?: string;
}

/** The workflow in FILE.json that reads from one bucket and writes to another. */
function workflow(path: string, input: string, output: string, { name, algorithm = "grey" }: Bent = {}) {
  const fields = {
    ...(name === undefined ? {} : { name }),
    input_s3_name: input,
    output_s3_name: output,
    process: { type: "single_run", algorithms: [{ name: algorithm }] },
  };
  const described = { ...SAMPLE_ALGORITHM, name: algorithm, user_specified_environment_variables: [] };
  return workflowOf(parseWorkflow(file(`${path}.json`, JSON.stringify(fields, null, 2)), beside(described)));
}

const check = (...workflows: readonly ReturnType<typeof workflow>[]) => {
  const { accepted, refused } = checkFolder(workflows);
  return {
    accepted: accepted.map((each) => each.file),
    refused: refused.flatMap((each) => each.problems.map(formatProblem)),
  };
};

test("workflows that share nothing, and chains of them, are accepted in the order of their files", () => {
  const chain = [workflow("c", "three", "four"), workflow("a", "one", "two"), workflow("b", "two", "three")];
  assert.deepEqual(check(...chain), { accepted: ["a.json", "b.json", "c.json"], refused: [] });
});

test("several workflows may write to one bucket", () => {
  assert.equal(check(workflow("a", "one", "out"), workflow("b", "two", "out")).accepted.length, 2);
});

test("of two files with one name the later is refused, and both are named", () => {
  const answer = check(workflow("b", "one", "two", { name: "same" }), workflow("a", "six", "ten", { name: "same" }));
  assert.deepEqual(answer.accepted, ["a.json"]);
  assert.deepEqual(answer.refused, [
    'b.json:2:11 name is "same" here and in a.json; give one of the two files another "name"',
  ]);
});

test("a copy of a file is refused for its name alone", () => {
  const { refused } = check(
    workflow("a", "one", "two", { name: "same" }),
    workflow("copy", "one", "two", { name: "same" }),
  );
  assert.equal(refused.length, 1);
  assert.match(refused[0]!, /^copy\.json:2:11 name is "same" here and in a\.json/);
});

test("an input bucket belongs to the first workflow that names it", () => {
  assert.deepEqual(check(workflow("a", "bucket", "two"), workflow("b", "bucket", "three")).refused, [
    'b.json:2:20 input_s3_name is the input bucket of "a" (a.json) too, and an input bucket belongs to one workflow; name another bucket',
  ]);
});

test("the workflow that closes a loop is refused, the loop is shown, and the others stay", () => {
  const answer = check(workflow("a", "one", "two"), workflow("b", "two", "three"), workflow("c", "three", "one"));
  assert.deepEqual(answer.accepted, ["a.json", "b.json"]);
  assert.deepEqual(answer.refused, [
    "c.json:3:21 output_s3_name closes a loop, in which files would be processed for ever: c → a → b → c; name another output bucket",
  ]);
});

test("two workflows whose steps would share a resource name are told so", () => {
  const answer = check(
    workflow("plants", "one", "two", { algorithm: "grey-scale" }),
    workflow("plants-grey", "six", "ten", { algorithm: "Scale" }),
  );
  assert.deepEqual(answer.accepted, ["plants-grey.json"], "the file name's hyphen comes before the other's dot");
  assert.match(
    answer.refused[0]!,
    /^plants\.json:1:1 name gives the step grey-scale the resource name pw-plants-grey-scale/,
  );
});

test("a step named as the dead letters or undelivered events of another one is refused, and both are named", () => {
  for (const [name, step] of [
    ["plants-grey", "dead-letters"],
    ["plants-grey-dead", "letters"],
    ["plants-grey", "undelivered"],
  ] as const) {
    const answer = check(
      workflow("plants", "one", "two", { algorithm: "grey" }),
      workflow("roses", "six", "ten", { name, algorithm: step }),
    );
    assert.deepEqual(answer.accepted, ["plants.json"]);
    assert.deepEqual(answer.refused, [
      `roses.json:2:11 name gives the step ${step} the resource name pw-${name}-${step}, which the step grey of "plants" (plants.json) has; choose another "name"`,
    ]);
  }
});

test("the later file is refused also where it has the short name, and the earlier one the long", () => {
  const answer = check(
    workflow("a", "one", "two", { name: "plants-grey", algorithm: "undelivered" }),
    workflow("b", "six", "ten", { name: "plants", algorithm: "grey" }),
  );
  assert.deepEqual(answer.accepted, ["a.json"]);
  assert.match(
    answer.refused[0]!,
    /^b\.json:2:11 name gives the step grey the resource name pw-plants-grey-undelivered/,
  );
});

test("the answer does not depend on the order in which the files were read", () => {
  const files = [
    workflow("a", "one", "two"),
    workflow("b", "two", "one"),
    workflow("c", "one", "six"),
    workflow("d", "six", "ten"),
  ];
  const first = check(...files);
  assert.deepEqual(check(...files.toReversed()), first);
  assert.deepEqual(check(files[2]!, files[0]!, files[3]!, files[1]!), first);
  assert.deepEqual(first.accepted, ["a.json", "d.json"]);
});

test("every reason is told when there are several", () => {
  const { refused } = check(workflow("a", "one", "two"), workflow("b", "two", "three"), workflow("c", "two", "one"));
  assert.deepEqual(
    refused.map((line) => line.split(" ").slice(0, 2).join(" ")),
    ["c.json:2:20 input_s3_name", "c.json:3:21 output_s3_name"],
  );
});
