import { parsePolicy } from "../policy-document.ts";
import { RANGES, REMOVABLE } from "./attributes.ts";
import { invalidAttributeName, invalidAttributeValue } from "./errors.ts";
import type { Queue } from "./queue.ts";
import { checkRedriveAllowPolicy, checkRedrivePolicy } from "./redrive.ts";

/** Throws AWS's error for the first value that it would not take. */
export function checkAttributes(
  queue: Queue,
  values: Readonly<Record<string, string>>,
  queueByArn: (arn: string) => Queue | undefined,
): void {
  for (const [name, value] of Object.entries(values)) {
    const range = RANGES[name];
    if (range !== undefined) {
      const number = Number(value);
      if (!/^\d+$/.test(value) || number < range[0] || number > range[1]) throw invalidAttributeValue(name);
    } else if (name === "SqsManagedSseEnabled") {
      if (value !== "true" && value !== "false") throw invalidAttributeValue(name);
    } else if (!REMOVABLE.has(name)) {
      throw invalidAttributeName(name);
    } else if (value !== "") {
      if (name === "Policy") checkPolicy(value);
      if (name === "RedrivePolicy") checkRedrivePolicy(queue, value, queueByArn);
      if (name === "RedriveAllowPolicy") checkRedriveAllowPolicy(value);
    }
  }
}

function checkPolicy(value: string): void {
  const policy = parsePolicy(value, "resource");
  if ("problem" in policy) throw invalidAttributeValue("Policy", policy.problem);
}
