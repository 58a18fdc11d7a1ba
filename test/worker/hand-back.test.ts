import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { DeleteObjectCommand } from "@aws-sdk/client-s3";
import { DeleteQueueCommand } from "@aws-sdk/client-sqs";
import { createFakeClock } from "../engine/fake-clock.ts";
import { openStage, type Stage, sh } from "./stage.ts";

describe("what becomes of a message", () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await openStage();
  });
  afterEach(() => stage.stop());

  const bodyOf = async () => JSON.parse((await stage.receive())?.Body ?? "null");

  it("a code that calls for another try sends a copy with one attempt more, and later", async () => {
    const message = await stage.upload("photo.txt", "green");
    assert.equal((await stage.work({ command: sh("exit 3") }))?.is, "retry");
    assert.deepEqual(await stage.waiting(), [0, 0, 1]);
    stage.pass(29);
    assert.equal(await stage.receive(), undefined);
    stage.pass(2);
    assert.deepEqual(await bodyOf(), { ...message, attempt: 2 });
  });

  it("when the attempts are used up it lies in the dead letters with its reason and the algorithm's last words", async () => {
    const message = await stage.upload("photo.txt", "green");
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      await stage.work({ command: sh("echo no such colour >&2; exit 3") });
      stage.pass(901);
    }
    assert.deepEqual(await stage.waiting(), [0, 0, 0]);
    assert.deepEqual(await stage.deadLetters(), [
      {
        ...message,
        attempt: 1,
        reason: "exit-code",
        detail: "the algorithm ended with exit code 3:\nno such colour",
        tries: 3,
      },
    ]);
  });

  it("where memory runs out the program ends, not its worker: all that it starts is the first that the kernel takes", async () => {
    await stage.upload("photo.txt", "green");
    const isFirst = '[ "$(cat /proc/self/oom_score_adj)" = 1000 ]';
    const command = sh(`for try in $(seq 1000); do ${isFirst} && cp "$1" "$2" && exit; done; exit 65`);
    assert.deepEqual(await stage.work({ command }), { is: "done" });
  });

  it("a dead letter that is moved back starts afresh", async () => {
    await stage.upload("photo.txt", "green");
    await stage.work({ command: sh("exit 65") });
    const [letter] = await stage.deadLetters();
    await stage.send(letter!);
    assert.deepEqual(await stage.work(), { is: "done" });
    assert.equal((await stage.results())[0]?.metadata.attempt, "1");
  });

  it("a code that means failure goes to the dead letters at once", async () => {
    await stage.upload("photo.txt", "green");
    assert.equal((await stage.work({ command: sh("exit 65") }))?.is, "fail");
    assert.deepEqual(
      (await stage.deadLetters()).map(({ reason, tries }) => [reason, tries]),
      [["exit-code", 1]],
    );
  });

  it("with a list of codes for another try, codes in no list are failures; other codes may mean success", async () => {
    const over = { retryExitCodes: [75], successExitCodes: [0, 4] };
    await stage.upload("photo.txt", "green");
    await stage.upload("other.txt", "green");
    await stage.upload("third.txt", "green");
    assert.equal((await stage.work({ ...over, command: sh("exit 3") }))?.is, "fail");
    assert.equal((await stage.work({ ...over, command: sh("exit 75") }))?.is, "retry");
    assert.equal((await stage.work({ ...over, command: sh('cp "$1" "$2"; exit 4') }))?.is, "done");
  });

  it("an algorithm that a signal ends has the code that a shell would show", async () => {
    await stage.upload("photo.txt", "green");
    const ending = await stage.work({ command: sh("kill -9 $$"), failExitCodes: [137] });
    assert.equal(ending?.is, "fail");
  });

  it("one received too often without any end is a dead letter: it kills its workers", async () => {
    await stage.upload("photo.txt", "green");
    for (let receive = 1; receive <= 3; receive += 1) {
      assert.ok(await stage.receive());
      stage.pass(301);
    }
    assert.equal((await stage.work())?.is, "fail");
    const [letter] = await stage.deadLetters();
    assert.deepEqual([letter?.reason, await stage.results()], ["crashed", []]);
  });

  it("one received too often whose result is there is done", async () => {
    const message = await stage.upload("photo.txt", "green");
    await stage.work();
    await stage.send(message);
    for (let receive = 1; receive <= 5; receive += 1) {
      assert.ok(await stage.receive());
      stage.pass(301);
    }
    assert.deepEqual(await stage.work(), { is: "done" });
    assert.deepEqual(await stage.deadLetters(), []);
  });

  it("a file that is no longer there is tried again, and then said to be missing", async () => {
    await stage.upload("photo.txt", "green");
    const { inputBucket: Bucket } = stage.settings;
    await stage.sdk.s3.send(new DeleteObjectCommand({ Bucket, Key: "photo.txt" }));
    assert.equal((await stage.work({ maxReceives: 2 }))?.is, "retry");
    stage.pass(31);
    await stage.work({ maxReceives: 2 });
    assert.deepEqual(
      (await stage.deadLetters()).map(({ reason }) => reason),
      ["source-missing"],
    );
  });

  it("a result that may not be written counts as a try, and says what was denied", async () => {
    await stage.upload("photo.txt", "green");
    stage.cloud.faults.add({ kind: "denied", operation: "PutObject" });
    await stage.work({ maxReceives: 1 });
    const [letter] = await stage.deadLetters();
    assert.equal(letter?.reason, "storage");
    assert.match(letter.detail, /AccessDenied.*403/);
  });

  it("a message that is none of ours is kept in an envelope", async () => {
    await stage.send("not JSON");
    await stage.work();
    assert.deepEqual(await stage.waiting(), [0, 0, 0]);
    assert.deepEqual(await stage.deadLetters(), [
      { reason: "unreadable", detail: "the message is none of ours", tries: 0, body: "not JSON" },
    ]);
  });

  it("a message that is none of ours, brought back, keeps the envelope that it has", async () => {
    const letter = { reason: "unreadable", detail: "the message is none of ours", tries: 0, body: "not JSON" };
    await stage.send(JSON.stringify(letter));
    await stage.work();
    assert.deepEqual(await stage.waiting(), [0, 0, 0]);
    assert.deepEqual(await stage.deadLetters(), [letter]);
  });

  it("an algorithm that cannot be started is no file's fault: handed back, and no try", async () => {
    const message = await stage.upload("photo.txt", "green");
    const ending = await stage.work({ command: ["/nowhere/program", "$input"] });
    assert.ok(ending?.is === "unable" && /cannot start \/nowhere\/program/.test(ending.detail));
    stage.pass(61);
    assert.deepEqual(await bodyOf(), message);
  });

  it("without a successor it is not deleted", async () => {
    await stage.upload("photo.txt", "green");
    await stage.sdk.sqs.send(new DeleteQueueCommand({ QueueUrl: stage.settings.deadLettersUrl }));
    assert.equal(await stage.work({ command: sh("exit 65") }), undefined);
    assert.deepEqual(await stage.waiting(), [0, 1, 0]);
  });
});

