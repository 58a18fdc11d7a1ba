import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { z } from "zod";
import { routes } from "../../src/server/api/routes.ts";
import * as schemas from "../../src/server/api/schemas.ts";
import { type Scene, scenes } from "../page/scenes.ts";
import { counts, daemon, entry, serving, step, TOKEN, workflow } from "./stage.ts";

const bearer = (token: string): RequestInit => ({ headers: { authorization: `Bearer ${token}` } });

describe("the API", () => {
  it("tells the status whole, and for each workflow", async (t) => {
    const { get } = await serving(t);
    assert.deepEqual(JSON.parse((await get("/api/v1/status")).body), daemon());
    assert.deepEqual(JSON.parse((await get("/api/v1/workflows/plants")).body), workflow());
    const [summary] = JSON.parse((await get("/api/v1/workflows")).body);
    assert.equal(summary.state, "ready");
    assert.deepEqual(summary.drift, { open: 0, detected: 0, repaired: 0 });
  });

  it("says 404 and the name of a workflow that there is not", async (t) => {
    const { get } = await serving(t);
    for (const rest of ["", "/resources", "/queues"]) {
      const answer = await get(`/api/v1/workflows/zebra%2F..${rest}`);
      assert.equal(answer.code, 404);
      assert.match(JSON.parse(answer.body).error, /zebra\/\.\./);
    }
  });

  it("has a history, which outlives the workflow, and minds no entry that people have spoilt", async (t) => {
    const good = entry("drift-detected", "2026-01-01T00:00:00.000Z");
    const spoilt = { at: 5 } as unknown as typeof good;
    const { get } = await serving(t, {
      status: () => daemon({ workflows: [] }),
      history: (name) => (name === "plants" ? [good, spoilt] : []),
    });
    assert.deepEqual(JSON.parse((await get("/api/v1/workflows/plants/history")).body), [good]);
    assert.deepEqual(JSON.parse((await get("/api/v1/workflows/zebra/history")).body), []);
  });

  it("shows field by field what differs, a field that is unset too", async (t) => {
    const change = { path: "a", want: 1, have: undefined };
    const keys = [{ key: "queue/a", kind: "queue", state: "drifted", needs: [], changes: [change] }] as const;
    const drift = [{ ...change, key: "queue/a", since: "2026-01-01T00:00:00.000Z" }] as const;
    const { get } = await serving(t, { status: () => daemon({ workflows: [workflow({ keys, drift })] }) });
    const answer = JSON.parse((await get("/api/v1/workflows/plants/resources")).body);
    assert.deepEqual(answer.resources[0].changes, [{ path: "a", want: 1, have: null }]);
    assert.equal(answer.drift[0].have, null);
  });

  it("tells what waits and works now and over time, and how it was while AWS does not answer", async (t) => {
    const told = { counts: () => [counts()], states: () => [step()] };
    const { get } = await serving(t, told);
    const { now, samples } = JSON.parse((await get("/api/v1/workflows/plants/queues")).body);
    assert.deepEqual(now, [step()]);
    assert.equal(samples[0].samples[0].queued, 4);
    const silent = await serving(t, { ...told, states: () => new Promise(() => {}) });
    const late = JSON.parse((await silent.get("/api/v1/workflows/plants/queues")).body);
    assert.equal(late.now, undefined);
    assert.equal(late.samples.length, 1);
  });

  it("counts drift by workflow, seen and put right", async (t) => {
    const { get, tell } = await serving(t);
    for (const event of ["drift-detected", "drift-detected", "drift-repaired", "created"] as const)
      tell({ type: "history", entry: entry(event, "2026-01-01T00:00:00.000Z") });
    const [summary] = JSON.parse((await get("/api/v1/workflows")).body);
    assert.deepEqual(summary.drift, { open: 0, detected: 2, repaired: 1 });
  });

  it("tells of changes as they come, gathered, and of each entry of the history", async (t) => {
    const { tell, url } = await serving(t);
    const answer = await fetch(`${url}/api/v1/events`);
    assert.match(answer.headers.get("content-type")!, /^text\/event-stream/);
    assert.match(answer.headers.get("content-security-policy")!, /default-src 'none'/);
    const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
    for (let count = 0; count < 5; count++) tell({ type: "status-changed" });
    tell({ type: "history", entry: entry("drift-repaired", "2026-01-01T00:00:00.000Z") });
    let text = "";
    while (!text.includes("event: changed")) text += (await reader.read()).value;
    assert.equal(text.match(/event: changed/g)?.length, 1);
    const told = JSON.parse(/event: history\ndata: (.*)\n/.exec(text)![1]!);
    assert.equal(told.event, "drift-repaired");
    await reader.cancel();
  });
});

