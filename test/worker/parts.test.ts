/** The small parts of the worker by themselves. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { PassThrough } from "node:stream";
import { describe, it } from "node:test";
import fc from "fast-check";
import { readFileMessage } from "../../src/workflow/file-message.ts";
import { isResultOf, toMetadata } from "../../src/workflow/result-metadata.ts";
import { writeMessage } from "../../src/workflow/write-message.ts";
import { systemClock } from "../../worker/clock.ts";
import { fileName } from "../../worker/file-name.ts";
import { imageDigest } from "../../worker/image-digest.ts";
import { eachLine } from "../../worker/lines.ts";
import { createLog } from "../../worker/log.ts";

const key = fc.string({ unit: "grapheme", minLength: 1, maxLength: 700 }).filter((text) => text.isWellFormed());

describe("the name of a file", () => {
  it("is one that Linux takes, whatever the key", () => {
    fc.assert(
      fc.property(key, (text) => {
        const name = fileName(text);
        assert.ok(Buffer.byteLength(name) <= 255 && !/[/\0]/.test(name) && !["", ".", ".."].includes(name), name);
      }),
    );
  });

  it("keeps its ending, and tells long names apart", () => {
    const [one, other] = [`${"ä".repeat(300)}1.tiff`, `${"ä".repeat(300)}2.tiff`].map(fileName);
    assert.ok(one!.endsWith(".tiff") && other!.endsWith(".tiff"));
    assert.notEqual(one, other);
  });
});

describe("a result's metadata", () => {
  const origin = { workflow: "w", algorithm: "a", attempt: 1, seconds: 0.5 };

  it("is ASCII within 2 KB for every key, and tells the source again", () => {
    const id = fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: 32, maxLength: 32 });
    fc.assert(
      fc.property(key, id, fc.integer({ min: 0, max: 1024 }), (text, eTag, length) => {
        const cut = Buffer.from(text).subarray(0, 1024).toString();
        const source = { key: cut, eTag, versionId: "v".repeat(length) };
        const metadata = toMetadata({ ...origin, ...source, imageDigest: `sha256:${"0".repeat(64)}` });
        assert.match(Object.entries(metadata).join(""), /^[\x21-\x7e]{1,2048}$/);
        assert.ok(isResultOf(metadata, { ...origin, ...source }));
        assert.ok(!isResultOf(metadata, { ...origin, ...source, eTag: `${eTag}0` }));
        assert.ok(!isResultOf(metadata, { ...origin, ...source, key: `${cut}x` }));
      }),
    );
  });

  it("of others is no result of ours", () => {
    assert.ok(!isResultOf(undefined, { ...origin, key: "a", eTag: "b" }));
    assert.ok(!isResultOf({}, { ...origin, key: "a", eTag: "b" }));
  });
});

describe("a message", () => {
  it("says what was said, whatever the key, in characters that SQS takes", () => {
    fc.assert(
      fc.property(key, fc.constantFrom("", "\uFFFE", "\uFFFF\u0001"), (text, odd) => {
        const message = { bucket: "b", key: text + odd, attempt: 2 };
        const body = writeMessage(message);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: those are the ones that SQS refuses.
        assert.ok(!/[\u0000-\u0008\u000b\u000c\u000e-\u001f\uFFFE\uFFFF]/.test(body));
        assert.deepEqual(readFileMessage(body), message);
      }),
    );
  });

  it("that lacks what it needs is none", () => {
    for (const body of ["", "null", "[]", '{"key":"a"}', '{"bucket":"b","key":"a","attempt":0}'])
      assert.equal(readFileMessage(body), undefined, body);
  });
});

describe("lines", () => {
  const linesOf = async (chunks: readonly Uint8Array[]) => {
    const lines: string[] = [];
    const stream = new PassThrough();
    eachLine(stream, (line) => lines.push(line));
    for (const chunk of chunks) stream.write(chunk);
    stream.end();
    await new Promise((resolve) => stream.once("close", resolve));
    return lines;
  };

  it("are the same however the text is cut", async () => {
    const text = fc.string({ unit: fc.constantFrom("a", "ü", "名", "\n", "\r\n"), maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(text, fc.nat({ max: 40 }), async (given, cut) => {
        const bytes = Buffer.from(given);
        const lines = await linesOf([bytes.subarray(0, cut), bytes.subarray(cut)]);
        assert.deepEqual(lines, given === "" ? [] : given.replace(/\r?\n$/, "").split(/\r?\n/));
      }),
    );
  });

  it("of any length become log lines that Docker does not cut", async () => {
    const sizes: number[] = [];
    const log = createLog({ clock: systemClock, write: (line) => void sizes.push(Buffer.byteLength(line)) });
    for (const line of await linesOf([Buffer.from("名".repeat(100_000))])) log.info({ file: "ä".repeat(512) }, line);
    assert.ok(sizes.length >= 50 && Math.max(...sizes) < 16 * 1024);
  });
});

describe("the image's digest", () => {
  const log = createLog({ clock: systemClock, write: () => {} });
  const clock = { ...systemClock, sleep: async () => {} };
  const asked = async (answer: string) => {
    const server = createServer((_request, response) => response.end(answer)).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v4/id`;
    try {
      return await imageDigest({ environment: { ECS_CONTAINER_METADATA_URI_V4: url }, clock, log });
    } finally {
      server.close();
      server.closeAllConnections();
    }
  };

  it("is what ECS tells the container", async () => {
    const digest = `sha256:${"0a".repeat(32)}`;
    assert.equal(await asked(JSON.stringify({ Image: "example/grey:1", ImageID: digest })), digest);
  });

  it("is left open where nobody knows it", async () => {
    assert.equal(await imageDigest({ environment: {}, clock, log }), undefined);
    assert.equal(await asked("no JSON"), undefined);
    assert.equal(await asked(JSON.stringify({ ImageID: "" })), undefined);
  });
});
