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
});
