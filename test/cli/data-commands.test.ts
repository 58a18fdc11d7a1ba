/** What people see of the commands around a workflow's data. */
import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { CreateLogGroupCommand, CreateLogStreamCommand, PutLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { toMetadata } from "../../src/workflow/result-metadata.ts";
import { openStage, type Stage } from "../data/stage.ts";
import { command } from "./console.ts";

const file = (key: string) => ({ bucket: "plants-in", key, attempt: 1 });

describe("upload, wait, results", () => {
  it("take files on their way, and each names the next command", async (t) => {
    const stage = await openStage(t);
    const path = join(stage.folder, "day 2 +%'.png");
    await writeFile(path, "0123456789");

    const uploaded = await command(["upload", "plants", path], stage);
    assert.equal(uploaded.code, 0, uploaded.err);
    assert.match(uploaded.out, /day 2 \+%'\.png → day 2 \+%'\.png\n1 file \(10 bytes\) uploaded to plants-in/);
    assert.match(uploaded.out, /pipewright wait plants/);

    const waited = await command(["wait", "plants", "--quiet", "0"], stage);
    assert.equal(waited.code, 0, waited.err);
    assert.match(waited.out, /^0 waiting, 0 being processed\nnothing left to do; `pipewright results plants`/);

    await putResult(stage, "day 2 +%'.png");
    const listed = await command(["results", "plants"], stage);
    assert.match(
      listed.out,
      /AT +SIZE +TOOK +RESULT\n\S+ +4 bytes +2\.0 s +Result-day 2 \+%'\.png\n1 result in plants-out/,
    );

    const folder = join(stage.folder, "fetched");
    const fetched = await command(["results", "plants", "--download", folder], stage);
    assert.equal(fetched.code, 0);
    assert.equal(await readFile(join(folder, "Result-day 2 +%'.png"), "utf8"), "done");
  });

  it("show a moving bar on a terminal, and no line for each file", async (t) => {
    const stage = await openStage(t);
    const path = join(stage.folder, "a.png");
    await writeFile(path, "0123456789");
    const { out, err } = await command(["upload", "plants", path], { ...stage, isTTY: true });
    assert.match(err, /\[█+\] 1\/1 10 bytes of 10 bytes/);
    assert.ok(!out.includes("→"), out);
  });

  it("fail where a result cannot be put, and name it", async (t) => {
    const stage = await openStage(t);
    await putResult(stage, "a.png");
    const folder = join(stage.folder, "fetched");
    await mkdir(join(folder, "Result-a.png"), { recursive: true });
    const { code, err } = await command(["results", "plants", "--download", folder], stage);
    assert.equal(code, 1);
    assert.match(err, /^Result-a\.png: cannot be called .*Result-a\.png here/);
  });

  it("print JSON for machines, and nothing else", async (t) => {
    const stage = await openStage(t);
    await putResult(stage, "a.png");
    for (const args of [
      ["wait", "plants", "--quiet", "0"],
      ["results", "plants"],
      ["redrive", "plants"],
      ["resubmit", "plants"],
    ]) {
      const { code, out } = await command([...args, "--json"], stage);
      assert.equal(code, 0);
      assert.doesNotThrow(() => JSON.parse(out), args.join(" "));
    }
  });
});

describe("wait", () => {
  it("fails when files were given up meanwhile, and says what to do", async (t) => {
    const stage = await openStage(t);
    const { queue, deadLetters } = stage.steps[0]!;
    await stage.send(queue.url, file("bad.png"));
    stage.whileSleeping(async () => {
      for (const one of await stage.drain(queue.url)) await stage.send(deadLetters.url, one);
    });
    const { code, out, err } = await command(["wait", "plants", "--quiet", "0"], stage);
    assert.equal(code, 1);
    assert.equal(out, "1 waiting, 0 being processed\n0 waiting, 0 being processed, 1 dead letter\n");
    assert.match(err, /^1 file could not be processed: `pipewright logs plants` says why, `pipewright redrive plants`/);
  });
});

describe("redrive and resubmit", () => {
  it("wait tells of what was given up before it began", async (t) => {
    const stage = await openStage(t);
    await stage.send(stage.steps[0]!.deadLetters.url, file("bad.png"));
    const { code, err } = await command(["wait", "plants", "--quiet", "0"], stage);
    assert.deepEqual(
      [code, /^1 dead letter from before the waiting began: `pipewright logs plants`/.test(err)],
      [0, true],
    );
  });

  it("say of each step what is on its way again", async (t) => {
    const stage = await openStage(t);
    await stage.send(stage.steps[0]!.deadLetters.url, file("bad.png"));
    await stage.put("plants-in", "in/a.png");
    await stage.put("plants-in", "b.png");
    const redriven = await command(["redrive", "plants"], stage);
    assert.match(redriven.out, /^grey: 1 dead letter back in its queue\n`pipewright wait plants`/);
    assert.match((await command(["redrive", "plants"], stage)).out, /^nothing to bring back/);
    const [{ deadLetters }] = stage.steps as [(typeof stage.steps)[0]];
    await stage.send(deadLetters.url, file("seen.png"));
    await stage.sdk.sqs.send(new ReceiveMessageCommand({ QueueUrl: deadLetters.url, VisibilityTimeout: 30 }));
    const early = await command(["redrive", "plants"], stage);
    assert.match(early.out, /^grey: 1 message stayed: somebody has just looked there.*run it again then\n$/);
    const resubmitted = await command(["resubmit", "plants", "--prefix", "in/"], stage);
    assert.match(resubmitted.out, /^1 uploaded file in plants-in, 1 without a result\ngrey: 1 file sent\n/);
    const keys = (await stage.drain(stage.steps[0]!.queue.url)).map(({ key }) => key);
    assert.deepEqual(keys.sort(), ["bad.png", "in/a.png"]);
  });
});

describe("logs", () => {
  it("prints when, which step, which file and what", async (t) => {
    const stage = await openStage(t);
    const group = { logGroupName: stage.steps[0]!.task.logGroup };
    const stream = { ...group, logStreamName: "s" };
    await stage.sdk.logs.send(new CreateLogGroupCommand(group));
    await stage.sdk.logs.send(new CreateLogStreamCommand(stream));
    const message = JSON.stringify({ level: "info", file: "a b.png", attempt: 1, code: 3, message: "algorithm ended" });
    const logEvents = [{ timestamp: stage.clock.now(), message }];
    await stage.sdk.logs.send(new PutLogEventsCommand({ ...stream, logEvents }));
    const { out } = await command(["logs", "plants", "--file", "a b.png"], stage);
    assert.match(out, /^\S+Z grey a b\.png \| algorithm ended \{"code":3\}\n$/);
    assert.match(
      (await command(["logs", "plants", "--file", "c.png"], stage)).err,
      /^nothing was written about c\.png/,
    );
  });
});

describe("status of one workflow", () => {
  it("shows each step's numbers, though no file of the folder asks for it", async (t) => {
    const stage = await openStage(t);
    await stage.send(stage.steps[0]!.queue.url, file("a.png"));
    await stage.send(stage.steps[1]!.deadLetters.url, file("bad.png"));
    const { code, out } = await command(["status", "plants"], stage);
    assert.equal(code, 0, out);
    assert.match(out, /STEP +QUEUED +IN FLIGHT +DEAD +UNDELIVERED +TASKS +INSTANCES/);
    assert.match(out, /\ngrey +1 +0 +0 +0 +0 +0\n/);
    assert.match(out, /\nEdge_Finder +0 +0 +1 +0 +0 +0\n/);
    assert.match(out, /given up: `pipewright logs plants` says why, `pipewright redrive plants` tries again/);
    const machine = JSON.parse((await command(["status", "plants", "--json"], stage)).out);
    assert.deepEqual(
      machine.steps.map(({ dead }: { dead: number }) => dead),
      [0, 1, 0],
    );
  });

  it("names what is wrong in the folder's files, one of which may be its own", async (t) => {
    const stage = await openStage(t);
    const problem = {
      file: "pipelines/plants.json",
      line: 5,
      column: 13,
      path: "process.type",
      message: 'must be "single_run"',
      severity: "error",
    } as const;
    const engine = {
      look: async () => {},
      status: () => ({
        workflows: [],
        problems: [problem],
        owner: "default",
        account: "1",
        region: "r",
        leftovers: [],
        leader: true,
        stopping: false,
      }),
    };
    const one = await command(["status", "plants"], { ...stage, engine });
    assert.equal(one.code, 1, one.err);
    assert.match(
      one.out,
      /^plants: set up in the account; no valid file of this folder asks for it\npipelines\/plants\.json:5:13 process\.type must/,
    );
    assert.match(one.out, /\n\nSTEP +QUEUED/);
    const all = await command(["status"], { ...stage, engine });
    assert.equal(all.code, 1, all.err);
    assert.match(all.out, /pipelines\/plants\.json:5:13/);

    const json = async (name: string) =>
      JSON.parse((await command(["status", name, "--json"], { ...stage, engine })).out);
    const machine = await json("plants");
    assert.deepEqual([machine.name, machine.problems, machine.steps.length], ["plants", [problem], 3]);
    const never = await command(["status", "stars"], { ...stage, engine });
    assert.equal(never.code, 1, never.err);
    assert.match(
      never.out,
      /^stars: not set up; no valid file of this folder asks for it\npipelines\/plants\.json:5:13 /,
    );
    assert.doesNotMatch(never.out, /STEP/);
    assert.deepEqual(await json("stars"), { name: "stars", problems: [problem], steps: [] });
  });
});

describe("a call that cannot be meant so", () => {
  it("is answered with what is known, and exit code 64", async (t) => {
    const stage = await openStage(t);
    const wrong = async (...args: string[]) => {
      const { code, err } = await command(args, stage);
      assert.equal(code, 64, args.join(" "));
      return err;
    };
    for (const name of ["redrive", "resubmit", "wait", "results", "logs"]) {
      assert.match(
        await wrong(name, "plant"),
        /no workflow named "plant" is set up .*; set up are plants\. `pipewright apply/,
      );
    }
    assert.match(await wrong("wait", "plants", "--quiet", "soon"), /no number of seconds; give for instance 10/);
    assert.match(await wrong("logs", "plants", "--since", "yesterday"), /no time; give for instance 30m, 2h or 7d/);
    await wrong("upload", "plants");
  });
});

function putResult(stage: Stage, key: string) {
  const { workflow, algorithm } = stage.steps.at(-1)!;
  const metadata = toMetadata({ key, eTag: "e", workflow, algorithm, attempt: 1, seconds: 2 });
  return stage.put("plants-out", `Result-${key}`, "done", metadata);
}
