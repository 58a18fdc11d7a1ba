import type { Call, Kept, Shelf, World } from "../../service.ts";
import { parseArn } from "../arn.ts";
import { type Place, regional } from "../regions.ts";
import { missingParameter, prefixed, queueDoesNotExist } from "./errors.ts";
import { type Message, Messages } from "./messages.ts";
import type { Queue } from "./queue.ts";

/** A queue's name cannot be used again before that time has passed. */
const DELETED_RECENTLY_MS = 60_000;
/** A new queue cannot be used before. */
const UNUSABLE_MS = 1000;

interface PlaceState<Q> {
  readonly queues: Map<string, Q>;
  readonly deletedAtMs: Map<string, number>;
}

/** All queues of the world, found as callers name them: by URL, name or ARN. */
export class Queues implements Kept {
  readonly #world: World;
  readonly #places = regional<PlaceState<Queue>>(() => ({ queues: new Map(), deletedAtMs: new Map() }));

  constructor(world: World) {
    this.#world = world;
  }

  /** By its URL, of which AWS looks at account and name only. Throws QueueDoesNotExist. */
  byUrl(call: Call, url: string | undefined): Queue {
    if (url === undefined || url === "") throw missingParameter("QueueUrl");
    const [account, name] = url.split("/").slice(-2);
    if (name === undefined || account === undefined) throw queueDoesNotExist();
    return this.byName({ account, region: call.region }, name);
  }

  /** Throws QueueDoesNotExist. */
  byName(place: Place, name: string): Queue {
    const queue = this.existing(place, name);
    if (queue === undefined) throw queueDoesNotExist();
    if (this.#world.lags && this.#world.now() < queue.createdAtMs + UNUSABLE_MS) throw queueDoesNotExist();
    return queue;
  }

  byArn(arn: string): Queue | undefined {
    const parsed = parseArn(arn);
    return parsed?.service === "sqs" ? this.existing(parsed, parsed.resource) : undefined;
  }

  existing(place: Place, name: string): Queue | undefined {
    return this.#places.in(place).queues.get(name);
  }

  add(queue: Queue): void {
    const place = this.#places.in(queue);
    const deletedAtMs = place.deletedAtMs.get(queue.name);
    if (this.#world.lags && deletedAtMs !== undefined && this.#world.now() < deletedAtMs + DELETED_RECENTLY_MS) {
      throw prefixed(
        "QueueDeletedRecently",
        "You must wait 60 seconds after deleting a queue before you can create another with the same name.",
      );
    }
    place.queues.set(queue.name, queue);
  }

  delete(queue: Queue): void {
    const place = this.#places.in(queue);
    place.queues.delete(queue.name);
    place.deletedAtMs.set(queue.name, this.#world.now());
    queue.deleted = true;
    queue.messages.clear();
    queue.messages.wakeAll();
  }

  save(shelf: Shelf): unknown {
    const places = this.#places.save(shelf) as Map<string, PlaceState<Queue>>;
    return mapped(places, ({ queues, deletedAtMs }) => ({
      deletedAtMs,
      queues: mapped(queues, (queue) => ({ ...queue, messages: queue.messages.all() })),
    }));
  }

  restore(saved: unknown, shelf: Shelf): void {
    const places = saved as Map<string, PlaceState<Omit<Queue, "messages"> & { messages: Message[] }>>;
    const restored = mapped(places, ({ queues, deletedAtMs }) => ({
      deletedAtMs,
      queues: mapped(queues, (queue) => ({ ...queue, messages: Messages.of(queue.messages, this.#world.now()) })),
    }));
    this.#places.restore(restored, shelf);
  }

  *all(): Iterable<Queue> {
    for (const { queues } of this.#places.all()) yield* queues.values();
  }

  in(place: Place): Iterable<Queue> {
    return this.#places.in(place).queues.values();
  }
}

function mapped<K, V, W>(map: ReadonlyMap<K, V>, change: (value: V) => W): Map<K, W> {
  return new Map([...map].map(([key, value]) => [key, change(value)]));
}
