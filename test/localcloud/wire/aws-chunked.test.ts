import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { describe, it } from "node:test";
import { decodeAwsChunked } from "../../../localcloud/wire/aws-chunked.ts";

const wire =
  "6;chunk-signature=ab\r\nhello \r\n5\r\nwor\r\n\r\n0;chunk-signature=cd\r\nx-amz-checksum-crc32:AAAA\r\nx-amz-trailer-signature:00\r\n\r\n";

async function decode(pieces: readonly string[]): Promise<{ text: string; headers: Record<string, unknown> }> {
  const headers: Record<string, string> = {};
  const source = Readable.from(pieces.map((piece) => Buffer.from(piece)));
  const chunks: Buffer[] = [];
  for await (const chunk of decodeAwsChunked(source, headers)) chunks.push(chunk);
  return { text: Buffer.concat(chunks).toString(), headers };
}

describe("aws-chunked bodies", () => {
  it("are the same wherever the network cuts them", async () => {
    for (let size = 1; size <= wire.length; size++) {
      const pieces = wire.match(new RegExp(`[^]{1,${size}}`, "g"))!;
      const { text, headers } = await decode(pieces);
      assert.equal(text, "hello wor\r\n", `in pieces of ${size}`);
      assert.equal(headers["x-amz-checksum-crc32"], "AAAA");
    }
  });

  it("that are broken are refused", async () => {
    for (const broken of ["", "zz\r\n", "5\r\nhello", "5\r\nhello world\r\n0\r\n\r\n", "5\r\nhello\r\n"]) {
      await assert.rejects(decode([broken]), { name: "SerializationError" }, JSON.stringify(broken));
    }
  });
});
