import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readFileMessage } from "../../src/workflow/file-message.ts";
import { sequence } from "../desired/samples.ts";
import { ODD_KEYS, openStage } from "./stage.ts";

describe("resubmit", () => {
  it("sends every file without a result, whatever its name, with what the worker must know", async (t) => {
    const { plants, steps, put, drain } = await openStage(t);
    const eTags = new Map<string, string>();
    for (const key of ODD_KEYS) eTags.set(key, (await put("plants-in", key, `content of ${key}`)).eTag);
    await put("plants-in", "grün/", "");

    const { checked, sent } = await plants.resubmit({ prefix: "" });

    assert.equal(checked, ODD_KEYS.length);
    assert.deepEqual(Object.values(sent), [ODD_KEYS.length, 0, 0]);
    const messages = await drain(steps[0]!.queue.url);
    assert.deepEqual(messages.map(({ key }) => key).sort(), [...ODD_KEYS].sort());
    for (const message of messages) {
      assert.deepEqual(readFileMessage(JSON.stringify(message)), message, "the worker reads it");
      assert.deepEqual(message, {
        bucket: "plants-in",
        key: message.key,
        eTag: eTags.get(message.key),
        size: Buffer.byteLength(`content of ${message.key}`),
        attempt: 1,
      });
    }
  });

  it("sends a file to the step at which it got stuck, and one that is through nowhere", async (t) => {
    const { plants, steps, put, putResult, drain } = await openStage(t);
    for (const [key, done] of [
      ["new é.png", 0],
      ["once +.png", 1],
      ["twice %.png", 2],
      ["through.png", 3],
    ] as const) {
      let source = await put("plants-in", key);
      for (const step of steps.slice(0, done)) source = await putResult(step, source);
    }
    // Its result is a folder, which is one step further, too.
    const folder = await put("plants-in", "folder.png");
    const zip = await putResult(steps[0]!, folder, ".zip");

    const { checked, sent } = await plants.resubmit({ prefix: "" });

    assert.equal(checked, 5);
    assert.deepEqual(Object.values(sent), [1, 2, 1]);
    const queued = await Promise.all(steps.map(({ queue }) => drain(queue.url)));
    assert.deepEqual(
      queued.map((messages) => messages.map(({ bucket, key }) => `${bucket}/${key}`).sort()),
      [
        ["plants-in/new é.png"],
        [`${steps[1]!.input.bucket}/Result-grey-once +.png`, `${steps[1]!.input.bucket}/${zip.key}`].sort(),
        [`${steps[2]!.input.bucket}/Result-Edge_Finder-Result-grey-twice %.png`],
      ],
    );
  });

  it("takes a result of another content, and what only bears a result's name, for none", async (t) => {
    const { plants, steps, put, putResult } = await openStage(t);
    const old = await put("plants-in", "replaced.png", "old");
    await putResult(steps[0]!, old);
    await put("plants-in", "replaced.png", "new");
    await put("plants-in", "b.png");
    await put(steps[0]!.output.bucket, "Result-grey-b.png", "put there by hand");
    assert.deepEqual(Object.values((await plants.resubmit({ prefix: "" })).sent), [2, 0, 0]);
  });

  it("looks only at what begins with the prefix, and at what triggers the workflow", async (t) => {
    const triggered = { ...sequence(), input: { ...sequence().input, prefix: "in/", suffix: ".png" } };
    const { plants, steps, put, drain } = await openStage(t, triggered);
    for (const key of ["in/a/1.png", "in/b/2.png", "in/a/3.txt", "out/a/4.png"]) await put("plants-in", key);
    const sentFor = async (prefix: string) => {
      await plants.resubmit({ prefix });
      return (await drain(steps[0]!.queue.url)).map(({ key }) => key).sort();
    };
    assert.deepEqual(await sentFor(""), ["in/a/1.png", "in/b/2.png"]);
    assert.deepEqual(await sentFor("i"), ["in/a/1.png", "in/b/2.png"]);
    assert.deepEqual(await sentFor("in/a/"), ["in/a/1.png"]);
    assert.deepEqual(await sentFor("out/"), []);
  });
});