describe("what changes something", () => {
  const told = { token: TOKEN, states: () => [step()] };
  const paths = ["reconcile", "redrive"].map((what) => `/api/v1/workflows/plants/${what}`);

  it("is done for those who know the token", async (t) => {
    const { asked, post } = await serving(t, told);
    const [reconciled, redriven] = [await post(paths[0]!, bearer(TOKEN)), await post(paths[1]!, bearer(TOKEN))];
    assert.equal(reconciled.code, 202);
    assert.deepEqual(JSON.parse(redriven.body), { moved: { grey: 2 }, delivered: { grey: 1 }, hidden: { grey: 0 } });
    assert.deepEqual(asked, ["reconcile plants", "redrive plants"]);
  });

  it("is refused without the token, with another one, and where none is configured", async (t) => {
    const guarded = await serving(t, told);
    const open = await serving(t);
    for (const path of paths) {
      for (const init of [{}, bearer("another token, as long"), bearer(`${TOKEN} `.repeat(2)), bearer("")])
        assert.equal((await guarded.post(path, init)).code, 401, path);
      assert.equal((await open.post(path, bearer(TOKEN))).code, 403, path);
      assert.equal((await open.post(path, bearer("undefined"))).code, 403, path);
    }
    assert.deepEqual([...guarded.asked, ...open.asked], []);
  });

  it("is refused by a daemon that only watches, and of a workflow that there is not", async (t) => {
    const watching = await serving(t, { ...told, status: () => daemon({ leader: false }) });
    for (const path of paths) {
      const answer = await watching.post(path, bearer(TOKEN));
      assert.equal(answer.code, 409);
      assert.match(answer.body, /watches/);
    }
    const { asked, post } = await serving(t, told);
    for (const path of paths) assert.equal((await post(path.replace("plants", "zebra"), bearer(TOKEN))).code, 404);
    assert.deepEqual([...asked, ...watching.asked], []);
  });
});

describe("the OpenAPI document", () => {
  const table = routes({} as Parameters<typeof routes>[0]);

  it("describes every route that is served, and no other", async (t) => {
    const { get, url } = await serving(t, { token: TOKEN });
    const document = JSON.parse((await get("/api/v1/openapi.json")).body);
    assert.equal(document.openapi, "3.1.0");
    const described = Object.entries(document.paths as Record<string, object>).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const streams = ["GET /api/v1/events", "GET /api/v1/openapi.json", "GET /metrics"];
    const served = table.map(({ method, path }) => `${method} ${path.replace(":name", "{name}")}`);
    assert.deepEqual(described.sort(), [...served, ...streams].sort());
    for (const one of described) {
      const [method, path] = one.split(" ") as [string, string];
      const answer = await fetch(url + path.replace("{name}", "plants"), { method });
      assert.notEqual(answer.status, 404, one);
      await answer.body?.cancel();
    }
  });

  it("has every schema that it speaks of, and each is good JSON Schema", async (t) => {
    const { get } = await serving(t);
    const { body } = await get("/api/v1/openapi.json");
    const { components } = JSON.parse(body);
    const spoken = [...body.matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref]) => ref!);
    assert.ok(spoken.length > 20);
    for (const ref of spoken) assert.ok(components.schemas[ref.replace("#/components/schemas/", "")], ref);
    assert.deepEqual(Object.keys(components.schemas).sort(), Object.keys(schemas).sort());
    assert.doesNotMatch(body, /\$defs|__shared/);
  });

  for (const [name, make] of Object.entries(scenes)) {
    it(`is kept by every answer of an operator's day: ${name}`, async (t) => {
      const scene: Scene = make();
      const { get } = await serving(t, scene);
      for (const route of table.filter(({ method }) => method === "GET")) {
        const { body, code } = await get(route.path.replace(":name", scene.about ?? "none"));
        const schema = route.answers[code];
        assert.ok(schema, `${route.path} answers ${code}`);
        // Strict: a field that is not in the document would be told here.
        z.parse(schema, JSON.parse(body));
      }
    });
  }
});
