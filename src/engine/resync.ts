/** When a pass is due that nothing asks for but time. Pure. */
import type { Limits } from "./limits.ts";

/** Every owned field of every workflow is looked at once in this time, milliseconds. */
export const resyncMs = (workflows: number, limits: Pick<Limits, "resyncLeastMs" | "resyncPerWorkflowMs">): number =>
  Math.max(limits.resyncLeastMs, limits.resyncPerWorkflowMs * workflows);

/** A twentieth either way, so that daemons started together do not stay together. */
const JITTER = 0.05;

/**
 * Workflows keep to slots of their own, evenly over the interval, whenever they were last run for another reason.
 *
 * @param index of the workflow among `count`, from 0
 * @param nowMs monotonic
 * @param random 0 ≤ x < 1
 * @returns milliseconds from now; between about half an interval and one and a half
 */
export function nextResyncMs(of: {
  index: number;
  count: number;
  nowMs: number;
  random: number;
  intervalMs: number;
}): number {
  const slotMs = (of.index / Math.max(1, of.count)) * of.intervalMs;
  const sinceSlotMs = (((of.nowMs - slotMs) % of.intervalMs) + of.intervalMs) % of.intervalMs;
  const toSlotMs = of.intervalMs - sinceSlotMs;
  const delayMs = toSlotMs < of.intervalMs / 2 ? toSlotMs + of.intervalMs : toSlotMs;
  return Math.round(delayMs + (of.random * 2 - 1) * JITTER * of.intervalMs);
}
