/** How a body travels in parts, against an S3 that fails at a chosen moment. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { UploadPartCommand } from "@aws-sdk/client-s3";
import { upload } from "../../worker/upload.ts";

const PART = Buffer.alloc(8 * 1024 * 1024);

describe("a large result", () => {
  it("of which a part was refused is given up at once, and told by that refusal", async () => {
    const calls: string[] = [];
    const refusal = Object.assign(new Error("no more room"), { $metadata: { httpStatusCode: 507 } });
    let partSent = () => {};
    const isSent = new Promise<void>((resolve) => {
      partSent = resolve;
    });
    let refused = () => {};
    const s3 = {
      async send(command: object) {
        calls.push(command.constructor.name);
        if (!(command instanceof UploadPartCommand)) return { UploadId: "1" };
        if (command.input.PartNumber !== 2) return { ETag: '"e"' };
        partSent();
        return await new Promise((_, reject) => {
          refused = () => reject(refusal);
        });
      },
    };
    async function* body() {
      yield PART;
      yield PART;
      yield PART;
      await isSent;
      // The second part fails while nobody waits for it, since the next one is being read.
      refused();
      await new Promise((resolve) => setImmediate(resolve));
      for (let part = 4; part <= 8; part += 1) yield PART;
    }
    const target = { bucket: "b", key: "k", metadata: {}, replaces: undefined, sizeAtMost: 8 * PART.length };
    const sending = upload({ ...target, body: body() }, { s3: s3 as never, signal: new AbortController().signal });
    await assert.rejects(sending, refusal);
    assert.ok(!calls.includes("CompleteMultipartUploadCommand"), calls.join(" "));
    assert.ok(calls.filter((name) => name === "UploadPartCommand").length <= 4, calls.join(" "));
    assert.equal(calls.at(-1), "AbortMultipartUploadCommand");
  });

  it("takes memory for three parts, however long it is, and none is written over before it has arrived", async () => {
    const whole: boolean[] = [];
    const memory = new Set<ArrayBufferLike>();
    const s3 = {
      async send(command: object) {
        if (!(command instanceof UploadPartCommand)) return { UploadId: "1" };
        const { Body, PartNumber = 0 } = command.input as { Body: Buffer; PartNumber?: number };
        memory.add(Body.buffer);
        // The later of two comes first.
        for (let turn = 0; turn < (PartNumber % 2) * 20; turn += 1)
          await new Promise((resolve) => setImmediate(resolve));
        whole[PartNumber - 1] = Body.equals(Buffer.alloc(PART.length, PartNumber));
        return { ETag: '"e"' };
      },
    };
    async function* body() {
      for (let part = 1; part <= 9; part += 1) {
        for (let piece = 0; piece < 8; piece += 1) {
          yield Buffer.alloc(1024 * 1024, part);
          await new Promise((resolve) => setImmediate(resolve));
        }
      }
    }
    const target = { bucket: "b", key: "k", metadata: {}, replaces: undefined, sizeAtMost: 9 * PART.length };
    await upload({ ...target, body: body() }, { s3: s3 as never, signal: new AbortController().signal });
    assert.deepEqual(whole, Array(9).fill(true));
    assert.ok(memory.size <= 3, `${memory.size} parts`);
  });
});
