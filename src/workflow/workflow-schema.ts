/** What may stand in a workflow file. */
import { z } from "zod";
import { algorithmName, cpu, instanceTypeName, memoryLimit, portNumber, protocol } from "./algorithm-schema.ts";
import { bucketNameProblem } from "./bucket-name.ts";
import { cidrProblem } from "./cidr.ts";
import { adoptEntryProblem, ignoreEntryProblem } from "./entries.ts";
import { checkedText, expected, group, list, oneOf, text, whole, yesOrNo } from "./fields.ts";
import { DEFAULT_KEY_TEMPLATE, keyTemplateProblem, MAX_KEY_BYTES } from "./output-key.ts";
import { tagProblems } from "./tags.ts";

/** What CloudWatch Logs accepts (API reference, PutRetentionPolicy, `retentionInDays`). */
const RETENTION_DAYS = [
  ...[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731],
  ...[1096, 1827, 2192, 2557, 2922, 3288, 3653],
];

/** A name from which a workflow's resources can get theirs. `scaler` is taken: `pw-scaler-…` belongs to the foundation. */
export const WORKFLOW_NAME = /^(?!scaler(-|$))[a-z0-9][a-z0-9-]{0,39}$/;

export const workflowName = text({
  description: "Identifies everything that belongs to the workflow. Left out: the file's name without `.json`.",
  rule: '1 to 40 lower-case letters, digits and hyphens that begin with a letter or digit, not "scaler"',
  example: "plants-grey",
  pattern: WORKFLOW_NAME,
});

const bucketName = (description: string, example: string) =>
  checkedText({
    description,
    example,
    rule: "the name of a bucket",
    problem: bucketNameProblem,
    jsonSchema: { pattern: "^[a-z0-9][a-z0-9.-]*[a-z0-9]$", minLength: 3, maxLength: 63 },
  });

/** So many steps, ports and variables are checked one by one; a file with more is refused for that alone. */
export const MOST_VARIABLES = 100;
export const MOST_STEPS = 20;
export const MOST_PORTS = 50;

const variables = z
  .record(z.string(), z.unknown(), { error: expected("a group of variables in { }") })
  .superRefine((values, context) => {
    const entries = Object.entries(values);
    if (entries.length > MOST_VARIABLES) {
      context.addIssue({
        code: "custom",
        message: `has ${entries.length} variables; at most ${MOST_VARIABLES} are allowed`,
      });
    }
    for (const [name, value] of entries) {
      const message = variableProblem(value);
      if (message) context.addIssue({ code: "custom", path: [name], message });
    }
  })
  .meta({
    description: "Environment of the algorithm: values of variables that it declares. Texts, numbers, true or false.",
    additionalProperties: { type: ["string", "number", "boolean"] },
    maxProperties: MOST_VARIABLES,
    examples: [{ TEST_ENV: "blah" }],
  });

export const publishedPort = z
  .union([portNumber, z.strictObject({ port: portNumber, protocol })], {
    error: expected('a port number from 1 to 65535, or a port such as { "port": 9090, "protocol": "tcp" }'),
  })
  .meta({ description: "A port that the algorithm declares; a number alone means each of its protocols." });

export const usedAlgorithm = group(
  {
    name: algorithmName,
    port: list(publishedPort, {
      description: "Container ports to publish. Who may reach them is said in `compute.ingress_cidrs`.",
      rule: "a list of ports",
      max: MOST_PORTS,
    }).default([]),
    variables: variables.default({}),
    instance_type: instanceTypeName
      .meta({ description: "EC2 instance type for this step, instead of the workflow's or the algorithm's." })
      .optional(),
    memory: memoryLimit
      .meta({ description: "The most memory for this step, in MiB, instead of the algorithm's `memory.suggested`." })
      .optional(),
    cpu: cpu
      .meta({ description: "vCPUs for this step, from 0.125 to 192, instead of the algorithm's `CPU`." })
      .optional(),
  },
  "One step.",
);

const processGroup = group(
  {
    type: oneOf(["single_run", "sequence_run"], "`single_run`: one algorithm; `sequence_run`: one or more, in order."),
    algorithms: list(usedAlgorithm, {
      description: "The algorithms; in a sequence, the result of one is the input of the next.",
      rule: "a list of algorithms",
      max: MOST_STEPS,
    }).min(1, { error: "is empty; name at least one algorithm" }),
  },
  "What is done with each file.",
);

