import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, it, test } from "node:test";
import fc from "fast-check";
import { asText, html } from "../../src/server/page/html.ts";
import { scenes } from "../page/scenes.ts";
import { condition, daemon, entry, serving, step, TOKEN, workflow } from "./stage.ts";

const EVIL = `"><script>alert(1)</script>'<img src=x onerror=alert(1)>&`;

const form = (fields: Readonly<Record<string, string>>): RequestInit => ({
  headers: { "content-type": "application/x-www-form-urlencoded" },
  body: new URLSearchParams(fields).toString(),
});

describe("the list of workflows", () => {
  it("of an empty folder tells the way to the first workflow, and where its file belongs", async (t) => {
    const { get } = await serving(t, scenes.empty());
    const { body, code } = await get("/");
    assert.equal(code, 200);
    assert.match(body, /Your first workflow/);
    assert.match(body, /<code>pipelines<\/code>/);
    assert.doesNotMatch(body, /<table/);
  });

  it("names what wants a person first, and says how many do", async (t) => {
    const { get } = await serving(t, scenes.stalled());
    const { body } = await get("/");
    assert.match(body, /2 of 3 workflows ready; 1 stalled\./);
    const names = [...body.matchAll(/<th scope="row"><a href="\/workflows\/([^"]+)"/g)].map(([, name]) => name);
    assert.deepEqual(names, ["change123", "grey-pictures", "river-gauges", "%40foundation"]);
  });

  it("puts given-up files first, though all else is ready", async (t) => {
    const { get } = await serving(t, scenes["dead-letters"]());
    const { body } = await get("/");
    assert.match(body, /All 3 workflows are ready\. 7 files were given up\./);
    assert.match(body, /<th scope="row"><a href="\/workflows\/river-gauges"/);
    assert.match(body, /7 given up/);
  });

  it("says that this daemon only watches, why nothing is pruned, what is wrong with files and what is left", async (t) => {
    const problem = {
      file: "a.json",
      line: 3,
      column: 5,
      path: "process",
      message: "is missing",
      severity: "error",
    } as const;
    const status = daemon({
      leader: false,
      brake: "the marker is gone",
      problems: [{ ...problem, stillInForce: "plants" }],
      leftovers: [{ key: "bucket/old", workflow: "old", why: "holds 3 objects" }],
    });
    const { get } = await serving(t, { status: () => status });
    const { body } = await get("/");
    for (const words of [
      /This daemon watches/,
      /Nothing is pruned\.<\/strong> The marker is gone\./,
      /a\.json:3:5<\/code> <code>process<\/code> is missing/,
      /holds 3 objects/,
      /last good version of plants/,
    ])
      assert.match(body, words);
  });
});

test("a folder whose workflows have vanished is not taken for a new one", async (t) => {
  const { get } = await serving(t, { status: () => daemon({ workflows: [], brake: "the marker is gone" }) });
  const { body } = await get("/");
  assert.match(body, /No workflow is in force/);
  assert.doesNotMatch(body, /Your first workflow/);
});

