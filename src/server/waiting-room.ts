/** What is shown over HTTP while AWS has not answered, without which nothing is known; from then on, what there really is. */
import type { DaemonStatus } from "../engine/status.ts";
import type { ServerDeps } from "./server.ts";

export type Served = Pick<ServerDeps, "engine" | "data" | "samples">;

export interface WaitingRoom extends Served {
  /** AWS has answered. */
  open(real: Served): void;
}

/** @param status while AWS has not answered */
export function createWaitingRoom(status: () => DaemonStatus): WaitingRoom {
  let real: Served | undefined;
  const ofEngine = createListeners<Served["engine"]["subscribe"]>();
  const ofSamples = createListeners<Served["samples"]["subscribe"]>();
  return {
    engine: {
      status: () => real?.engine.status() ?? status(),
      history: async (name) => (await real?.engine.history(name)) ?? [],
      reconcileNow: (name) => real?.engine.reconcileNow(name),
      subscribe: ofEngine.subscribe,
      get queue() {
        return real?.engine.queue ?? { depth: 0, longestRunningMs: 0 };
      },
    },
    data: { of: async (workflow) => real?.data.of(workflow) },
    samples: {
      of: (workflow) => real?.samples.of(workflow) ?? [],
      latest: (workflow) => real?.samples.latest(workflow) ?? [],
      subscribe: ofSamples.subscribe,
    },
    open(given) {
      real = given;
      ofEngine.passOn(given.engine.subscribe);
      ofSamples.passOn(given.samples.subscribe);
    },
  };
}

type Subscribe<L> = (listener: L) => () => void;

/** Whoever subscribes too early is put through once there is somebody to listen to. */
function createListeners<S extends Subscribe<never>>() {
  type L = Parameters<S>[0];
  const unsubscribes = new Map<L, () => void>();
  let subscribe: Subscribe<L> = () => () => {};
  return {
    subscribe(listener: L): () => void {
      unsubscribes.set(listener, subscribe(listener));
      return () => {
        unsubscribes.get(listener)?.();
        unsubscribes.delete(listener);
      };
    },
    passOn(real: Subscribe<L>): void {
      subscribe = real;
      for (const listener of unsubscribes.keys()) unsubscribes.set(listener, real(listener));
    },
  };
}