/** A rule of a notification filter holds at most as much as a key. */
const keyPart = (description: string, example: string) =>
  checkedText({
    description,
    example,
    rule: "the beginning or end of a key",
    problem: (part) =>
      Buffer.byteLength(part) > MAX_KEY_BYTES ? `must have at most ${MAX_KEY_BYTES} bytes, as keys do` : undefined,
  });

export const computeGroup = group(
  {
    cluster: text({
      description: "The ECS cluster; made when it does not exist.",
      rule: "1 to 255 letters, digits, hyphens and underscores",
      example: "pipewright",
      pattern: /^[A-Za-z0-9_-]{1,255}$/,
    }).default("pipewright"),
    instance_type: instanceTypeName
      .meta({
        description:
          "EC2 instance type of all steps that name none themselves. Empty: the algorithm's, else the cheapest that fits.",
      })
      .optional(),
    max_instances: whole({
      description: "The most EC2 instances of a step at a time: a brake on cost. A cluster takes 5,000.",
      unit: "instances",
      min: 1,
      max: 5000,
    }).default(4),
    max_tasks: whole({
      description: "The most tasks of a step at a time: a brake on cost.",
      unit: "tasks",
      min: 1,
      max: 5000,
    }).default(50),
    idle_minutes: whole({
      description: "An instance without a task for so long is ended.",
      unit: "minutes",
      min: 1,
      max: 1440,
    }).default(15),
    ingress_cidrs: list(
      checkedText({
        description: "An address block.",
        rule: "an address block",
        example: "203.0.113.0/24",
        problem: cidrProblem,
      }),
      { description: "Who may reach published ports. Empty: nobody.", rule: "a list of address blocks", max: 50 },
    ).default([]),
    spot: yesOrNo("Spot instances, falling back to on-demand ones.").default(false),
    subnets: list(
      text({
        description: "Id of a subnet.",
        rule: "the id of a subnet",
        example: "subnet-0123456789abcdef0",
        pattern: /^subnet-([0-9a-f]{8}|[0-9a-f]{17})$/,
      }),
      {
        description: "Subnets for the instances. Empty: those of the default VPC.",
        rule: "a list of subnet ids",
        max: 16,
      },
    ).default([]),
    security_groups: list(
      text({
        description: "Id of a security group.",
        rule: "the id of a security group",
        example: "sg-0123456789abcdef0",
        pattern: /^sg-([0-9a-f]{8}|[0-9a-f]{17})$/,
      }),
      // Five is what EC2 allows on a network interface unless the account has asked for more.
      {
        description: "Security groups of the instances. Empty: one of ours.",
        rule: "a list of security group ids",
        max: 5,
      },
    ).default([]),
  },
  "Where the algorithms run, and how much may run at a time.",
);

const accountIdExpected = expected("an AWS account id: 12 digits in double quotes", "123456789012");

