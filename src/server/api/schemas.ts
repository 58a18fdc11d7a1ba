/** What the API answers, as schemas: they check each answer before it is sent, and the OpenAPI document is made of them. */
import { z } from "zod";

const time = z.string().describe("ISO 8601, UTC");
const count = z.int().min(0);

const condition = z.strictObject({
  type: z.enum(["Ready", "Synced", "Reconciling", "Stalled", "Drifted", "Suspended"]),
  status: z.enum(["True", "False", "Unknown"]),
  reason: z.string().describe("CamelCase"),
  message: z.string(),
  since: time.describe("ISO 8601, UTC: since when the status is what it is"),
  observedGeneration: z.string().describe("hash of the file that the condition speaks of"),
});

const change = z.object({
  path: z.string().describe("of the field; empty: the resource as a whole"),
  want: z.unknown().describe("what the file asks for; null: unset"),
  have: z.unknown().describe("what AWS says; null: unset"),
});

const driftedField = change.extend({ key: z.string(), since: time });

const resource = z.strictObject({
  key: z.string().describe("kind/name on AWS"),
  kind: z.string(),
  state: z.enum(["synced", "pending", "drifted", "waiting", "refused", "failed", "unknown"]),
  message: z.string().optional(),
  needs: z.array(z.string()).describe("keys that must stand before this one is written"),
  changes: z.array(change).describe("fields that differ, drifted or new in the file"),
});

const problem = z.strictObject({
  file: z.string(),
  line: z.int().describe("counted from 1"),
  column: z.int().describe("counted from 1"),
  path: z.string().describe("where in the document"),
  message: z.string(),
  severity: z.enum(["error", "notice"]),
  stillInForce: z.string().optional().describe("name under which an earlier version of the file is still in force"),
});

export const workflow = z.strictObject({
  name: z.string(),
  file: z.string(),
  generation: z.string().describe("hash of the file's meaning"),
  buckets: z
    .strictObject({ input: z.string(), prefix: z.string(), suffix: z.string(), output: z.string() })
    .optional()
    .describe("where files go in, what their names must begin and end with, and where results come out"),
  suspendLine: z
    .int()
    .optional()
    .describe("line of the file at which `suspend` stands, or below which it can be written"),
  conditions: z.array(condition),
  keys: z.array(resource),
  drift: z.array(driftedField).describe("fields that no longer say what they were last seen to say"),
  problems: z.array(problem),
  lastPass: time.optional().describe("end of the last pass, ISO 8601, UTC"),
  nextPassMs: z.number().optional().describe("milliseconds until the next pass, where one is due"),
});

export const daemon = z.strictObject({
  owner: z.string(),
  account: z.string().optional().describe("absent while AWS has not answered"),
  region: z.string(),
  folder: z.string().optional(),
  workflows: z.array(workflow),
  foundation: workflow.optional().describe("what all workflows share"),
  problems: z.array(problem),
  folderProblem: z.string().optional().describe("why the folder could not be read whole"),
  awsProblem: z.string().optional().describe("why nothing is known yet: AWS has not answered since the daemon started"),
  brake: z.string().optional().describe("why nothing is pruned for the time being"),
  leftovers: z.array(z.strictObject({ key: z.string(), workflow: z.string(), why: z.string() })),
  leader: z.boolean().describe("false: another daemon acts, this one watches"),
  stopping: z.boolean(),
});

const queueCounts = {
  queued: count.describe("files that wait"),
  inFlight: count.describe("files that a worker has"),
  dead: count.describe("files that were given up"),
  undelivered: count.describe("uploads that never came into the queue"),
};

export const workflows = z.array(
  z.strictObject({
    name: z.string(),
    file: z.string(),
    state: z.enum(["ready", "reconciling", "incomplete", "drifted", "stalled", "suspended", "unknown"]),
    message: z.string(),
    lastPass: time.optional(),
    nextPassMs: z.number().optional(),
    resources: count,
    drift: z.strictObject({
      open: count.describe("fields that differ now"),
      detected: count.describe("since the daemon started"),
      repaired: count.describe("since the daemon started"),
    }),
    queues: z.strictObject(queueCounts).optional().describe("of all steps together, as last sampled"),
  }),
);

export const resources = z.strictObject({ resources: z.array(resource), drift: z.array(driftedField) });

export const historyEntry = z.object({
  at: time,
  workflow: z.string(),
  key: z.string(),
  path: z.string().describe("of the field; empty: the resource as a whole"),
  want: z.unknown(),
  have: z.unknown(),
  event: z.enum(["created", "updated", "adopted", "drift-detected", "drift-repaired", "deleted", "refused"]),
  pass: z.string().describe("id of the pass, the same in the log"),
  message: z.string().optional(),
});

export const history = z.array(historyEntry).describe("oldest first");

export const queues = z.strictObject({
  now: z
    .array(
      z.strictObject({
        step: z.string(),
        algorithm: z.string(),
        ...queueCounts,
        tasks: z.strictObject({ running: count, starting: count }),
        instances: count.describe("EC2 instances that were launched for the step"),
        troubles: z.array(
          z.strictObject({
            track: z.string().describe("what would not go: start, launch, boot, upkeep"),
            reason: z.string(),
            count,
            sinceMs: z.number().describe("milliseconds since the epoch"),
            retryAtMs: z.number().describe("milliseconds since the epoch"),
          }),
        ),
      }),
    )
    .optional()
    .describe("absent where the workflow is not set up, or AWS did not answer in time"),
  samples: z
    .array(
      z.strictObject({
        step: z.string(),
        samples: z.array(z.strictObject({ at: z.number().describe("milliseconds since the epoch"), ...queueCounts })),
      }),
    )
    .describe("oldest first"),
});

export const asked = z.strictObject({}).describe("a pass was asked for");

export const redriven = z.strictObject({
  moved: z.record(z.string(), count).describe("dead letters that wait in their queue again, by step"),
  delivered: z.record(z.string(), count).describe("uploads that are in the queue now, by step"),
  hidden: z.record(z.string(), count).describe("what somebody had just looked at, and that stayed for now, by step"),
});

export const alive = z.strictObject({ alive: z.literal(true) });

export const readiness = z.strictObject({
  ready: z.boolean(),
  waiting: z.array(z.string()).describe("workflows whose first pass is still to come"),
  reachable: z.boolean().describe("AWS answers"),
  folderProblem: z.string().optional(),
  awsProblem: z.string().optional(),
});

export const error = z.strictObject({ error: z.string() });
