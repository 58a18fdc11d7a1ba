/** One message, wherever it is in its life. */
export interface Message {
  readonly id: string;
  readonly body: string;
  readonly attributes: MessageAttributes;
  readonly traceHeader: string | undefined;
  readonly senderId: string;
  /** Kept when the message moves to a dead-letter queue: a dead letter's age counts from its first sending. */
  readonly sentAtMs: number;
  visibleAtMs: number;
  receiveCount: number;
  firstReceivedAtMs: number | undefined;
  /** When the running receipt began: a message can be held for 12 hours from there. */
  receivedAtMs: number | undefined;
  /** The newest receipt; older ones delete nothing. Undefined before the first receive. */
  receipt: string | undefined;
  deadLetterSourceArn: string | undefined;
}

export type MessageAttributes = Readonly<Record<string, MessageAttribute>>;

export interface MessageAttribute {
  readonly DataType: string | undefined;
  readonly StringValue?: string | undefined;
  readonly BinaryValue?: Uint8Array | undefined;
}

/**
 * The messages of one queue. Visible ones wait in the order in which they became so; delayed ones and those in flight are
 * hidden until they are due, and looked through only when the earliest of them is.
 */
export class Messages {
  readonly #visible = new Map<string, Message>();
  readonly #hidden = new Map<string, Message>();
  /** No hidden message is due earlier, none was sent earlier: both may be too low, never too high. */
  #nextDueMs = Number.POSITIVE_INFINITY;
  #oldestMs = Number.POSITIVE_INFINITY;
  readonly #waiting = new Set<() => void>();

  /** As `all` gave them. */
  static of(messages: Iterable<Message>, now: number): Messages {
    const made = new Messages();
    for (const message of messages) made.add(message, now);
    return made;
  }

  /** For a snapshot: the visible ones in their order, then the hidden ones. */
  all(): Message[] {
    return [...this.#visible.values(), ...this.#hidden.values()];
  }

  add(message: Message, now: number): void {
    this.#oldestMs = Math.min(this.#oldestMs, message.sentAtMs);
    if (message.visibleAtMs > now) this.#hide(message);
    else this.#show(message);
  }

  get(id: string): Message | undefined {
    return this.#visible.get(id) ?? this.#hidden.get(id);
  }

  remove(id: string): void {
    this.#visible.delete(id);
    this.#hidden.delete(id);
  }

  clear(): void {
    this.#visible.clear();
    this.#hidden.clear();
  }

  /** The visible messages, oldest first; the caller may hide or remove each as it comes. */
  *visible(now: number, retentionMs: number): Iterable<Message> {
    this.#settle(now, retentionMs);
    yield* this.#visible.values();
  }

  /** Hides a message until a time, or shows it where that has come. */
  hideUntil(message: Message, visibleAtMs: number, now: number): void {
    message.visibleAtMs = visibleAtMs;
    this.remove(message.id);
    if (visibleAtMs > now) this.#hide(message);
    else this.#show(message);
  }

  counts(now: number, retentionMs: number): { visible: number; inFlight: number; delayed: number } {
    this.#settle(now, retentionMs);
    let delayed = 0;
    for (const message of this.#hidden.values()) if (message.receipt === undefined) delayed += 1;
    return { visible: this.#visible.size, inFlight: this.#hidden.size - delayed, delayed };
  }

  /** Delayed and in flight together; due ones may still be among them. */
  get hiddenCount(): number {
    return this.#hidden.size;
  }

  /** When the first visible message was sent, in milliseconds since the epoch; undefined where none is visible. */
  oldestVisibleMs(now: number, retentionMs: number): number | undefined {
    this.#settle(now, retentionMs);
    let oldestMs: number | undefined;
    for (const { sentAtMs } of this.#visible.values()) oldestMs = Math.min(oldestMs ?? sentAtMs, sentAtMs);
    return oldestMs;
  }

  /** When the next hidden message may become visible. */
  get nextDueMs(): number {
    return this.#nextDueMs;
  }

  /** Calls back once, when a message becomes visible by being sent or given back; answers how to stop waiting. */
  onVisible(wake: () => void): () => void {
    this.#waiting.add(wake);
    return () => this.#waiting.delete(wake);
  }

  wakeAll(): void {
    for (const wake of [...this.#waiting]) wake();
    this.#waiting.clear();
  }

  #show(message: Message): void {
    this.#visible.set(message.id, message);
    // One message is for one: to wake all would make a thousand workers at an empty queue look for it in vain.
    const [wake] = this.#waiting;
    if (wake === undefined) return;
    this.#waiting.delete(wake);
    wake();
  }

  #hide(message: Message): void {
    this.#hidden.set(message.id, message);
    this.#nextDueMs = Math.min(this.#nextDueMs, message.visibleAtMs);
  }

  #settle(now: number, retentionMs: number): void {
    if (now >= this.#nextDueMs) {
      this.#nextDueMs = Number.POSITIVE_INFINITY;
      for (const message of [...this.#hidden.values()]) {
        this.#hidden.delete(message.id);
        if (message.visibleAtMs > now) this.#hide(message);
        else this.#visible.set(message.id, message);
      }
    }
    if (now >= this.#oldestMs + retentionMs) {
      this.#oldestMs = Number.POSITIVE_INFINITY;
      for (const message of [...this.#visible.values(), ...this.#hidden.values()]) {
        if (now >= message.sentAtMs + retentionMs) this.remove(message.id);
        else this.#oldestMs = Math.min(this.#oldestMs, message.sentAtMs);
      }
    }
  }
}
