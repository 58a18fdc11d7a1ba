import assert from "node:assert/strict";
import {
  AwsError,
  type Call,
  type Service,
  type ServiceFactory,
  type World,
  type WorldEvent,
} from "../../localcloud/service.ts";

/** A world for tests of single services: its clock stands still until it is stepped, its identifiers count up. */
export interface StubWorld extends World {
  step(ms: number): void;
}

export function stubWorld(factories: readonly ServiceFactory[], options: { lags?: boolean } = {}): StubWorld {
  let now = Date.parse("2026-01-01T00:00:00Z");
  let ids = 0;
  const timers = new Set<{ dueMs: number; action: () => void }>();
  const services = new Map<string, Service>();
  const listeners = new Set<(event: WorldEvent) => void>();
  const world: StubWorld = {
    account: "000000000000",
    defaultRegion: "us-east-1",
    lags: options.lags ?? false,
    now: () => now,
    step(ms) {
      const until = now + ms;
      for (;;) {
        const next = [...timers].filter((timer) => timer.dueMs <= until).sort((a, b) => a.dueMs - b.dueMs)[0];
        if (next === undefined) break;
        timers.delete(next);
        now = Math.max(now, next.dueMs);
        next.action();
      }
      now = until;
    },
    endpoint: () => "http://127.0.0.1:4566",
    after(delayMs, action) {
      const timer = { dueMs: now + delayMs, action };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    id: (prefix, hexDigits) => prefix + (++ids).toString(16).padStart(hexDigits, "0"),
    service<S extends Service>(id: string): S {
      const service = services.get(id);
      if (service === undefined) throw new Error(`The stub world has no service ${id}`);
      return service as S;
    },
    services: () => services.values(),
    functions: undefined,
    mishaps: { strikes: () => false },
    emit: (event) => {
      for (const listener of listeners) listener(event);
    },
    onEvent(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
  for (const factory of factories) {
    const service = factory(world);
    services.set(service.id, service);
  }
  return world;
}

export const call: Call = {
  account: "000000000000",
  region: "us-east-1",
  accessKeyId: "test",
  requestId: "00000000-0000-0000-0000-000000000000",
};

/** Calls an operation as the wire would, its output typed by the caller. */
export function invoke<Output>(service: Service, operation: string, input: object, from: Call = call): Output {
  const handler = service.operations[operation];
  assert.ok(handler, `${service.id} has no ${operation}`);
  return handler(input, from) as Output;
}

/** Asserts that the operation answers this error, and returns it for a look at its message. */
export function refused(code: string, run: () => unknown): AwsError {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof AwsError, String(error));
    assert.equal(error.code, code, error.message);
    return error;
  }
  assert.fail(`expected ${code}, but it was accepted`);
}