describe("time", () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await openStage();
  });
  afterEach(() => stage.stop());

  const SLEEP = sh('echo asleep; sleep 60 & wait; cp "$1" "$2"');
  /** Waits for what really happens, not for time. */
  const until = async (isTrue: () => boolean) => {
    while (!isTrue()) await new Promise((resolve) => setImmediate(resolve));
  };
  const asleep = () => stage.log.some(({ message }) => message === "asleep");
  const leaseCalls = () => stage.cloud.calls.count({ operation: "ChangeMessageVisibility" });

  it("the lease is renewed at a third of it for as long as the algorithm runs, and no longer", async () => {
    const clock = createFakeClock();
    const stop = new AbortController();
    await stage.upload("photo.txt", "green");
    const working = stage.work({ command: SLEEP }, { clock, stop: stop.signal });
    await until(asleep);
    for (let third = 1; third <= 12; third += 1) {
      await clock.step(100_000);
      await until(() => leaseCalls() === third);
      stage.pass(100);
      assert.equal(await stage.receive(), undefined, `after ${third * 100} s`);
    }
    stop.abort();
    assert.deepEqual(await working, { is: "interrupted" });
    await clock.step(1_000_000);
    assert.equal(leaseCalls(), 12);
  });

  it("a file that takes longer than allowed is killed with all its processes, and it was a try", async () => {
    const clock = createFakeClock();
    const message = await stage.upload("photo.txt", "green");
    const working = stage.work({ command: SLEEP, timeoutMinutes: 2 }, { clock });
    await until(asleep);
    await clock.step(119_999);
    await clock.step(1);
    const ending = await working;
    assert.ok(ending?.is === "retry" && ending.reason === "timeout");
    stage.pass(31);
    assert.deepEqual(JSON.parse((await stage.receive())?.Body ?? ""), { ...message, attempt: 2 });
  });

  it("an algorithm that will not end is made to", async () => {
    const clock = createFakeClock();
    await stage.upload("photo.txt", "green");
    const stubborn = sh("trap '' TERM; echo asleep; while :; do sleep 0.05; done");
    const working = stage.work({ command: stubborn, timeoutMinutes: 1 }, { clock });
    await until(asleep);
    await clock.step(60_000);
    await clock.step(10_000);
    assert.equal((await working)?.is, "retry");
  });

  it("a task that is stopped hands its file back at once, and it was no try", async () => {
    const stop = new AbortController();
    const message = await stage.upload("photo.txt", "green");
    const working = stage.work({ command: SLEEP }, { stop: stop.signal });
    await until(asleep);
    stop.abort();
    assert.deepEqual(await working, { is: "interrupted" });
    assert.deepEqual(JSON.parse((await stage.receive())?.Body ?? ""), message);
    assert.deepEqual(await stage.waiting(), [0, 1, 0]);
  });

  it("a result that is being uploaded when the task is stopped still arrives", async () => {
    const stop = new AbortController();
    await stage.upload("photo.txt", "green");
    stage.cloud.latency.set({ operation: "PutObject", ms: 200 });
    const working = stage.work({}, { stop: stop.signal });
    await until(() => stage.log.some(({ message }) => message === "algorithm ended"));
    stop.abort();
    assert.deepEqual(await working, { is: "done" });
    assert.equal((await stage.results()).length, 1);
  });

  it("an upload that takes too long for the stop is handed back", async () => {
    const clock = createFakeClock();
    const stop = new AbortController();
    await stage.upload("photo.txt", "green");
    stage.cloud.latency.set({ operation: "PutObject", ms: 60_000 });
    const working = stage.work({}, { stop: stop.signal, clock });
    await until(() => stage.log.some(({ message }) => message === "algorithm ended"));
    stop.abort();
    await clock.step(80_000);
    assert.deepEqual(await working, { is: "interrupted" });
  });
});
