/** Workflows as files, read the way the product reads them. */
import assert from "node:assert/strict";
import type { Facts } from "../../src/desired/facts.ts";
import { parseWorkflow } from "../../src/workflow/parse.ts";
import type { Workflow } from "../../src/workflow/workflow.ts";

export const facts: Facts = {
  account: "123456789012",
  region: "eu-central-1",
  partition: "aws",
  owner: "default",
  initImage: "public.ecr.aws/aws-cli/aws-cli:2.31.0",
  workerVersion: "0.1.0",
  packedWorker: { sha256: "d29ya2VyLWJ1bmRsZS1oYXNoLW9mLXRoZS10Z3otMDA=" },
  functions: {
    enqueue: (settings) => `sha256 of the enqueuer with ${JSON.stringify(settings)}`,
    scale: (settings) => `sha256 of the scaler with ${JSON.stringify(settings)}`,
  },
};

const algorithm = (name: string, more: object = {}) => ({
  name,
  container_name: `example/${name.toLowerCase()}`,
  system: "ubuntu",
  run_command: `sh /${name}.sh $input $output`,
  input_file_path: "/in",
  output_file_path: "/out",
  memory: { minimal: 50, suggested: 128 },
  ...more,
});

/** The file of today's users. */
export const sample = (): Workflow =>
  read(
    "sample.json",
    {
      input_s3_name: "container-clouds-input",
      output_s3_name: "container-clouds-output",
      key_pair: "my-key",
      account_id: "123456789012",
      region: "eu-central-1",
      process: {
        type: "single_run",
        algorithms: [{ name: "change123-s3", port: [], variables: { TEST_ENV: "blah" } }],
      },
    },
    [
      algorithm("change123-s3", {
        container_name: "wangyx2005/change123",
        run_command: "sh /change123.sh $input $output",
        CPU: 1,
        instance_type: "",
        user_specified_environment_variables: [{ name: "TEST_ENV", required: true }],
        port: [{ port: 9090, protocol: "tcp" }],
      }),
    ],
  );

export const sequence = (): Workflow =>
  read(
    "plants.json",
    {
      input_s3_name: "plants-in",
      output_s3_name: "plants-out",
      process: {
        type: "sequence_run",
        algorithms: [{ name: "grey" }, { name: "Edge_Finder" }, { name: "grey" }],
      },
    },
    [algorithm("grey"), algorithm("Edge_Finder")],
  );

/** Every field set to something else than its default. */
export const everything = (): Workflow =>
  read(
    "everything.json",
    {
      name: "all-of-it",
      input_s3_name: "everything-in",
      output_s3_name: "everything-out",
      key_pair: "lab",
      account_id: "123456789012",
      region: "eu-central-1",
      process: {
        type: "single_run",
        algorithms: [
          {
            name: "render",
            port: [{ port: 9090, protocol: "tcp" }],
            variables: { QUALITY: 7, NODE_OPTIONS: "--inspect" },
            instance_type: "g4dn.xlarge",
            memory: 4096,
            cpu: 2,
          },
        ],
      },
      suspend: true,
      drift: "report",
      ignore: ["queue/*:visibilityTimeoutSeconds"],
      on_delete: "delete",
      adopt: ["bucket/everything-in", "role/lambda_exec_role", "cluster/lab", "queue/pw-all-of-it-render"],
      input: { prefix: "raw/", suffix: ".png", backfill: true },
      output: { key: "{workflow}/{stem}{ext}" },
      queue: { visibility_seconds: 600, max_receives: 5 },
      timeout_minutes: 30,
      compute: {
        cluster: "lab",
        max_instances: 2,
        max_tasks: 7,
        idle_minutes: 5,
        ingress_cidrs: ["203.0.113.0/24", "2001:db8::/32"],
        spot: true,
        subnets: ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
        security_groups: [],
      },
      logs: { retention_days: 7 },
      tags: { team: "botany", Name: "renderer" },
    },
    [
      algorithm("render", {
        CPU: 1,
        user_specified_environment_variables: [
          { name: "QUALITY", required: true },
          { name: "NODE_OPTIONS", required: false },
        ],
        port: [{ port: 9090, protocol: "tcp" }],
        success_exit_codes: [0, 3],
        retry_exit_codes: [75],
        fail_exit_codes: [64, 65],
        registry_credentials: "arn:aws:secretsmanager:eu-central-1:123456789012:secret:registry-AbCdEf",
      }),
    ],
  );

export function read(path: string, document: object, algorithms: readonly { readonly name: string }[]): Workflow {
  const bytes = (value: object) => new TextEncoder().encode(JSON.stringify(value));
  const { workflow, problems } = parseWorkflow({ path, bytes: bytes(document) }, (name) => {
    const found = algorithms.find((one) => one.name === name);
    return found && { path: `algorithms/${name}.json`, bytes: bytes(found) };
  });
  assert.ok(workflow, problems.map((problem) => `${problem.path} ${problem.message}`).join("\n"));
  return workflow;
}
