import assert from "node:assert/strict";
import { test } from "node:test";
import { parseWorkflow } from "../../src/workflow/parse.ts";
import {
  beside,
  file,
  printed,
  readWorkflow,
  SAMPLE_ALGORITHM,
  SAMPLE_WORKFLOW,
  withPlaces,
  workflowOf,
} from "./files.ts";

test("the sample of today's users is read as it is and gets the defaults", () => {
  const parsed = readWorkflow({});
  const { steps, hash, places, ...rest } = workflowOf(parsed);
  assert.deepEqual(parsed.problems, []);
  assert.match(hash, /^[0-9a-f]{16}$/);
  assert.deepEqual(places?.inputBucket, { line: 1, column: 18 });
  assert.equal(steps.length, 1);
  assert.deepEqual(rest, {
    name: "plants",
    file: "plants.json",
    inputBucket: "container-clouds-input",
    outputBucket: "container-clouds-output",
    accountId: "123456789012",
    region: "us-east-1",
    keyPair: "my-key",
    suspend: false,
    drift: "repair",
    ignore: [],
    onDelete: "retain-data",
    adopt: [],
    input: { prefix: "", suffix: "", backfill: false },
    output: { key: "{dir}/Result-{algorithm}-{file}" },
    queue: { visibilitySeconds: 300, maxReceives: 3 },
    timeoutMinutes: 690,
    compute: {
      cluster: "pipewright",
      maxInstances: 4,
      maxTasks: 50,
      idleMinutes: 15,
      ingressCidrs: [],
      spot: false,
      subnets: [],
      securityGroups: [],
    },
    logs: { retentionDays: 30 },
    tags: {},
  });
});

test("every extension arrives", () => {
  const parsed = readWorkflow({
    $schema: "../schema/workflow.schema.json",
    name: "other",
    suspend: true,
    drift: "report",
    ignore: ["queue/*:redriveAllowPolicy"],
    on_delete: "delete",
    adopt: ["bucket/container-clouds-input"],
    input: { prefix: "up/", suffix: ".png", backfill: true },
    output: { key: "{dir}/{stem}.{workflow}{ext}" },
    queue: { visibility_seconds: 30, max_receives: 990 },
    timeout_minutes: 1,
    compute: {
      cluster: "mine",
      instance_type: "m5.xlarge",
      max_instances: 1,
      max_tasks: 2,
      idle_minutes: 3,
      ingress_cidrs: ["203.0.113.0/24"],
      spot: true,
      subnets: ["subnet-0123456789abcdef0"],
      security_groups: ["sg-12345678"],
    },
    logs: { retention_days: 365 },
    tags: { team: "botany" },
  });
  const { steps, hash, places, file: path, inputBucket, outputBucket, ...rest } = workflowOf(parsed);
  assert.deepEqual(parsed.problems, []);
  assert.deepEqual(rest, {
    name: "other",
    accountId: "123456789012",
    region: "us-east-1",
    keyPair: "my-key",
    suspend: true,
    drift: "report",
    ignore: ["queue/*:redriveAllowPolicy"],
    onDelete: "delete",
    adopt: ["bucket/container-clouds-input"],
    input: { prefix: "up/", suffix: ".png", backfill: true },
    output: { key: "{dir}/{stem}.{workflow}{ext}" },
    queue: { visibilitySeconds: 30, maxReceives: 990 },
    timeoutMinutes: 1,
    compute: {
      cluster: "mine",
      instanceType: "m5.xlarge",
      maxInstances: 1,
      maxTasks: 2,
      idleMinutes: 3,
      ingressCidrs: ["203.0.113.0/24"],
      spot: true,
      subnets: ["subnet-0123456789abcdef0"],
      securityGroups: ["sg-12345678"],
    },
    logs: { retentionDays: 365 },
    tags: { team: "botany" },
  });
  assert.equal(steps[0]?.instanceType, "m5.xlarge");
});

test("empty texts of optional fields are as if absent", () => {
  const workflow = workflowOf(
    readWorkflow({ account_id: "", region: "", key_pair: "", compute: { instance_type: "" } }),
  );
  for (const name of ["accountId", "region", "keyPair"]) assert.ok(!(name in workflow), name);
  assert.ok(!("instanceType" in workflow.compute));
});

test("an account id written as a number is taken with a notice, unless digits are missing", () => {
  const parsed = readWorkflow({ account_id: 123456789012 });
  assert.equal(workflowOf(parsed).accountId, "123456789012");
  assert.match(printed(parsed)[0]!, /^notice account_id is taken as "123456789012"; write it in double quotes/);
  assert.match(
    printed(readWorkflow({ account_id: 12345678901 }))[0]!,
    /^error account_id must be an AWS account id: 12 digits/,
  );
});

