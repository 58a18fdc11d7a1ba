/** What both of our functions have in common. */
import { ref } from "../core/refs.ts";
import { keyOf, type WithRefs } from "../core/resource.ts";
import type { FunctionSpec } from "../kinds/function.ts";
import type { FunctionCode } from "./facts.ts";
import { functionLogs, LAMBDA_ROLE } from "./names.ts";

type Own = Pick<FunctionSpec, "memorySize" | "timeoutSeconds" | "environment" | "reservedConcurrency">;

export const functionSpec = (
  name: string,
  { code, ...own }: Own & { readonly code: FunctionCode },
): WithRefs<Omit<FunctionSpec, "tags">> => ({
  ...own,
  runtime: "nodejs24.x",
  handler: "index.handler",
  // Offered in every region.
  architecture: "x86_64",
  // Read, not computed: a person may have made the role under another path.
  role: ref(keyOf("role", LAMBDA_ROLE), "arn"),
  codeSha256: code.codeSha256,
  loggingConfig: { logGroup: functionLogs(name), logFormat: "JSON" },
});
