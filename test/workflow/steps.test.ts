import assert from "node:assert/strict";
import { test } from "node:test";
import { parseWorkflow } from "../../src/workflow/parse.ts";
import {
  beside,
  file,
  printed,
  readStep,
  readWorkflow,
  SAMPLE_ALGORITHM,
  SAMPLE_WORKFLOW,
  workflowOf,
} from "./files.ts";

const stepOf = (parsed: ReturnType<typeof readStep>) => workflowOf(parsed).steps[0]!;

const algorithm = (name: string, fields = {}) => ({
  ...SAMPLE_ALGORITHM,
  name,
  user_specified_environment_variables: [],
  ...fields,
});

const sequence = (...names: readonly string[]) => ({
  process: { type: "sequence_run", algorithms: names.map((name) => ({ name })) },
});

test("a step takes memory, CPU and the smallest instance type from its algorithm", () => {
  const { algorithm: _, ...step } = stepOf(readStep({}));
  assert.deepEqual(step, {
    name: "change123-s3",
    index: 0,
    ports: [],
    variables: { TEST_ENV: "blah" },
    instanceType: "t3.micro",
    memoryMiB: 128,
    memoryReservationMiB: 50,
    cpu: 1,
  });
});

test("a step overrides memory, CPU and instance type", () => {
  const step = stepOf(readStep({ memory: 50, cpu: 2, instance_type: "m5.large" }));
  assert.deepEqual([step.memoryMiB, step.memoryReservationMiB, step.cpu], [50, 50, 2]);
  assert.equal(step.instanceType, "m5.large");
});

test("the step's instance type goes before the workflow's, and that before the algorithm's", () => {
  const typeOf = (used: object, compute: object, described: object) =>
    workflowOf(
      readWorkflow(
        { compute, process: { type: "single_run", algorithms: [{ name: "a", ...used }] } },
        algorithm("a", described),
      ),
    ).steps[0]!.instanceType;
  const [used, compute, described] = [
    { instance_type: "m5.large" },
    { instance_type: "c5.large" },
    { instance_type: "r5.large" },
  ];
  assert.equal(typeOf(used, compute, described), "m5.large");
  assert.equal(typeOf({}, compute, described), "c5.large");
  assert.equal(typeOf({ instance_type: "" }, { instance_type: "" }, described), "r5.large");
  assert.equal(typeOf({}, {}, {}), "t3.micro");
});

test("memory below what the algorithm needs is refused", () => {
  assert.deepEqual(printed(readStep({ memory: 49 })), [
    "error process.algorithms[0].memory is less than the 50 MiB that change123-s3 needs; write at least 50",
  ]);
});

test("an instance type on which the task can never fit is refused with the nearest that can take it", () => {
  // t3.micro registers 857 MiB; 666 + 192 for the worker is one more.
  assert.equal(stepOf(readStep({ memory: 665, instance_type: "t3.micro" })).instanceType, "t3.micro");
  assert.deepEqual(printed(readStep({ memory: 666, instance_type: "t3.micro" })), [
    'error process.algorithms[0].instance_type can never run this step: t3.micro offers 857 MiB and 2 vCPU for tasks, and it needs 858 MiB (192 of them for the worker) and 1 vCPU; write "t3.small"',
  ]);
  assert.match(
    printed(readStep({ cpu: 3, instance_type: "g4dn.xlarge", memory: 20_000 }))[0]!,
    /write "g4dn\.2xlarge"/,
  );
  assert.match(
    printed(readStep({}, { instance_type: "t3.nano", CPU: 4 }))[0]!,
    /^error process\.algorithms\[0\]\.instance_type .*write "t3\.xlarge"/,
  );
});

test("what no instance type offers is refused", () => {
  assert.match(
    printed(readStep({ memory: 2_000_000 }))[0]!,
    /the step needs 2000192 MiB .* and the largest offers \d+ MiB and 192 vCPU; lower memory or CPU/,
  );
});

test("an instance type that the table does not know is taken with a notice", () => {
  const parsed = readStep({ instance_type: "m9i.large" });
  assert.equal(stepOf(parsed).instanceType, "m9i.large");
  assert.match(
    printed(parsed)[0]!,
    /^notice process\.algorithms\[0\]\.instance_type is taken as it is: m9i\.large .* if not "m\di\.large" was meant/,
  );
});

test("a port is published with each protocol that the algorithm declares, or with the one that is named", () => {
  const declared = { port: [{ port: 53, protocol: "udp" }, { port: 53, protocol: "tcp" }, { port: 80 }] };
  const ports = (port: unknown) =>
    stepOf(readStep({ port }, declared)).ports.map((each) => `${each.port}/${each.protocol}`);
  assert.deepEqual(ports([53]), ["53/udp", "53/tcp"]);
  assert.deepEqual(ports([{ port: 53, protocol: "tcp" }, 80, 80]), ["53/tcp", "80/tcp"]);
  assert.match(
    printed(readStep({ port: [81] }, declared))[0]!,
    /^error process\.algorithms\[0\]\.port\[0\] is no port of change123-s3; it declares 53\/udp, 53\/tcp, 80\/tcp/,
  );
  assert.match(printed(readStep({ port: [81] }, { port: [] }))[0]!, /it declares none, so remove the port/);
});

