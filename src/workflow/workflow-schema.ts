/** What may stand in a workflow file. */
import { z } from "zod";
import { bucketNameProblem } from "./bucket-name.ts";
import { computeGroup } from "./compute-schema.ts";
import { adoptEntryProblem, ignoreEntryProblem } from "./entries.ts";
import { checkedText, expected, group, list, oneOf, text, whole, yesOrNo } from "./fields.ts";
import { DEFAULT_KEY_TEMPLATE, keyTemplateProblem, MAX_KEY_BYTES } from "./output-key.ts";
import { processGroup } from "./process-schema.ts";
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

/** A rule of a notification filter holds at most as much as a key. */
const keyPart = (description: string, example: string) =>
  checkedText({
    description,
    example,
    rule: "the beginning or end of a key",
    problem: (part) =>
      Buffer.byteLength(part) > MAX_KEY_BYTES ? `must have at most ${MAX_KEY_BYTES} bytes, as keys do` : undefined,
  });

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