test("the name comes from the file, and a file whose name is none is asked to add one", () => {
  const named = (path: string, fields = {}) =>
    parseWorkflow(file(path, { ...SAMPLE_WORKFLOW, ...fields }), beside(SAMPLE_ALGORITHM));
  assert.equal(workflowOf(named("/srv/pipelines/plants-2.json")).name, "plants-2");
  assert.equal(workflowOf(named("C:\\pipelines\\plants.json")).name, "plants");
  assert.equal(workflowOf(named("My Plants.json", { name: "plants" })).name, "plants");
  assert.deepEqual(printed(named("My Plants (new).json")), [
    'error name cannot take its name from the file, since "My Plants (new)" is none; add "name": "my-plants-new"',
  ]);
  assert.match(printed(named(`${"x".repeat(41)}.json`))[0]!, new RegExp(`add "name": "${"x".repeat(40)}"`));
  assert.match(printed(named("scaler.json"))[0]!, /add "name": "my-workflow"/, "pw-scaler-… belongs to the foundation");
});

test("a file with many faults lists each in its place, with what to write instead", () => {
  const text = `{
  "input_s3_name": "Container_clouds",
  "output_s3_name": "192.168.1.1",
  "acount_id": "123456789012",
  "visibility_seconds": 60,
  "process": {
    "type": "single-run",
    "algorithms": [
      { "name": "change123-s3", "port": [80, "x"], "variables": { "TEST_EN": null, "sqs": "x" } },
      { "name": "../x" },
      { "name": "nope" },
      3
    ]
  },
  "queue": { "visibility_seconds": 5 },
  "tags": { "aws:x": "y", "b": 1 },
  "logs": { "retention_days": 31 },
  "drift": "repare",
  "drift": "report"
}`;
  assert.deepEqual(withPlaces(readWorkflow(text)), [
    'plants.json:2:20 input_s3_name holds "C"; a bucket name has lower-case letters, digits, dots and hyphens only; write "container-clouds"',
    "plants.json:3:21 output_s3_name looks like an IP address; add a letter",
    'plants.json:4:3 acount_id is not known; did you mean "account_id"?',
    "plants.json:5:3 visibility_seconds is not known here; it belongs at queue.visibility_seconds",
    'plants.json:7:13 process.type must be "single_run" or "sequence_run", not "single-run"; did you mean "single_run"?',
    "plants.json:9:42 process.algorithms[0].port[0] is no port of change123-s3; it declares 9090/tcp",
    'plants.json:9:46 process.algorithms[0].port[1] must be a port number from 1 to 65535, or a port such as { "port": 9090, "protocol": "tcp" }, not "x"',
    'plants.json:9:65 process.algorithms[0].variables.TEST_ENV is missing, and change123-s3 requires it; add "TEST_ENV": "…"',
    'plants.json:9:67 process.algorithms[0].variables.TEST_EN is no variable of change123-s3; did you mean "TEST_ENV"?',
    'plants.json:9:78 process.algorithms[0].variables.TEST_EN must be a text, a number, true or false, such as "blah", not null',
    "plants.json:9:91 process.algorithms[0].variables.sqs is dropped: the worker sets what it needs, so remove it",
    'plants.json:10:17 process.algorithms[1].name must be 1 to 63 letters, digits, hyphens and underscores that begin with a letter or a digit and do not end in -dead-letters or -undelivered, such as "change123-s3", not "../x"',
    "plants.json:11:17 process.algorithms[2].name names the algorithm nope, which is not described; add algorithms/nope.json beside this file, or correct the name",
    "plants.json:12:7 process.algorithms[3] must be a group of fields in { }, not 3",
    "plants.json:15:36 queue.visibility_seconds must be a whole number of seconds from 30 to 43200, not 5",
    "plants.json:16:22 tags.aws:x has a key that begins with aws:, which is reserved; choose another",
    'plants.json:16:32 tags.b must be a text in double quotes, such as "1"',
    "plants.json:17:31 logs.retention_days must be a number of days that CloudWatch Logs knows (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653), not 31; write 30, the nearest",
    'plants.json:18:12 drift must be "repair" or "report", not "repare"; did you mean "repair"?',
    "plants.json:19:3 drift stands here a second time; keep one of the two",
  ]);
});

