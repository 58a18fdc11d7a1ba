import assert from "node:assert/strict";
import { test } from "node:test";
import { parseAlgorithm } from "../../src/workflow/parse-algorithm.ts";
import { file, printed, readAlgorithm, withPlaces } from "./files.ts";

test("the sample of today's users is read as it is", () => {
  const { algorithm, problems } = readAlgorithm({});
  assert.deepEqual(problems, []);
  assert.deepEqual(algorithm, {
    name: "change123-s3",
    image: "wangyx2005/change123",
    command: ["sh", "/change123.sh", "$input", "$output"],
    inputPath: "/",
    outputPath: "/",
    memory: { minimalMiB: 50, suggestedMiB: 128 },
    cpu: 1,
    variables: [{ name: "TEST_ENV", required: true }],
    ports: [{ port: 9090, protocol: "tcp" }],
    successExitCodes: [0],
    retryExitCodes: "rest",
    failExitCodes: [],
  });
});

test("a file with only what is required gets the defaults", () => {
  const { algorithm, problems } = parseAlgorithm(
    file("a.json", {
      name: "a",
      container_name: "alpine",
      run_command: "cp $input $output",
      input_file_path: "/in/",
      output_file_path: "/out//",
      memory: { suggested: 100 },
    }),
  );
  assert.deepEqual(problems, []);
  assert.deepEqual(algorithm, {
    name: "a",
    image: "alpine",
    command: ["cp", "$input", "$output"],
    inputPath: "/in",
    outputPath: "/out",
    memory: { minimalMiB: 100, suggestedMiB: 100 },
    cpu: 1,
    variables: [],
    ports: [],
    successExitCodes: [0],
    retryExitCodes: "rest",
    failExitCodes: [],
  });
});

test("every required field that is missing is reported, each with an example", () => {
  const { problems } = parseAlgorithm(file("a.json", { memory: {} }));
  assert.deepEqual(problems.map(({ path }) => path).sort(), [
    "container_name",
    "input_file_path",
    "memory.suggested",
    "name",
    "output_file_path",
    "run_command",
  ]);
  assert.ok(problems.every(({ message }) => message.startsWith("is missing; it must be ")));
});

test("old files' empty CPU and instance type are as if absent", () => {
  const { algorithm, problems } = readAlgorithm({ CPU: {}, instance_type: "" });
  assert.deepEqual(problems, []);
  assert.equal(algorithm?.cpu, 1);
  assert.equal(algorithm?.instanceType, undefined);
});

test("variables that today's wrap adds are dropped with one notice", () => {
  const names = ["output_s3_name", "sqs", "LOG_LVL", "NAME", "AWS_DEFAULT_REGION", "AWS_DEFAULT_OUTPUT"];
  const keys = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];
  const listed = [...names, ...keys, "TEST_ENV"].map((name) => ({ name, required: true }));
  const parsed = readAlgorithm({ user_specified_environment_variables: listed });
  assert.deepEqual(parsed.algorithm?.variables, [{ name: "TEST_ENV", required: true }]);
  assert.deepEqual(printed(parsed), [
    `notice user_specified_environment_variables drops ${[...names, ...keys].join(", ")}: the worker needs none of them, so remove them`,
  ]);
});

test("optional fields arrive", () => {
  const arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:registry-AbCdEf";
  const { algorithm, problems } = readAlgorithm({
    container_name: "registry.example.org:5000/team/tool:1.2@sha256:" + "a".repeat(64),
    source: "change123/program",
    instance_type: "m5.large",
    CPU: 0.5,
    retry_exit_codes: [75],
    fail_exit_codes: [65, 66],
    registry_credentials: arn,
  });
  assert.deepEqual(problems, []);
  assert.equal(algorithm?.source, "change123/program");
  assert.equal(algorithm?.instanceType, "m5.large");
  assert.equal(algorithm?.cpu, 0.5);
  assert.deepEqual(algorithm?.retryExitCodes, [75]);
  assert.deepEqual(algorithm?.failExitCodes, [65, 66]);
  assert.equal(algorithm?.registryCredentials, arn);
});