export const workflowFile = z
  .strictObject(
    {
      $schema: z.string().meta({ description: "Where editors find this schema; not read otherwise." }).optional(),
      name: workflowName.optional(),
      input_s3_name: bucketName(
        "Bucket into which files are uploaded. It belongs to one workflow.",
        "container-clouds-input",
      ),
      output_s3_name: bucketName(
        "Bucket in which results are left. It must not be the input bucket.",
        "container-clouds-output",
      ),
      account_id: z
        .union(
          [
            z.string().regex(/^(\d{12})?$/, { error: accountIdExpected }),
            z
              .int()
              .min(1e11, { error: accountIdExpected })
              .max(1e12 - 1, { error: accountIdExpected }),
          ],
          { error: accountIdExpected },
        )
        .meta({
          description:
            "Must equal the account of the credentials: a guard against the wrong ones. 12 digits in quotes.",
          examples: ["123456789012"],
        })
        .optional(),
      region: text({
        description: "Left out: the daemon's region.",
        rule: "an AWS region",
        example: "us-east-1",
        pattern: /^([a-z]{2,4}(-[a-z]+)+-\d{1,2})?$/,
      }).optional(),
      key_pair: text({
        description: "EC2 key pair for logging in to the instances; must exist.",
        rule: "the name of an EC2 key pair: at most 255 printable ASCII characters without blanks at the ends",
        example: "my-key",
        pattern: /^([!-~]([ -~]{0,253}[!-~])?)?$/,
      }).optional(),
      process: processGroup,
      suspend: yesOrNo("Observe and report, write nothing.").default(false),
      drift: oneOf(
        ["repair", "report"],
        "What happens to fields that no longer are as declared: `repair` writes them, `report` shows and counts them.",
      ).default("repair"),
      ignore: list(
        checkedText({
          description: "kind/glob:field, in the spelling of the resource's spec.",
          rule: "an entry",
          example: "queue/*:visibilityTimeoutSeconds",
          problem: ignoreEntryProblem,
        }),
        { description: "Fields that are never compared.", rule: "a list of entries", max: 100 },
      ).default([]),
      on_delete: oneOf(
        ["retain-data", "retain-all", "delete"],
        "What happens when the file goes away: `retain-data` removes everything but buckets, and queues only once they are empty; `retain-all` removes nothing; `delete` removes buckets too, if they are empty.",
      ).default("retain-data"),
      adopt: list(
        checkedText({
          description: "kind/name.",
          rule: "an entry",
          example: "bucket/my-data",
          problem: adoptEntryProblem,
        }),
        {
          description: "Resources that exist without our tags and may be taken over. They are never deleted.",
          rule: "a list of entries",
          max: 100,
        },
      ).default([]),
      input: group(
        {
          prefix: keyPart("Only files whose key begins so trigger.", "uploads/").default(""),
          suffix: keyPart("Only files whose key ends so trigger.", ".png").default(""),
          backfill: yesOrNo("Also process files that were there before and have no result.").default(false),
        },
        "Which uploads are processed.",
      ).prefault({}),
      output: group(
        {
          key: checkedText({
            description: "Template of the result's key, from {dir} {file} {stem} {ext} {algorithm} {workflow}.",
            rule: "a template",
            example: DEFAULT_KEY_TEMPLATE,
            problem: keyTemplateProblem,
          }).default(DEFAULT_KEY_TEMPLATE),
        },
        "Where results go.",
      ).prefault({}),
      queue: group(
        {
          // SQS takes 0 to 43,200 s (SetQueueAttributes). The worker renews at a third: below 30 s it would race the clock.
          visibility_seconds: whole({
            description: "How long a message is leased to a worker, which renews it while it works.",
            unit: "seconds",
            min: 30,
            max: 43_200,
          }).default(300),
          // SQS takes 1 to 1,000 (RedrivePolicy, maxReceiveCount); the queue's own redrive stands 10 above ours.
          max_receives: whole({
            description: "How often a file is tried before it goes to the dead letters.",
            unit: "tries",
            min: 1,
            max: 990,
          }).default(3),
        },
        "The queues of the steps.",
      ).prefault({}),
      timeout_minutes: whole({
        description:
          "Time for one file in one step; then it is killed, which counts as a try. SQS ends a lease after 12 hours.",
        unit: "minutes",
        min: 1,
        max: 690,
      }).default(690),
      compute: computeGroup.prefault({}),
      logs: group(
        {
          retention_days: z
            .literal(RETENTION_DAYS, { error: ({ input }) => retentionProblem(input) })
            .meta({ description: "How long logs are kept, in days; one of the values that CloudWatch Logs knows." })
            .default(30),
        },
        "Logs of functions and tasks.",
      ).prefault({}),
      tags: z
        .record(z.string(), z.unknown(), { error: expected('a group of tags in { }, such as { "team": "botany" }') })
        .superRefine((tags, context) => {
          for (const { key, message } of tagProblems(tags)) {
            context.addIssue({ code: "custom", path: key === undefined ? [] : [key], message });
          }
        })
        .meta({
          description: "Tags on every resource that can carry tags; at most 30. `aws:` and `pipewright:` are reserved.",
          additionalProperties: { type: "string", maxLength: 256 },
          maxProperties: 30,
          examples: [{ team: "botany" }],
        })
        .default({}),
    },
    { error: expected("a workflow's fields in { }") },
  )
  .meta({ title: "Pipewright workflow", description: "A workflow: pipelines/NAME.json." });

function retentionProblem(input: unknown): string {
  const distance = (days: number) => Math.abs(days - Number(input));
  const nearest = RETENTION_DAYS.toSorted((one, other) => distance(one) - distance(other))[0]!;
  const instead = typeof input === "number" ? `; write ${nearest}, the nearest` : "";
  return expected(`a number of days that CloudWatch Logs knows (${RETENTION_DAYS.join(", ")})`)({ input }) + instead;
}

/** What is wrong with a variable's value; undefined for a good one. ECS takes 64 KiB for a whole task definition. */
function variableProblem(value: unknown): string | undefined {
  if (typeof value === "string" && value.length > 4096)
    return "must have at most 4,096 characters; put more into a file";
  if (["string", "number", "boolean"].includes(typeof value)) return undefined;
  return expected("a text, a number, true or false", "blah")({ input: value });
}