test("published ports that nobody or everybody can reach are noticed", () => {
  const reach = (ingress_cidrs: string[]) => {
    const algorithms = [{ ...SAMPLE_WORKFLOW.process.algorithms[0], port: [9090] }];
    return printed(readWorkflow({ compute: { ingress_cidrs }, process: { type: "single_run", algorithms } }));
  };
  assert.match(reach([])[0]!, /^notice compute\.ingress_cidrs is empty/);
  assert.match(
    reach(["203.0.113.0/24", "0.0.0.0/0", "::/0"]).join("\n"),
    /^notice compute.ingress_cidrs\[1\] opens .*\nnotice compute.ingress_cidrs\[2\] opens/,
  );
  assert.deepEqual(reach(["203.0.113.0/24"]), []);
});

test("variables may be texts, numbers and booleans, and arrive as texts", () => {
  const declared = { user_specified_environment_variables: ["A", "B", "C", "D"].map((name) => ({ name })) };
  const step = stepOf(readStep({ variables: { A: "", B: 0.5, C: false } }, declared));
  assert.deepEqual(step.variables, { A: "", B: "0.5", C: "false" });
});

test("an unknown variable and a missing one are refused, those of old files dropped", () => {
  const variables = { TEST_ENVS: "x", AWS_SECRET_ACCESS_KEY: "x" };
  assert.deepEqual(printed(readStep({ variables })).sort(), [
    'error process.algorithms[0].variables.TEST_ENV is missing, and change123-s3 requires it; add "TEST_ENV": "…"',
    'error process.algorithms[0].variables.TEST_ENVS is no variable of change123-s3; did you mean "TEST_ENV"?',
    "notice process.algorithms[0].variables.AWS_SECRET_ACCESS_KEY is dropped: the worker sets what it needs, so remove it",
  ]);
});

test("single_run takes one algorithm, sequence_run any number in order", () => {
  const twice = { type: "single_run", algorithms: [{ name: "a" }, { name: "b" }] };
  assert.deepEqual(printed(readWorkflow({ process: twice }, algorithm("a"), algorithm("b"))), [
    'error process.algorithms lists 2 algorithms, and "single_run" takes one; write "sequence_run" as the type',
  ]);
  const { steps } = workflowOf(readWorkflow(sequence("b", "a"), algorithm("a"), algorithm("b")));
  assert.deepEqual(
    steps.map((step) => [step.index, step.name]),
    [
      [0, "b"],
      [1, "a"],
    ],
  );
  assert.equal(workflowOf(readWorkflow(sequence("a"), algorithm("a"))).steps.length, 1);
});

test("an algorithm that occurs again gets a number, and no two steps share a resource name", () => {
  const described = ["a", "a-2", "A", "b_c", "b-c"].map((name) => algorithm(name));
  const names = (...of: readonly string[]) =>
    workflowOf(readWorkflow(sequence(...of), ...described)).steps.map(({ name }) => name);
  assert.deepEqual(names("a", "a", "a"), ["a", "a-2", "a-3"]);
  assert.deepEqual(names("a", "a", "a-2"), ["a", "a-2", "a-2-2"]);
  assert.deepEqual(names("a-2", "a", "a"), ["a-2", "a", "a-3"]);
  assert.deepEqual(names("a", "A"), ["a", "A-2"]);
  assert.deepEqual(names("b_c", "b-c"), ["b_c", "b-c-2"]);
});

test("an algorithm's faults are told with its own file, once, and its user is named", () => {
  const parsed = parseWorkflow(file("w.json", { ...SAMPLE_WORKFLOW, ...sequence("a", "a") }), () =>
    file("algorithms/a.json", '{"name": "a"\n"memory": 1}'),
  );
  assert.equal(parsed.workflow, undefined);
  assert.deepEqual(
    parsed.problems.map((problem) => `${problem.file}:${problem.line} ${problem.path} ${problem.message}`),
    [
      "algorithms/a.json:2  expected a comma before this",
      "w.json:1 process.algorithms[0].name names the algorithm a, whose file has errors; correct them there",
      "w.json:1 process.algorithms[1].name names the algorithm a, whose file has errors; correct them there",
    ],
  );
});

test("a file that describes another algorithm than it is named after is refused", () => {
  const parsed = parseWorkflow(file("w.json", SAMPLE_WORKFLOW), () =>
    file("algorithms/change123-s3.json", algorithm("other")),
  );
  assert.match(
    printed(parsed).join("\n"),
    /names change123-s3, but the file found for it describes other; give both one name/,
  );
});

test("an algorithm that is named often is looked up once", () => {
  const asked: string[] = [];
  parseWorkflow(file("w.json", { ...SAMPLE_WORKFLOW, ...sequence("a", "a", "missing", "missing") }), (name) => {
    asked.push(name);
    return beside(algorithm("a"))(name);
  });
  assert.deepEqual(asked, ["a", "missing"]);
});

test("a name that could escape a path is never looked up", () => {
  const asked: string[] = [];
  const names = ["../../etc/passwd", "/etc/passwd", "..", "a\\b", "a\u0000b", "", "a.json", "."];
  parseWorkflow(file("w.json", { ...SAMPLE_WORKFLOW, ...sequence(...names, "good") }), (name) => {
    asked.push(name);
    return beside()(name);
  });
  assert.deepEqual(asked, ["good"]);
});
