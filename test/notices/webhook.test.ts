import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { createWebhook } from "../../src/notices/webhook.ts";
import { createFakeClock } from "../engine/fake-clock.ts";
import { silent } from "../support/silent.ts";

/** A webhook that answers as told, first to first, 200 once that is used up; and a clock that is stepped past it. */
async function webhookFor(t: TestContext, answers: readonly { status: number; retryAfter?: string }[] = []) {
  const texts: string[] = [];
  const open = [...answers];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const part of request) body += part;
    texts.push(JSON.parse(body).text);
    const { status, retryAfter } = open.shift() ?? { status: 200, retryAfter: undefined };
    response.writeHead(status, retryAfter === undefined ? {} : { "retry-after": retryAfter }).end("ok");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const clock = createFakeClock();
  const logged: string[] = [];
  /** Requests under way; the fake clock must not be stepped past them. */
  let running: Promise<unknown> = Promise.resolve();
  const webhook = createWebhook({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/secret-path`,
    clock,
    log: { ...silent, warn: (fields, message) => void logged.push(JSON.stringify(fields) + message) },
    random: () => 0.999,
    fetch: (...request) => {
      const answer = fetch(...request);
      running = answer.catch(() => {});
      return answer;
    },
  });
  return {
    webhook,
    texts,
    logged,
    async step(ms: number) {
      await clock.step(ms);
      await running;
      await clock.step(0);
    },
  };
}

test("lines that come close together are one message, and the next one is not sent at once", async (t) => {
  const { webhook, texts, step } = await webhookFor(t);
  webhook.add(["one"]);
  webhook.add(["two", "three"]);
  await step(2_000);
  assert.deepEqual(texts, ["one\ntwo\nthree"]);
  webhook.add(["four"]);
  await step(9_999);
  assert.equal(texts.length, 1);
  await step(1);
  assert.deepEqual(texts.slice(1), ["four"]);
});

test("what Slack reads as its own marks is only text", async (t) => {
  const { webhook, texts, step } = await webhookFor(t);
  webhook.add(["<!channel> a & b"]);
  await step(2_000);
  assert.deepEqual(texts, ["&lt;!channel&gt; a &amp; b"]);
});

test("what could not be delivered is sent again, no sooner than asked, and nothing twice", async (t) => {
  const { webhook, texts, logged, step } = await webhookFor(t, [{ status: 500 }, { status: 429, retryAfter: "60" }]);
  webhook.add(["one"]);
  await step(2_000);
  await step(1_000);
  assert.deepEqual(texts, ["one", "one"]);
  webhook.add(["two"]);
  await step(59_000);
  assert.equal(texts.length, 2);
  await step(1_000);
  assert.deepEqual(texts.slice(2), ["one\ntwo"]);
  await step(600_000);
  assert.equal(texts.length, 3);
  assert.ok(logged.length === 2 && logged.every((line) => !line.includes("secret-path")));
});

test("a webhook that refuses is not asked the same again", async (t) => {
  const { webhook, texts, step } = await webhookFor(t, [{ status: 404 }]);
  webhook.add(["one"]);
  await step(2_000);
  await step(600_000);
  assert.deepEqual(texts, ["one"]);
});

test("a flood is sent in parts, and says what was lost", async (t) => {
  const { webhook, texts, step } = await webhookFor(t);
  webhook.add(Array.from({ length: 510 }, (_, index) => `line ${index}`));
  for (let part = 0; part < 30; part++) await step(10_000);
  assert.equal(texts.length, 25);
  assert.match(texts[0]!, /^\(10 earlier notices could not be delivered\)\nline 10\n/);
  assert.match(texts.at(-1)!, /line 509$/);
});

test("a stop sends what waits", async (t) => {
  const { webhook, texts } = await webhookFor(t);
  webhook.add(["one"]);
  await webhook.stop();
  assert.deepEqual(texts, ["one"]);
});

test("a stop does not wait for a webhook that has just not answered", async (t) => {
  const { webhook, texts, step } = await webhookFor(t, [{ status: 500 }]);
  webhook.add(["one"]);
  await step(2_000);
  await webhook.stop();
  assert.deepEqual(texts, ["one"]);
});

test("who sends lines is told once the last of them has arrived, and never of what is refused", async (t) => {
  const { webhook, step } = await webhookFor(t, [{ status: 200 }, { status: 500 }, { status: 200 }, { status: 404 }]);
  const taken: string[] = [];
  webhook.add(
    Array.from({ length: 25 }, (_, index) => `line ${index}`),
    () => taken.push("lines"),
  );
  await step(2_000);
  await step(10_000);
  assert.equal(taken.length, 0);
  await step(10_000);
  assert.equal(taken.length, 1);
  webhook.add(["refused"], () => taken.push("refused"));
  await step(10_000);
  assert.deepEqual(taken, ["lines"]);
});

test("of more than can wait while a message is on its way, only the oldest are lost, and all of those are counted", async () => {
  const clock = createFakeClock();
  const texts: string[] = [];
  const open: (() => void)[] = [];
  const webhook = createWebhook({
    ...{ url: "http://localhost/", clock, log: silent, random: () => 0.5 },
    async fetch(_url, init) {
      texts.push(JSON.parse(String(init?.body)).text);
      if (texts.length === 1) await new Promise<void>((resolve) => open.push(resolve));
      return new Response("ok");
    },
  });
  webhook.add(Array.from({ length: 20 }, (_, index) => `first ${index}`));
  await clock.step(2_000);
  webhook.add(Array.from({ length: 510 }, (_, index) => `then ${index}`));
  open[0]!();
  await clock.step(600_000);
  const lines = texts.slice(1).flatMap((text) => text.split("\n"));
  assert.deepEqual(lines.slice(0, 2), ["(10 earlier notices could not be delivered)", "then 10"]);
  assert.equal(lines.length, 501);
  await webhook.stop();
});
