/** What both of our functions have in common. */
import { ref } from "../core/refs.ts";
import { keyOf, type WithRefs } from "../core/resource.ts";
import type { FunctionSpec } from "../kinds/function.ts";
import { functionLogs, LAMBDA_ROLE } from "./names.ts";

type Own = Pick<FunctionSpec, "codeSha256" | "memorySize" | "timeoutSeconds" | "reservedConcurrency">;

export const functionSpec = (name: string, own: Own): WithRefs<Omit<FunctionSpec, "tags">> => ({
  ...own,
  runtime: "nodejs24.x",
  handler: "index.handler",
  // Offered in every region.
  architecture: "x86_64",
  // Read, not computed: a person may have made the role under another path.
  role: ref(keyOf("role", LAMBDA_ROLE), "arn"),
  // Lambda would encrypt one for this very role, and the next of its name could not read it (decision 26).
  environment: {},
  loggingConfig: { logGroup: functionLogs(name), logFormat: "JSON" },
});
