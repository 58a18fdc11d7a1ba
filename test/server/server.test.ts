import assert from "node:assert/strict";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, it } from "node:test";
import { createEventStream } from "../../src/server/event-stream.ts";
import { createFakeClock } from "../engine/fake-clock.ts";
import { daemon, serving, TOKEN, workflow } from "./stage.ts";

describe("the server", () => {
  it("listens on this machine only, unless it is told otherwise", async (t) => {
    const { url } = await serving(t);
    assert.match(url, /^http:\/\/127\.0\.0\.1:\d+$/);
  });

  it("does not start on a port that is taken, and says so", async (t) => {
    const other = createServer();
    await new Promise<void>((ready) => other.listen(0, "127.0.0.1", ready));
    const { port } = other.address() as AddressInfo;
    await assert.rejects(serving(t, { port }), { code: "EADDRINUSE" });
    await new Promise((closed) => other.close(closed));
  });

  it("gives its port back when it stops, whoever still listens to events", async (t) => {
    const { stop, url } = await serving(t);
    const events = await fetch(`${url}/api/v1/events`);
    await stop();
    await events.text();
    await assert.rejects(fetch(`${url}/healthz`));
    assert.equal((await serving(t, { port: Number(new URL(url).port) })).url, url);
  });

  it("lets nobody listen to events any more once it stops", async (t) => {
    const clock = createFakeClock();
    const events = createEventStream(clock);
    events.stop();
    assert.equal(events.open, false);
    const { url } = await serving(t);
    const head = await fetch(`${url}/api/v1/events`, { method: "HEAD", signal: AbortSignal.timeout(30_000) });
    assert.equal(head.status, 404);
  });

  it("has nothing under other addresses, and no other methods", async (t) => {
    const { get, post } = await serving(t);
    for (const path of ["/nothing", "/api/v1", "/healthz/x", "/page/../server.ts", "/page/page.ts"])
      assert.equal((await get(path)).code, 404, path);
    for (const path of ["/", "/api/v1/status", "/workflows/plants"]) assert.equal((await post(path)).code, 404, path);
  });

  it("is not to be had under the name of a web site that points to this machine", async (t) => {
    const { url } = await serving(t);
    const codeFor = (host: string) =>
      new Promise((resolve) => {
        request(`${url}/api/v1/status`, { headers: { host } }, (answer) => resolve(answer.resume().statusCode)).end();
      });
    assert.equal(await codeFor("evil.example"), 421);
    for (const host of ["localhost:1234", "127.0.0.1", "[::1]:80"]) assert.equal(await codeFor(host), 200, host);
    const open = await serving(t, { host: "0.0.0.0" });
    const { port } = new URL(open.url);
    assert.equal((await fetch(`http://127.0.0.1:${port}/healthz`)).status, 200);
  });

  it("lets a browser load nothing from elsewhere, run nothing inline and frame nothing, on every answer", async (t) => {
    const { get } = await serving(t);
    for (const path of ["/", "/workflows/plants", "/workflows/none", "/api/v1/status", "/page/page.js", "/none"]) {
      const { headers } = await get(path);
      const policy = headers.get("content-security-policy")!;
      assert.match(policy, /^default-src 'none'; .*frame-ancestors 'none'$/, path);
      assert.doesNotMatch(policy, /unsafe|\*|https?:/, path);
      assert.equal(headers.get("x-content-type-options"), "nosniff", path);
    }
  });

  it("tells nobody what went wrong inside", async (t) => {
    const { get } = await serving(t, {
      history() {
        throw new Error("secret");
      },
    });
    const { body, code } = await get("/api/v1/workflows/plants/history");
    assert.equal(code, 500);
    assert.doesNotMatch(body, /secret/);
  });
});

describe("health", () => {
  it("is alive as long as it answers, ready or not", async (t) => {
    const { get } = await serving(t, { status: () => daemon({ stopping: true }) });
    assert.equal((await get("/healthz")).code, 200);
  });

  const { lastPass: _none, ...unseen } = workflow({ name: "fresh" });
  for (const [what, status, code] of [
    ["every workflow was looked at", daemon(), 200],
    ["the folder is empty", daemon({ workflows: [] }), 200],
    ["it only watches another daemon act", daemon({ leader: false, workflows: [unseen] }), 200],
    ["a workflow was never looked at", daemon({ workflows: [workflow(), unseen] }), 503],
    [
      "AWS has not answered since it started",
      daemon({ leader: false, workflows: [], awsProblem: "nobody there" }),
      503,
    ],
    ["the folder cannot be read", daemon({ folderProblem: "gone" }), 503],
    ["it is stopping", daemon({ stopping: true }), 503],
  ] as const) {
    it(`is ${code === 200 ? "" : "not "}ready when ${what}`, async (t) => {
      const { get } = await serving(t, { status: () => status });
      const answer = await get("/readyz");
      assert.equal(answer.code, code);
      assert.equal(JSON.parse(answer.body).ready, code === 200);
    });
  }

  it("names the workflows that it waits for", async (t) => {
    const { get } = await serving(t, { status: () => daemon({ workflows: [workflow(), unseen] }) });
    assert.deepEqual(JSON.parse((await get("/readyz")).body).waiting, ["fresh"]);
  });

  it("tells why AWS has not answered, to machines, to people and to whoever asks for a pass", async (t) => {
    const { account: _unknown, ...status } = daemon({ leader: false, workflows: [], awsProblem: "nobody there" });
    const { get, post } = await serving(t, { status: () => status, token: TOKEN });
    const { awsProblem, reachable } = JSON.parse((await get("/readyz")).body);
    assert.deepEqual([awsProblem, reachable], ["nobody there", false]);
    assert.equal(JSON.parse((await get("/api/v1/status")).body).awsProblem, "nobody there");
    const page = (await get("/")).body;
    assert.match(page, /AWS has not answered yet\..*Nobody there\./);
    assert.doesNotMatch(page, /undefined|This daemon watches|Your first workflow/);
    const asked = await post("/api/v1/workflows/plants/reconcile", { headers: { authorization: `Bearer ${TOKEN}` } });
    assert.equal(asked.code, 409);
    assert.match(asked.body, /AWS has not answered yet/);
  });

  it("is not ready once AWS has left a whole request without an answer, and is again with the next answer", async (t) => {
    const { awsCall, get } = await serving(t);
    const heard = (status: number) => awsCall({ service: "sqs", operation: "GetQueueAttributes", status, seconds: 1 });
    for (const _ of [1, 2]) heard(0);
    assert.equal((await get("/readyz")).code, 200);
    heard(0);
    const answer = await get("/readyz");
    assert.equal(answer.code, 503);
    assert.equal(JSON.parse(answer.body).reachable, false);
    // Any answer is one, a refusal too.
    heard(403);
    assert.equal((await get("/readyz")).code, 200);
  });
});
