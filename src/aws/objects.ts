/** Texts of objects under a prefix, each read once for as long as it stays the same. */
import {
  type _Object,
  GetObjectCommand,
  type GetObjectCommandInput,
  HeadObjectCommand,
  paginateListObjectsV2,
} from "@aws-sdk/client-s3";
import type { Clients } from "./clients.ts";
import { orUndefined } from "./errors.ts";

/** In an object's metadata: the id of the folder that it was last written for. */
export const FOLDER = "pipewright-folder";

/** Undefined where there is no such object, or no such bucket. */
export async function textAt(s3: Clients["s3"], place: GetObjectCommandInput): Promise<string | undefined> {
  const answer = await orUndefined(s3.send(new GetObjectCommand(place)), "NoSuchKey", "NoSuchBucket");
  return answer?.Body?.transformToString();
}

export interface ObjectTexts {
  /** Key → text; empty where the bucket is not there. `wanted`: others are not read. */
  read(wanted: (key: string) => boolean): Promise<ReadonlyMap<string, string>>;
  /**
   * The id of the folder that these were written for, as far as the last `read` has listed them and one tells. Where two
   * folders wrote them at the same time, the first key decides: otherwise each would yield to the other.
   */
  folder(wanted: (key: string) => boolean): Promise<string | undefined>;
}

export function createObjectTexts(of: {
  s3: Clients["s3"];
  bucket: string;
  prefix: string;
  account: string;
}): ObjectTexts {
  const place = { Bucket: of.bucket, ExpectedBucketOwner: of.account };
  let known: ReadonlyMap<string, Known> = new Map();
  let listed: readonly string[] = [];

  async function textOf(key: string, etag: string | undefined): Promise<Known | undefined> {
    const before = known.get(key);
    if (before && etag !== undefined && before.etag === etag) return before;
    const text = await textAt(of.s3, { ...place, Key: key });
    return text === undefined ? undefined : { etag, text };
  }

  return {
    async read(wanted) {
      const found = new Map<string, Known>();
      const keys: string[] = [];
      for await (const page of pages(of.s3, { ...place, Prefix: of.prefix })) {
        const read = async ({ Key = "", ETag }: _Object) =>
          [Key, await (wanted(Key) ? textOf(Key, ETag) : known.get(Key))] as const;
        keys.push(...(page.Contents ?? []).map(({ Key = "" }) => Key));
        // Side by side: the client sends only so many at the same time.
        for (const [key, one] of await Promise.all((page.Contents ?? []).map(read))) if (one) found.set(key, one);
      }
      [known, listed] = [found, keys];
      return new Map([...found].filter(([key]) => wanted(key)).map(([key, { text }]) => [key, text]));
    },
    async folder(wanted) {
      for (const Key of listed.filter(wanted)) {
        const answer = await orUndefined(of.s3.send(new HeadObjectCommand({ ...place, Key })), "NotFound");
        const id = answer?.Metadata?.[FOLDER];
        if (id !== undefined) return id;
      }
      return undefined;
    },
  };
}

interface Known {
  readonly etag: string | undefined;
  readonly text: string;
}

async function* pages(client: Clients["s3"], place: { Bucket: string; Prefix: string }) {
  const listing = paginateListObjectsV2({ client }, place)[Symbol.asyncIterator]();
  for (;;) {
    const next = await orUndefined(listing.next(), "NoSuchBucket");
    if (!next || next.done) return;
    yield next.value;
  }
}
