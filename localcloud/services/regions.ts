import type { Kept } from "../service.ts";

/** Where a request went: everything but IAM and the names of buckets lives in one account and region. */
export interface Place {
  readonly account: string;
  readonly region: string;
}

/** A service's state, one copy for each account and region that was ever asked for. A snapshot keeps it as it is. */
export interface Regional<State> extends Kept {
  in(place: Place): State;
  all(): Iterable<State>;
}

export function regional<State>(make: (place: Place) => State): Regional<State> {
  const states = new Map<string, State>();
  return {
    in({ account, region }) {
      const key = `${account}/${region}`;
      let state = states.get(key);
      if (state === undefined) {
        state = make({ account, region });
        states.set(key, state);
      }
      return state;
    },
    all: () => states.values(),
    save: () => states,
    restore(saved) {
      states.clear();
      for (const [key, state] of saved as Map<string, State>) states.set(key, state);
    },
  };
}
