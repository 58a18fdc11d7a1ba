/** Texts of objects under a prefix, each read once for as long as it stays the same. */
import { GetObjectCommand, paginateListObjectsV2 } from "@aws-sdk/client-s3";
import type { Clients } from "./clients.ts";
import { orUndefined } from "./errors.ts";

export interface ObjectTexts {
  /** Key → text; empty where the bucket is not there. `wanted`: others are not read. */
  read(wanted: (key: string) => boolean): Promise<ReadonlyMap<string, string>>;
}

export function createObjectTexts(of: {
  s3: Clients["s3"];
  bucket: string;
  prefix: string;
  account: string;
}): ObjectTexts {
  const place = { Bucket: of.bucket, ExpectedBucketOwner: of.account };
  let known = new Map<string, { etag: string | undefined; text: string }>();

  async function textOf(key: string, etag: string | undefined): Promise<string | undefined> {
    const before = known.get(key);
    if (before && etag !== undefined && before.etag === etag) return before.text;
    const answer = await orUndefined(of.s3.send(new GetObjectCommand({ ...place, Key: key })), "NoSuchKey");
    return answer?.Body?.transformToString();
  }

  return {
    async read(wanted) {
      const found = new Map<string, { etag: string | undefined; text: string }>();
      for await (const page of pages(of.s3, { ...place, Prefix: of.prefix })) {
        for (const { Key, ETag } of page.Contents ?? []) {
          const text = Key !== undefined && wanted(Key) ? await textOf(Key, ETag) : undefined;
          if (Key !== undefined && text !== undefined) found.set(Key, { etag: ETag, text });
        }
      }
      known = found;
      return new Map([...found].map(([key, { text }]) => [key, text]));
    },
  };
}

async function* pages(client: Clients["s3"], place: { Bucket: string; Prefix: string }) {
  const listing = paginateListObjectsV2({ client }, place)[Symbol.asyncIterator]();
  for (;;) {
    const next = await orUndefined(listing.next(), "NoSuchBucket");
    if (!next || next.done) return;
    yield next.value;
  }
}
