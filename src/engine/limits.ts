/** Every bound of the engine, with its unit. Tests hand in smaller ones; nothing else changes them. */

export interface Limits {
  /** Workflows whose passes run at the same time. */
  readonly passes: number;
  /** Reads of one pass under way at the same time. AWS's own rates are kept in `aws/`. */
  readonly readsPerPass: number;
  /** Writes of one pass under way at the same time. */
  readonly writesPerPass: number;
  /** Writes to one resource in one pass: a creation, then updates that each bring it nearer. */
  readonly writesPerKey: number;
  /** Reads after a write that still answer the value from before it, until we call the field one that AWS does not keep. */
  readonly readsOfOldValue: number;
  /** Time between two such reads, milliseconds. */
  readonly oldValueMs: number;
  /** How long one pass stays with things that settle before it goes back to the queue, milliseconds. */
  readonly patienceMs: number;
  /** A half-written file is reported only when it is still bad so long after its last change, milliseconds. */
  readonly halfWrittenMs: number;
  /** The shortest time between two passes that nothing asked for but time, milliseconds. */
  readonly resyncLeastMs: number;
  /** What half the quotas allow: milliseconds of a resync per workflow. Source: GetPolicy, 15 a second, halved. */
  readonly resyncPerWorkflowMs: number;
  /** Between two looks for things that nobody asks for any more, milliseconds. */
  readonly collectMs: number;
  /** The folder must have been quiet for so long before anything is taken away, milliseconds. */
  readonly quietMs: number;
  /** How soon something that could not go yet (messages wait, a task runs) is looked at again, milliseconds. */
  readonly busyMs: number;
  /** How long a clean-up by command waits, since the last thing that went, for what is busy, milliseconds. */
  readonly cleanUpPatienceMs: number;
  /** `run --once` gives up so long after the last progress, milliseconds. */
  readonly onceIdleMs: number;
  /** History entries kept for a workflow; the oldest go first. */
  readonly historyEntries: number;
  /** Least time between two writes of one workflow's history, milliseconds. */
  readonly historyWriteMs: number;
}

export const LIMITS: Limits = {
  passes: 32,
  readsPerPass: 64,
  writesPerPass: 16,
  writesPerKey: 4,
  readsOfOldValue: 4,
  oldValueMs: 1_000,
  patienceMs: 30_000,
  halfWrittenMs: 2_000,
  resyncLeastMs: 30_000,
  resyncPerWorkflowMs: 134,
  collectMs: 300_000,
  quietMs: 5_000,
  busyMs: 10_000,
  cleanUpPatienceMs: 120_000,
  onceIdleMs: 600_000,
  historyEntries: 200,
  historyWriteMs: 5_000,
};
