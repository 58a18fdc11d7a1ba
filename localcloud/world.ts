import { createClock, type WorldClock } from "./clock.ts";
import { createRandom } from "./random.ts";
import type { Service, Shelf, World, WorldEvent } from "./service.ts";
import { factories } from "./services/index.ts";
import type { FunctionRunner } from "./services/lambda/invoke.ts";
import { createMishaps, type Mishaps } from "./world/mishaps.ts";
import { createSessions, type Sessions } from "./world/sessions.ts";

export interface WorldOptions {
  readonly account: string;
  readonly region: string;
  readonly lags: boolean;
  readonly seed: number;
  /** @default one that flows with the machine's time */
  readonly clock?: WorldClock | undefined;
  /** Where the world answers. Known only once its server listens. */
  readonly endpoint: () => string;
}

/** The world with the handles that only its owner may use. */
export interface OwnedWorld extends World {
  readonly clock: WorldClock;
  functions: FunctionRunner | undefined;
  readonly mishaps: Mishaps;
  /** Temporary keys of roles. */
  readonly sessions: Sessions;
  /** Undefined where the local cloud has no such service yet. */
  find(id: string): Service | undefined;
  /** Forgets everything: services, waiting actions, the clock's steps. Listeners stay. */
  reset(): void;
  /** All that the services hold, for a snapshot. What was ordered to go wrong is no part of it. */
  save(shelf: Shelf): SavedWorld;
  /** The world as it was saved; time has gone on since. */
  restore(saved: SavedWorld, shelf: Shelf): void;
  /** Takes back everything that waits. */
  close(): void;
}

export interface SavedWorld {
  readonly aheadMs: number;
  /** Of the names that are still to be given: none comes twice. */
  readonly seed: number;
  readonly sessions: unknown;
  /** By the service's id. */
  readonly services: ReadonlyMap<string, unknown>;
}

/** Services come to life when they are first asked for. */
export function createWorld(options: WorldOptions): OwnedWorld {
  const clock = options.clock ?? createClock();
  const services = new Map<string, Service>();
  const listeners = new Set<(event: WorldEvent) => void>();
  let random = createRandom(options.seed);

  const world: OwnedWorld = {
    functions: undefined,
    mishaps: createMishaps(options.seed),
    sessions: createSessions({ id: (prefix, hexDigits) => world.id(prefix, hexDigits) }),
    account: options.account,
    defaultRegion: options.region,
    lags: options.lags,
    clock,
    now: clock.now,
    after: clock.after,
    endpoint: options.endpoint,
    id: (prefix, hexDigits) => prefix + Array.from({ length: hexDigits }, () => hexDigit(random)).join(""),
    find(id) {
      const known = services.get(id);
      if (known) return known;
      const service = factories[id]?.(world);
      if (service) services.set(id, service);
      return service;
    },
    service<S extends Service>(id: string): S {
      const service = world.find(id);
      if (!service) throw new Error(`the local cloud has no service ${id}`);
      return service as S;
    },
    services: () => Object.keys(factories).map((id) => world.service(id)),
    emit: (event) => {
      for (const listener of listeners) listener(event);
    },
    onEvent: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    reset: () => {
      clock.reset();
      services.clear();
      world.sessions.clear();
      world.mishaps.clear();
      random = createRandom(options.seed);
    },
    save: (shelf) => ({
      aheadMs: clock.aheadMs,
      seed: random.seed(),
      sessions: world.sessions.save(shelf),
      services: new Map([...services].map(([id, { state }]) => [id, state?.save(shelf)])),
    }),
    restore(saved, shelf) {
      clock.reset(saved.aheadMs);
      services.clear();
      random = createRandom(saved.seed);
      world.sessions.restore(saved.sessions, shelf);
      for (const [id, state] of saved.services) world.service(id).state?.restore(state, shelf);
    },
    close: () => clock.reset(),
  };
  return world;
}

function hexDigit(random: () => number): string {
  return Math.floor(random() * 16).toString(16);
}
