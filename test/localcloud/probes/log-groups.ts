/** Log groups and what is in them: what probes of CloudWatch Logs make and read. */
import * as logs from "@aws-sdk/client-cloudwatch-logs";
import type { Sdk } from "../../support/sdk.ts";

export async function group({ logs: client }: Sdk, name: string, tags?: Record<string, string>) {
  const logGroupName = `/probe/${name}`;
  await client.send(new logs.CreateLogGroupCommand({ logGroupName, ...(tags ? { tags } : {}) }));
  return { logGroupName };
}

/** A minute ago, and as many milliseconds later as asked. */
export const at = (ms: number) => MINUTE_AGO + ms;
const MINUTE_AGO = Date.now() - 60_000;

/** A group with messages in streams, each at its time. */
export async function written(
  sdk: Sdk,
  name: string,
  events: readonly [stream: string, ms: number, message: string][],
) {
  const inGroup = await group(sdk, name);
  for (const logStreamName of new Set(events.map(([stream]) => stream))) {
    await sdk.logs.send(new logs.CreateLogStreamCommand({ ...inGroup, logStreamName }));
    const own = events.filter(([stream]) => stream === logStreamName);
    const logEvents = own.map(([, ms, message]) => ({ timestamp: at(ms), message }));
    await sdk.logs.send(new logs.PutLogEventsCommand({ ...inGroup, logStreamName, logEvents }));
  }
  return inGroup;
}

export async function messages({ logs: client }: Sdk, input: logs.FilterLogEventsCommandInput): Promise<string> {
  const { events = [] } = await client.send(new logs.FilterLogEventsCommand(input));
  return events.map(({ message }) => message).join(", ") || "none";
}
