/** Tasks, instances and queues of a workflow at this moment, for those who look at it; asked of AWS once for all of them. */
import type { Clock, Log } from "../core/ports.ts";
import type { Data, StepState } from "../data/data.ts";

export interface StepStates {
  /** Undefined where the workflow is not set up yet, or AWS has not answered in time. */
  of(workflow: string): Promise<readonly StepState[] | undefined>;
}

/** How long an answer is good, milliseconds: many may look at the same page. */
const KEPT_MS = 15_000;
/** A page is not kept waiting for AWS any longer, milliseconds; what comes later is for the next one who looks. */
const PATIENCE_MS = 2_000;

interface Asked {
  readonly atMs: number;
  readonly answer: Promise<readonly StepState[] | undefined>;
}

export function createStepStates(deps: {
  readonly data: Pick<Data, "of">;
  readonly clock: Clock;
  readonly log: Log;
}): StepStates {
  const { clock, data, log } = deps;
  const asked = new Map<string, Asked>();

  async function ask(workflow: string): Promise<readonly StepState[] | undefined> {
    try {
      return await (await data.of(workflow))?.states();
    } catch (error) {
      log.warn({ workflow, error: String(error) }, "steps could not be looked at");
      return undefined;
    }
  }

  return {
    of(workflow) {
      const now = clock.monotonic();
      for (const [name, { atMs }] of asked) if (now - atMs > KEPT_MS) asked.delete(name);
      const one = asked.get(workflow) ?? { atMs: now, answer: ask(workflow) };
      asked.set(workflow, one);
      return inTime(one.answer, clock);
    },
  };
}

/** The wait ends with the answer, so that nothing is left that waits for its time. */
function inTime<T>(answer: Promise<T>, clock: Clock): Promise<T | undefined> {
  return new Promise((resolve) => {
    const cancel = clock.after(PATIENCE_MS, () => resolve(undefined));
    void answer.then((value) => {
      cancel();
      resolve(value);
    });
  });
}