const refusals: readonly (readonly [string, Record<string, unknown>, RegExp])[] = [
  [
    "one bucket for both ends",
    { output_s3_name: "container-clouds-input" },
    /^error output_s3_name is the input bucket too/,
  ],
  ["no process", { process: undefined }, /^error process is missing/],
  ["no algorithm", { process: { type: "sequence_run", algorithms: [] } }, /^error process.algorithms is empty/],
  [
    "a region that is none",
    { region: "us-east" },
    /^error region must be an AWS region, such as "us-east-1", not "us-east"/,
  ],
  ["a name in capitals", { name: "Plants" }, /^error name must be 1 to 40 lower-case letters/],
  ["a name of the foundation", { name: "scaler-x" }, /^error name must be/],
  ["an ignore entry without a field", { ignore: ["queue/*"] }, /^error ignore\[0\] must read kind\/name:field/],
  ["an adopt entry with a star", { adopt: ["bucket/*"] }, /^error adopt\[0\] must read kind\/name/],
  [
    "an unknown wish for deletion",
    { on_delete: "retain" },
    /^error on_delete must be "retain-data" or "retain-all" or "delete"/,
  ],
  ["a bad template", { output: { key: "{file" } }, /^error output.key has a brace without its partner/],
  [
    "too many minutes",
    { timeout_minutes: 691 },
    /^error timeout_minutes must be a whole number of minutes from 1 to 690, not 691/,
  ],
  [
    "no instance at all",
    { compute: { max_instances: 0 } },
    /^error compute.max_instances must be a whole number of instances from 1 to 5000/,
  ],
  [
    "a bare address",
    { compute: { ingress_cidrs: ["10.0.0.1"] } },
    /^error compute.ingress_cidrs\[0\] must be an address block/,
  ],
  [
    "a subnet that is none",
    { compute: { subnets: ["vpc-1"] } },
    /^error compute.subnets\[0\] must be the id of a subnet/,
  ],
  [
    "six security groups",
    { compute: { security_groups: Array(6).fill("sg-12345678") } },
    /^error compute.security_groups must be a list of security group ids, at most 5/,
  ],
  [
    "a suffix longer than a key",
    { input: { suffix: "x".repeat(1025) } },
    /^error input.suffix must have at most 1024 bytes/,
  ],
  [
    "31 tags",
    { tags: Object.fromEntries(Array.from({ length: 31 }, (_, at) => [`k${at}`, ""])) },
    /^error tags has 31 tags; at most 30/,
  ],
];

for (const [what, fields, expected] of refusals) {
  test(`${what} is refused with what to write instead`, () => {
    const parsed = readWorkflow(fields);
    assert.equal(parsed.workflow, undefined);
    assert.match(printed(parsed).join("\n"), expected);
  });
}

test("what is no group of fields is refused as a whole", () => {
  for (const text of ["[]", "3", '"x"', "null"]) {
    const parsed = readWorkflow(text);
    assert.equal(parsed.workflow, undefined);
    assert.match(printed(parsed).join("\n"), /^error {2}must be a workflow's fields in \{ \}, not/, text);
  }
});

test("a file of another kind with thousands of fields is answered briefly", () => {
  const fields = Object.fromEntries(Array.from({ length: 20_000 }, (_, at) => [`field${at}`, at]));
  const { problems } = readWorkflow(JSON.stringify(fields));
  assert.ok(problems.length < 110, String(problems.length));
  assert.match(
    problems.map(({ message }) => message).join("\n"),
    /has 19\d{3} more problems like these; correct these first/,
  );
});

test("a text of a megabyte is answered at once, whatever its field", () => {
  const long = `a-${"1".repeat(900_000)}`;
  for (const name of ["name", "input_s3_name", "region", "key_pair", "account_id", "drift", "$schema"])
    readWorkflow({ [name]: long });
  for (const fields of [
    { compute: { instance_type: long } },
    { output: { key: long } },
    { ignore: [long] },
    { tags: { [long]: long } },
  ]) {
    assert.equal(readWorkflow(fields).workflow, undefined);
  }
  for (const name of ["container_name", "run_command", "input_file_path", "source", "registry_credentials"]) {
    assert.equal(readWorkflow({}, { ...SAMPLE_ALGORITHM, [name]: long }).workflow, undefined, name);
  }
});

test("the generation follows the meaning of the file and its algorithms, not their looks", () => {
  const hash = workflowOf(readWorkflow({})).hash;
  const same = [
    readWorkflow(`// why\n${JSON.stringify(SAMPLE_WORKFLOW, null, 4)}`),
    readWorkflow(JSON.stringify(Object.fromEntries(Object.entries(SAMPLE_WORKFLOW).reverse()))),
    readWorkflow({ drift: "repair", name: "plants" }),
    readWorkflow({}, { ...SAMPLE_ALGORITHM, run_command: "sh  '/change123.sh' $input $output", system: "debian" }),
  ];
  for (const parsed of same) assert.equal(workflowOf(parsed).hash, hash);
  const different = [
    readWorkflow({ drift: "report" }),
    readWorkflow({ name: "plants-2" }),
    readWorkflow({}, { ...SAMPLE_ALGORITHM, container_name: "wangyx2005/change123:2" }),
    readWorkflow({}, { ...SAMPLE_ALGORITHM, memory: { minimal: 50, suggested: 129 } }),
  ];
  assert.equal(new Set([hash, ...different.map((parsed) => workflowOf(parsed).hash)]).size, 5);
});
