import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { AwsError } from "../../service.ts";
import type { Payload } from "../../wire/payload.ts";

type Given = Readonly<Record<string, unknown>>;

const MEMBERS = [
  "ChecksumCRC32",
  "ChecksumCRC32C",
  "ChecksumCRC64NVME",
  "ChecksumSHA1",
  "ChecksumSHA256",
  "ChecksumSHA512",
] as const;

/**
 * The checksums that came with a body, in header or trailer. CRC32 (the SDK's own choice), SHA-1, SHA-256 and Content-MD5 are
 * compared with the body; the others are kept as they are.
 *
 * @throws AwsError BadDigest
 */
export async function takeChecksums(input: object, body: Payload): Promise<Record<string, string>> {
  const given = input as Given;
  const taken: Record<string, string> = {};
  for (const member of MEMBERS) {
    const value = given[member];
    if (typeof value !== "string") continue;
    const actual = await checksumOf(member, body.open());
    if (actual !== undefined && actual !== value) throw badDigest(member.replace("Checksum", ""));
    taken[member] = value;
  }
  if (given.ContentMD5 !== undefined && given.ContentMD5 !== Buffer.from(body.md5, "hex").toString("base64")) {
    throw new AwsError("BadDigest", "The Content-MD5 you specified did not match what we received.");
  }
  return taken;
}

/** Undefined where the algorithm is not known here. @param member `ChecksumSHA256` */
export async function checksumOf(
  member: string,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<string | undefined> {
  if (member === "ChecksumCRC32") {
    let sum = 0;
    for await (const chunk of chunks) sum = crc32(chunk, sum);
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(sum);
    return bytes.toString("base64");
  }
  if (!["ChecksumSHA1", "ChecksumSHA256", "ChecksumSHA512"].includes(member)) return undefined;
  const hash = createHash(member.replace("Checksum", "").toLowerCase());
  for await (const chunk of chunks) hash.update(chunk);
  return hash.digest("base64");
}

function badDigest(algorithm: string): AwsError {
  return new AwsError("BadDigest", `The ${algorithm} you specified did not match the calculated checksum.`);
}
