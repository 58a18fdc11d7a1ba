import { parsePolicy } from "../policy-document.ts";
import { effective, RANGES, REMOVABLE } from "./attributes.ts";
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
  checkEncryption(queue, values);
}

function checkEncryption(queue: Queue, values: Readonly<Record<string, string>>): void {
  const key = values.KmsMasterKeyId ?? effective(queue, "KmsMasterKeyId") ?? "";
  if (values.SqsManagedSseEnabled !== "true" || key === "") return;
  throw invalidAttributeValue(
    "SqsManagedSseEnabled",
    "You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE.",
  );
}

function checkPolicy(value: string): void {
  const policy = parsePolicy(value, "resource");
  if ("problem" in policy) throw invalidAttributeValue("Policy", policy.problem);
}
