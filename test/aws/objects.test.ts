import assert from "node:assert/strict";
import { test } from "node:test";
import { S3Client } from "@aws-sdk/client-s3";
import type { Clients } from "../../src/aws/clients.ts";
import { createObjectTexts, FOLDER } from "../../src/aws/objects.ts";

/** A bucket of these objects; `read` holds the keys that were read, `most` how many at the same time. @param folders key → id */
function bucketOf(objects: Map<string, string>, folders: Readonly<Record<string, string>> = {}) {
  const calls = { read: [] as string[], most: 0 };
  let running = 0;
  const s3 = {
    config: {},
    async send({ input }: { input: { Key?: string } }) {
      const { Key } = input;
      if (Key === undefined)
        return { Contents: [...objects].map(([key, text]) => ({ Key: key, ETag: `"${text}"` })), IsTruncated: false };
      calls.read.push(Key);
      running += 1;
      calls.most = Math.max(calls.most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      const Metadata = folders[Key] === undefined ? {} : { [FOLDER]: folders[Key] };
      return { Body: { transformToString: async () => objects.get(Key) }, Metadata };
    },
  };
  // The paginator takes only what calls itself a client.
  Object.setPrototypeOf(s3, S3Client.prototype);
  const texts = createObjectTexts({
    ...{ s3: s3 as unknown as Clients["s3"], bucket: "control", prefix: "", account: "123456789012" },
  });
  return { calls, texts };
}

test("texts of many objects are read side by side, and come in the order of their keys", async () => {
  const objects = new Map(Array.from({ length: 50 }, (_, index) => [`steps/${100 + index}.json`, `text ${index}`]));
  const { calls, texts } = bucketOf(objects);
  assert.deepEqual([...(await texts.read(() => true))], [...objects]);
  assert.ok(calls.most > 10, `${calls.most} at the same time`);
});

test("who reads one of them does not make the others be read again", async () => {
  const objects = new Map(["a", "b", "c", "d"].map((key) => [key, `text of ${key}`]));
  const { calls, texts } = bucketOf(objects);
  await texts.read(() => true);
  assert.deepEqual([...(await texts.read((key) => key === "b"))], [["b", "text of b"]]);
  objects.set("c", "another text");
  objects.delete("a");
  calls.read.length = 0;
  assert.deepEqual(
    [...(await texts.read(() => true))],
    [
      ["b", "text of b"],
      ["c", "another text"],
      ["d", "text of d"],
    ],
  );
  assert.deepEqual(calls.read, ["c"]);
});

test("of objects that two folders wrote at the same time only one has them all", async () => {
  const objects = new Map(["a/1", "b/1", "b/2", "b/3"].map((key) => [key, key]));
  const { texts } = bucketOf(objects, { "a/1": "elsewhere", "b/2": "here", "b/3": "there" });
  const folder = () => texts.folder((key) => key.startsWith("b/"));
  assert.equal(await folder(), undefined, "nothing is listed yet");
  await texts.read(() => true);
  assert.equal(await folder(), "here");
  assert.equal(await texts.folder((key) => key === "b/1"), undefined);
});
