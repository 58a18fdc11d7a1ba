/** The environment, checked. Flags of a command win over it. */
import { z } from "zod";
import { UsageError } from "./cli/usage-error.ts";
import { LOG_LEVELS } from "./io/log.ts";

const list = z
  .string()
  .default("")
  .transform((text) =>
    text
      .split(",")
      .map((entry) => entry.trim())
      .filter((entry) => entry !== ""),
  );

export const environmentSchema = z.object({
  PIPEWRIGHT_OWNER: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/)
    .default("default")
    .describe("Tells our resources from everybody else's, and one installation from another."),
  PIPEWRIGHT_IGNORE: list.describe(
    "Fields never compared, `kind/glob:path`, separated by commas: for emulators that drop fields.",
  ),
  PIPEWRIGHT_PIPELINES: z.string().default("./pipelines").describe("Folder of workflow files."),
  PIPEWRIGHT_DATA: z.string().default("./.pipewright").describe("Folder of history."),
  PIPEWRIGHT_PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .optional()
    .describe("Port for the page, the API, health and metrics; unset: none is opened."),
  PIPEWRIGHT_HOST: z.string().default("127.0.0.1").describe("Address that the port is opened on."),
  PIPEWRIGHT_TOKEN: z
    .string()
    .min(16)
    .optional()
    .describe("Needed to start a pass or a redrive over HTTP; unset: page and API only show. At least 16 characters."),
  PIPEWRIGHT_WEBHOOK_URL: z
    .url({ protocol: /^https?$/, error: "is no URL that begins with http:// or https://" })
    .optional()
    .describe(
      "Where notices are sent as Slack takes them: workflows that stall, drift, dead letters, undelivered events, the brake. Whoever knows it may write there, so that it is never logged. Unset: none are sent.",
    ),
  PIPEWRIGHT_QUEUE_SAMPLE_SECONDS: z.coerce
    .number()
    .min(10)
    .max(3_600)
    .default(60)
    .describe(
      "How often the queues are looked at for plots, notices and metrics while the port is open, seconds; with more than 200 steps longer.",
    ),
  PIPEWRIGHT_LOG_LEVEL: z
    .enum(LOG_LEVELS)
    .optional()
    .describe("Default: `info` for the daemon, `error` for the other commands."),
  PIPEWRIGHT_INIT_IMAGE: z
    .string()
    .default("public.ecr.aws/aws-cli/aws-cli:2.31.0")
    .describe("Image of the container that unpacks the worker."),
  PIPEWRIGHT_LEASE: z
    .enum(["on", "off"])
    .default("off")
    .transform((value) => value === "on")
    .describe("Of two daemons one acts and the other watches."),
  PIPEWRIGHT_LEASE_SECONDS: z.coerce
    .number()
    .min(1)
    .max(300)
    .default(15)
    .describe("How long a lease is good without a renewal, seconds."),
  AWS_ENDPOINT_URL: z
    .url({ protocol: /^https?$/, error: "is no URL that begins with http:// or https://" })
    .optional()
    .describe("Base URL of an emulator; unset: real AWS."),
});

export type Environment = z.infer<typeof environmentSchema>;

export function readEnvironment(env: Readonly<Record<string, string | undefined>>): Environment {
  // An empty variable is an unset one, as compose files write them.
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));
  const parsed = environmentSchema.safeParse(set);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  throw new UsageError(`the environment is not right:\n  ${problems.join("\n  ")}`);
}
