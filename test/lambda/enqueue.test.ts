import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createEnqueuer } from "../../lambda/enqueue.ts";
import { messagesOf, type S3Event } from "../../lambda/messages.ts";
import type { FileMessage } from "../../src/workflow/file-message.ts";

interface Sent {
  readonly Id: string;
  readonly MessageBody: string;
}

/** A queue that refuses what it is told to, and a scaler that can be out of reach. */
function stage({ refuse = () => false, scalerIsGone = false }: Stage = {}) {
  const queue: FileMessage[] = [];
  const world = { queue, nudges: 0, calls: 0, nowMs: 0 };
  const sqs = {
    async send({ input }: { input: { Entries: Sent[] } }) {
      world.calls += 1;
      const failed = input.Entries.filter(({ MessageBody }) => refuse(JSON.parse(MessageBody), world.calls));
      for (const entry of input.Entries) if (!failed.includes(entry)) queue.push(JSON.parse(entry.MessageBody));
      return { Failed: failed.map(({ Id }) => ({ Id, Code: "InternalError", SenderFault: false })) };
    },
  };
  const lambda = {
    async send() {
      if (scalerIsGone) throw new Error("ResourceNotFoundException");
      world.nudges += 1;
    },
  };
  const enqueue = createEnqueuer(
    { queueUrl: "http://127.0.0.1/queue", scaler: "pw-scaler-pipewright" },
    { sqs: sqs as never, lambda: lambda as never, monotonic: () => world.nowMs },
  );
  return Object.assign(world, { enqueue });
}

interface Stage {
  readonly refuse?: (message: FileMessage, call: number) => boolean;
  readonly scalerIsGone?: boolean;
}

const event = (...keys: string[]): S3Event => ({
  Records: keys.map((key) => ({
    s3: { bucket: { name: "plants-in" }, object: { key, eTag: "abc", size: 3, versionId: "v1" } },
  })),
});

const numbered = (count: number): string[] => Array.from({ length: count }, (_, index) => `file-${index}`);

describe("the enqueuer", () => {
  it("puts every record of an event into the queue, with all that is known of the file", async () => {
    const { enqueue, queue } = stage();
    await enqueue(event("a.png"));
    assert.deepEqual(queue, [{ bucket: "plants-in", key: "a.png", eTag: "abc", versionId: "v1", size: 3, attempt: 1 }]);
  });

  it("sends 25 records in three batches", async () => {
    const world = stage();
    await world.enqueue(event(...numbered(25)));
    assert.deepEqual(
      world.queue.map(({ key }) => key),
      numbered(25),
    );
    assert.equal(world.calls, 3);
  });

  it("sends again what a batch refused, and only that", async () => {
    const world = stage({ refuse: ({ key }, call) => call === 1 && key === "file-3" });
    await world.enqueue(event(...numbered(5)));
    assert.equal(world.calls, 2);
    assert.deepEqual(world.queue.map(({ key }) => key).sort(), numbered(5));
  });

  it("fails where a message is refused again and again, so that the event comes again", async () => {
    const world = stage({ refuse: ({ key }) => key === "file-3" });
    await assert.rejects(world.enqueue(event(...numbered(5))), /1 of 5 messages were not taken: InternalError/);
    assert.equal(world.queue.length, 4);
  });

  it("nudges the scaler once in ten seconds at most", async () => {
    const world = stage();
    await world.enqueue(event("a"));
    world.nowMs = 9_999;
    await world.enqueue(event("b"));
    assert.equal(world.nudges, 1);
    world.nowMs = 10_000;
    await world.enqueue(event("c"));
    assert.equal(world.nudges, 2);
  });

  it("does not fail where the scaler cannot be nudged: the files are queued", async () => {
    const world = stage({ scalerIsGone: true });
    await world.enqueue(event("a"));
    assert.equal(world.queue.length, 1);
  });

  it("takes S3's test event for what it is", async () => {
    const world = stage();
    await world.enqueue({ Service: "Amazon S3", Event: "s3:TestEvent" } as S3Event);
    assert.deepEqual([world.calls, world.nudges], [0, 0]);
  });
});

describe("what goes into the queue", () => {
  const keyOf = (encoded: string) => messagesOf(event(encoded)).map((body) => JSON.parse(body).key);

  it("names the file as it was uploaded, whatever its name", () => {
    const names = [
      "a b.png",
      "a+b.png",
      "100%.png",
      `"quoted" 'too'.png`,
      "grün/日本.png",
      "a/./b?c=d&e#f",
      "tab\there",
    ];
    for (const name of names) assert.deepEqual(keyOf(encodeURIComponent(name).replaceAll("%20", "+")), [name]);
  });

  it("holds no character that SQS refuses", () => {
    const name = "odd\uFFFE\uFFFF\u0001.png";
    const [body] = messagesOf(event(encodeURIComponent(name)));
    assert.match(body!, /^[\u0020-\uD7FF\uE000-\uFFFD]*$/);
    assert.equal(JSON.parse(body!).key, name);
  });

  it("leaves folders out", () => assert.deepEqual(keyOf("photos%2F"), []));
});