const refusals: readonly (readonly [string, Record<string, unknown>, RegExp])[] = [
  ["a name that climbs out of the folder", { name: "../../etc/passwd" }, /^error name must be 1 to 63 letters/],
  ["a name with a slash", { name: "a/b" }, /^error name must be/],
  [
    "a name that another step's queue would have",
    { name: "a-dead-letters" },
    /^error name must be .* do not end in -dead-l/,
  ],
  [
    "an image with a space",
    { container_name: "my image" },
    /^error container_name must be the reference of a container/,
  ],
  ["an image with capitals", { container_name: "Team/Tool" }, /^error container_name must be/],
  ["an unknown field", { contaner_name: "x" }, /^error contaner_name is not known; did you mean "container_name"\?/],
  [
    "a field one level too high",
    { suggested: 5 },
    /^error suggested is not known here; it belongs at memory\.suggested/,
  ],
  ["a relative folder", { input_file_path: "data" }, /^error input_file_path must begin with a slash: "\/data"/],
  ["a folder that climbs", { output_file_path: "/a/../b" }, /^error output_file_path must not climb/],
  [
    "more reserved than allowed",
    { memory: { minimal: 9, suggested: 8 } },
    /^error memory.minimal is more than the 8 MiB/,
  ],
  [
    "memory without a limit",
    { memory: { minimal: 9 } },
    /^error memory.suggested is missing; it must be a whole number of MiB/,
  ],
  [
    "memory in words",
    { memory: { suggested: "1g" } },
    /^error memory.suggested must be a whole number of MiB from 6 to 25165824, not "1g"/,
  ],
  [
    "no CPU",
    { CPU: 0 },
    /^error CPU must be a number of vCPUs from 0.125 to 192, such as 1, not 0|^error CPU must be a number of vCPUs from 0.125 to 192, not 0/,
  ],
  ["a port twice", { port: [{ port: 80 }, { port: 80 }] }, /^error port\[1\] declares 80\/tcp a second time/],
  [
    "a port out of range",
    { port: [{ port: 65536 }] },
    /^error port\[0\].port must be a whole number from 1 to 65535, not 65536/,
  ],
  [
    "an unknown protocol",
    { port: [{ port: 80, protocol: "tpc" }] },
    /protocol must be "tcp" or "udp", not "tpc"; did you mean "tcp"/,
  ],
  [
    "a variable twice",
    { user_specified_environment_variables: [{ name: "A" }, { name: "A" }] },
    /\[1\]\.name declares A a second time/,
  ],
  [
    "a variable's bad name",
    { user_specified_environment_variables: [{ name: "1 A" }] },
    /must be letters, digits and underscores/,
  ],
  ["no code for success", { success_exit_codes: [] }, /^error success_exit_codes is empty/],
  [
    "one code, two meanings",
    { fail_exit_codes: [0] },
    /^error fail_exit_codes\[0\] lists 0, which success_exit_codes lists too/,
  ],
  [
    "an exit code out of range",
    { fail_exit_codes: [256] },
    /^error fail_exit_codes\[0\] must be a whole number from 0 to 255, not 256/,
  ],
  [
    "an unknown word for the rest",
    { retry_exit_codes: "all" },
    /^error retry_exit_codes must be "rest" or a list of exit codes/,
  ],
  ["a source outside of the folder", { source: "../secrets" }, /^error source must be the relative path/],
  ["an absolute source", { source: "/etc" }, /^error source must be the relative path/],
  [
    "a misspelt instance type",
    { instance_type: "m5-large" },
    /^error instance_type is no EC2 instance type; did you mean "m5.large"/,
  ],
  ["a secret that is no ARN", { registry_credentials: "hunter2" }, /^error registry_credentials must be the ARN/],
  ["an empty command", { run_command: " " }, /^error run_command is empty/],
  ["an open quote", { run_command: "a 'b" }, /^error run_command has a quote '/],
  [
    "a pipe without a shell",
    { run_command: "a $input | b" },
    /^error run_command has \| at character 10, but no shell runs it/,
  ],
  ["a file name as the program", { run_command: "$input" }, /^error run_command must begin with a program/],
  [
    "a file name within a script",
    { run_command: "sh -c 'cat $input > $output'" },
    /where a file's name would run as a part of it/,
  ],
];

for (const [what, fields, expected] of refusals) {
  test(`${what} is refused with what to write instead`, () => {
    const parsed = readAlgorithm(fields);
    assert.equal(parsed.algorithm, undefined);
    assert.match(printed(parsed).join("\n"), expected);
  });
}

test("a script that gets the paths as arguments is accepted", () => {
  const { algorithm, problems } = readAlgorithm({ run_command: `bash -ec 'cat "$1" > "$2"' sh $input $output` });
  assert.deepEqual(problems, []);
  assert.deepEqual(algorithm?.command, ["bash", "-ec", 'cat "$1" > "$2"', "sh", "$input", "$output"]);
});

test("a variable that nothing replaces is accepted with a notice", () => {
  const parsed = readAlgorithm({ run_command: "tool $inputs ${HOME} $output" });
  assert.notEqual(parsed.algorithm, undefined);
  assert.deepEqual(printed(parsed), [
    'notice run_command hands $inputs over as it is, since no shell replaces it; did you mean "$input"?',
    "notice run_command hands ${HOME} over as it is, since no shell replaces it; for a shell write sh -c '…'",
  ]);
});

test("without $output the result is a folder, which must not be everything nor hold the input", () => {
  const folders = (input: string, output: string) =>
    printed(readAlgorithm({ run_command: "tool $input", input_file_path: input, output_file_path: output }));
  assert.deepEqual(folders("/in", "/out"), []);
  assert.deepEqual(folders("/out2", "/out"), [], "a name that only begins alike is another folder");
  assert.match(folders("/in", "/")[0]!, /^error output_file_path is "\/", and run_command names no \$output/);
  assert.match(folders("/data/in", "/data")[0]!, /^error output_file_path holds the input folder \/data\/in/);
  assert.match(folders("/data", "/data/")[0]!, /^error output_file_path holds the input folder/);
});

test("problems stand in reading order with their places", () => {
  const text = '{\n  "name": "A B",\n  "memory": { "suggested": 1 },\n  "CPU": "many"\n}\n';
  const places = withPlaces(parseAlgorithm(file("algorithms/a.json", text))).map((line) =>
    line.split(" ", 2).join(" "),
  );
  assert.deepEqual(places, [
    "algorithms/a.json:1:1 container_name",
    "algorithms/a.json:1:1 run_command",
    "algorithms/a.json:1:1 input_file_path",
    "algorithms/a.json:1:1 output_file_path",
    "algorithms/a.json:2:11 name",
    "algorithms/a.json:3:28 memory.suggested",
    "algorithms/a.json:4:10 CPU",
  ]);
});