describe("the page of a workflow", () => {
  it("says what is wrong with its file, and where", async (t) => {
    const place = { file: "plants.json", line: 4, column: 14, path: "process.algorithms" };
    const problems = [{ ...place, message: "is missing", severity: "error" } as const];
    const { get } = await serving(t, { status: () => daemon({ workflows: [workflow({ problems })] }) });
    const { body } = await get("/workflows/plants");
    assert.match(body, /plants\.json:4:14<\/code> <code>process\.algorithms<\/code> is missing/);
  });

  it("says of a resource that was not there that it is gone", async (t) => {
    const gone = entry("drift-detected", "plants", {
      key: "queue/pw-plants",
      path: "",
      want: undefined,
      have: undefined,
    });
    const { get } = await serving(t, {
      status: () => daemon({ workflows: [workflow({})] }),
      history: () => [gone, { ...gone, event: "drift-repaired" }],
    });
    const { body } = await get("/workflows/plants");
    assert.match(body, /drift repaired[\s\S]*the whole[\s\S]*drift detected[\s\S]*it is gone/);
  });

  it("shows field by field what the file wants and what AWS has", async (t) => {
    const { get } = await serving(t, scenes.drifted());
    const { body } = await get("/workflows/grey-pictures");
    assert.match(body, /3 fields differ/);
    assert.match(body, /visibilitySeconds[\s\S]*?class="want"><code>60<[\s\S]*?class="have"><code>300</);
    assert.match(body, /retentionDays[\s\S]*?class="have"><code>unset</);
  });

  it("draws every resource with its state in words, and says the same in a table", async (t) => {
    const { get } = await serving(t, scenes.stalled());
    const { body } = await get("/workflows/change123");
    const { workflows } = scenes.stalled().status();
    const { keys } = workflows.find((one) => one.name === "change123")!;
    assert.ok(keys.length > 15);
    for (const { key } of keys) {
      const word = key === "queue/pw-change123-change123-s3" ? "refused" : "in sync";
      assert.ok(body.includes(`aria-label="${key}: ${word}`), key);
      assert.ok(body.includes(`<th scope="row"><code>${key}</code>`), key);
    }
  });

  it("draws a sequence step by step, and leaves no resource out", async (t) => {
    const { get } = await serving(t, scenes.healthy());
    const { body } = await get("/workflows/river-gauges");
    assert.equal(body.match(/<svg class="graph"/g)?.length, 3);
    assert.match(body, /<h3>From river-gauges-readings<\/h3>[\s\S]*<h3>From pw-river-gauges-drop-bad-readings-/);
    const { workflows } = scenes.healthy().status();
    for (const { key } of workflows.find((one) => one.name === "river-gauges")!.keys)
      assert.ok(body.includes(`aria-label="${key}: in sync`), key);
  });

  it("has the commands that send files in, with the prefix that they need", async (t) => {
    const buckets = { input: "in", prefix: "day/", suffix: ".png", output: "out" };
    const { get } = await serving(t, { status: () => daemon({ workflows: [workflow({ buckets })] }) });
    const { body } = await get("/workflows/plants");
    assert.match(body, /pipewright upload plants FILE…/);
    assert.match(body, /aws s3 cp FILE s3:\/\/in\/day\//);
    assert.match(body, /begin with <code>day\/<\/code> and end with <code>\.png<\/code>/);
  });

  it("has commands that are safe to paste, whatever the prefix is", async (t) => {
    const buckets = { input: "in", prefix: "my day's/$(reboot)/", suffix: "", output: "out" };
    const { get } = await serving(t, { status: () => daemon({ workflows: [workflow({ buckets })] }) });
    const { body } = await get("/workflows/plants");
    const shown = /aws s3 cp FILE (.*?)<\/code>/.exec(body)![1]!.replaceAll("&#39;", "'");
    const { stdout } = spawnSync("sh", ["-c", `printf %s ${shown}`], { encoding: "utf8" });
    assert.equal(stdout, `s3://in/${buckets.prefix}`);
  });

  it("shows the line of the file that suspends it", async (t) => {
    const buckets = { input: "in", prefix: "", suffix: "", output: "out" };
    const active = workflow({ buckets, suspendLine: 7 });
    const suspended = { ...active, conditions: [condition("Suspended", "True", "SuspendedByFile", "by the file")] };
    for (const [one, words] of [
      [active, /Write <code>"suspend": true<\/code> at <code>pipelines\/plants\.json:7<\/code>/],
      [suspended, /Take out <code>"suspend": true<\/code> at <code>pipelines\/plants\.json:7<\/code>/],
    ] as const) {
      const { get } = await serving(t, { status: () => daemon({ workflows: [one] }) });
      // Quotes in running text are written as they are by the template, and escaped where they come from values.
      assert.match((await get("/workflows/plants")).body, words);
    }
  });

  it("tells of files given up, of troubles, and how it was while AWS does not answer", async (t) => {
    const trouble = { track: "launch", reason: "no capacity", count: 3, sinceMs: 0, retryAtMs: 0 } as const;
    const told = await serving(t, { states: () => [step({ dead: 7, troubles: [trouble] })] });
    const { body } = await told.get("/workflows/plants");
    assert.match(body, /7 files were given up/);
    assert.match(body, /grey: launch<\/strong> no capacity/);
    const silent = await serving(t, { ...scenes["dead-letters"](), states: () => new Promise(() => {}) });
    assert.match((await silent.get("/workflows/river-gauges")).body, /has not answered in time/);
  });

  it("that there is not is 404, with the way back", async (t) => {
    const { get } = await serving(t);
    const { body, code } = await get("/workflows/zebra");
    assert.equal(code, 404);
    assert.match(body, /no workflow is named &quot;zebra&quot;/);
    assert.match(body, /<a href="\/">/);
  });
});

describe("names and texts from outside", () => {
  it("never become markup, wherever they stand", async (t) => {
    const key = `queue/${EVIL}` as const;
    const change = { path: EVIL, want: EVIL, have: { [EVIL]: EVIL } };
    const evil = workflow({
      name: EVIL,
      file: EVIL,
      buckets: { input: EVIL, prefix: EVIL, suffix: EVIL, output: EVIL },
      conditions: [condition("Stalled", "True", EVIL, EVIL)],
      keys: [{ key, kind: "queue", state: "failed", message: EVIL, needs: [`role/${EVIL}`], changes: [change] }],
      drift: [{ ...change, key, since: EVIL }],
      problems: [{ file: EVIL, line: 1, column: 1, path: EVIL, message: EVIL, severity: "error", stillInForce: EVIL }],
      lastPass: EVIL,
    });
    const trouble = { track: "start", reason: EVIL, count: 1, sinceMs: 0, retryAtMs: 0 } as const;
    const { get } = await serving(t, {
      status: () =>
        daemon({
          ...{ owner: EVIL, account: EVIL, region: EVIL, folder: EVIL, brake: EVIL, folderProblem: EVIL },
          workflows: [evil],
          problems: evil.problems,
          leftovers: [{ key, workflow: EVIL, why: EVIL }],
        }),
      history: () => [
        entry("refused", EVIL, { ...change, key, message: EVIL }),
        entry("updated", EVIL, { ...change, key }),
      ],
      states: () => [step({ step: EVIL, algorithm: EVIL, troubles: [trouble] })],
      counts: () => [{ workflow: EVIL, step: EVIL, queued: 1, inFlight: 1, dead: 1, undelivered: 1 }],
    });
    for (const path of ["/", `/workflows/${encodeURIComponent(EVIL)}`]) {
      const { body, code } = await get(path);
      assert.equal(code, 200);
      assert.ok(body.includes("&lt;script&gt;"), path);
      assert.doesNotMatch(body.replace(/<script src="\/page\/page\.js" defer>/, ""), /<script|<img/, path);
      // Nothing inline either, which the browser would refuse anyway.
      assert.doesNotMatch(body, /\sstyle="|<style|\son\w+="/, path);
    }
  });

  it("are escaped by the template itself, whatever they are", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const made = asText(html`<p title="${text}">${[text, html`<b>${text}</b>`]}</p>`);
        assert.equal(made.match(/[<>]/g)!.length, 8);
        assert.equal(made.match(/"/g)!.length, 2);
        assert.ok(!made.includes("'"));
      }),
    );
  });
});

