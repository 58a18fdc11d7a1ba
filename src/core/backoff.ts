/** Exponential backoff with full jitter: the delay is drawn between zero and the doubled bound. */

/** Milliseconds. */
export const BACKOFF = { firstMs: 1_000, mostMs: 300_000 } as const;

/**
 * @param attempt failures in a row so far, from 1
 * @param random 0 ≤ x < 1
 * @returns milliseconds, never 0, so that a failing item cannot spin
 */
export function backoffMs(
  attempt: number,
  random: number,
  bounds: { firstMs: number; mostMs: number } = BACKOFF,
): number {
  const bound = Math.min(bounds.mostMs, bounds.firstMs * 2 ** Math.min(attempt - 1, 30));
  return Math.max(1, Math.ceil(random * bound));
}
