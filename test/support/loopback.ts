/** An endpoint that is not loopback would be somebody's real account: every harness asks here first. */
import { isIP } from "node:net";

/** @throws when `endpoint` is unset or is anything but this machine */
export function assertLoopback(endpoint: string | undefined): string {
  if (!endpoint) throw new Error("no endpoint: without one the SDK would reach real AWS");
  const host = new URL(endpoint).hostname.replace(/^\[|\]$/g, "");
  const loopback = host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
  if (!loopback) throw new Error(`refused: ${endpoint} is not a loopback address`);
  return endpoint;
}