describe("the buttons", () => {
  const buckets = { input: "in", prefix: "", suffix: "", output: "out" };
  const told = { status: () => daemon({ workflows: [workflow({ buckets })] }), states: () => [step()] };

  it("are not there without a token configured, and posting does nothing", async (t) => {
    const { asked, get, post } = await serving(t, told);
    assert.doesNotMatch((await get("/workflows/plants")).body, /<form/);
    for (const what of ["reconcile", "redrive"])
      assert.equal((await post(`/workflows/plants/${what}`, form({ token: "" }))).code, 403);
    assert.deepEqual(asked, []);
  });

  it("do what they say for those who type the token", async (t) => {
    const { asked, get, post } = await serving(t, { ...told, token: TOKEN });
    assert.match((await get("/workflows/plants")).body, /<button type="submit">Reconcile now/);
    const reconciled = await post("/workflows/plants/reconcile", form({ token: TOKEN }));
    assert.equal(reconciled.code, 303);
    assert.match((await get(reconciled.headers.get("location")!)).body, /A pass was asked for/);
    const redriven = await post("/workflows/plants/redrive", form({ token: TOKEN }));
    assert.match(redriven.body, /3 files in the queue again/);
    assert.deepEqual(asked, ["reconcile plants", "redrive plants"]);
  });

  it("answer at a place that leads to the workflow's page, for who reloads it or keeps it up to date", async (t) => {
    const { get } = await serving(t, { ...told, token: TOKEN });
    for (const what of ["reconcile", "redrive"]) {
      const { code, headers } = await get(`/workflows/plants/${what}`);
      assert.deepEqual([code, headers.get("location")], [303, "/workflows/plants"]);
    }
  });

  it("do nothing without the token: no cookie, no header that a browser sends by itself opens them", async (t) => {
    const { asked, post } = await serving(t, { ...told, token: TOKEN });
    const attempts: RequestInit[] = [
      form({}),
      form({ token: "another token, as long" }),
      { ...form({}), headers: { ...form({}).headers, cookie: `token=${TOKEN}` } },
      { body: "x" },
      ...["null", '{"token":5}'].map((body) => ({ headers: { "content-type": "application/json" }, body })),
      {},
    ];
    for (const what of ["reconcile", "redrive"]) {
      for (const init of attempts) {
        const { code } = await post(`/workflows/plants/${what}`, init);
        assert.ok([403, 415].includes(code), `${code}`);
      }
    }
    const large = await post("/workflows/plants/redrive", form({ token: "x".repeat(10_000) }));
    assert.equal(large.code, 413);
    assert.deepEqual(asked, []);
  });
});
