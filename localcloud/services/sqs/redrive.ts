import { effective } from "./attributes.ts";
import { invalidParameterValue } from "./errors.ts";
import type { Queue } from "./queue.ts";

/** Where a queue's messages go once they were received too often. */
export interface Redrive {
  readonly deadLetterTargetArn: string;
  readonly maxReceiveCount: number;
}

export function redriveOf(queue: Queue): Redrive | undefined {
  const text = effective(queue, "RedrivePolicy");
  if (text === undefined) return undefined;
  const policy = JSON.parse(text) as { deadLetterTargetArn: string; maxReceiveCount: number | string };
  return { deadLetterTargetArn: policy.deadLetterTargetArn, maxReceiveCount: Number(policy.maxReceiveCount) };
}

export function checkRedrivePolicy(queue: Queue, text: string, queueByArn: (arn: string) => Queue | undefined): void {
  const policy = parseObject("RedrivePolicy", text);
  const refused = (reason: string) =>
    invalidParameterValue(`Value ${text} for parameter RedrivePolicy is invalid. Reason: ${reason}`);
  for (const name of ["maxReceiveCount", "deadLetterTargetArn"]) {
    if (policy[name] === undefined) throw refused(`Redrive policy does not contain mandatory attribute: ${name}.`);
  }
  if (Object.keys(policy).length > 2) {
    throw refused("Only following attributes are supported: [deadLetterTargetArn, maxReceiveCount].");
  }
  const count = Number(policy.maxReceiveCount);
  if (!Number.isInteger(count) || count < 1 || count > 1000) {
    throw refused(
      `Invalid value for maxReceiveCount: ${String(policy.maxReceiveCount)}, valid values are from 1 to 1000 both inclusive.`,
    );
  }
  const target = queueByArn(String(policy.deadLetterTargetArn));
  if (target === undefined || target.region !== queue.region) throw refused("Dead letter target does not exist.");
  if (!mayUse(queue.arn, target))
    throw refused(`Queue ${target.name} does not allow ${queue.arn} to use it as its dead-letter queue.`);
}

export function checkRedriveAllowPolicy(text: string): void {
  const policy = parseObject("RedriveAllowPolicy", text);
  const refused = (reason: string) =>
    invalidParameterValue(`Value ${text} for parameter RedriveAllowPolicy is invalid. Reason: ${reason}`);
  const permission = policy.redrivePermission;
  if (permission !== "allowAll" && permission !== "denyAll" && permission !== "byQueue") {
    throw refused("redrivePermission must be one of allowAll, denyAll, byQueue.");
  }
  const sources = policy.sourceQueueArns;
  if (permission !== "byQueue") {
    if (sources !== undefined) throw refused("sourceQueueArns is only allowed with redrivePermission byQueue.");
    return;
  }
  if (!Array.isArray(sources) || sources.length < 1 || sources.length > 10) {
    throw refused("sourceQueueArns must name from 1 to 10 queues.");
  }
}

function mayUse(sourceArn: string, target: Queue): boolean {
  const text = effective(target, "RedriveAllowPolicy");
  if (text === undefined) return true;
  const policy = JSON.parse(text) as { redrivePermission: string; sourceQueueArns?: readonly string[] };
  if (policy.redrivePermission === "byQueue") return policy.sourceQueueArns!.includes(sourceArn);
  return policy.redrivePermission === "allowAll";
}

function parseObject(name: string, text: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed))
      return parsed as Record<string, unknown>;
  } catch {
    // Said below, as for every other text that is no JSON object.
  }
  throw invalidParameterValue(
    `Value ${text} for parameter ${name} is invalid. Reason: Redrive policy is not a valid JSON map.`,
  );
}
