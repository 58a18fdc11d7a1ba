/** From what S3 tells to what travels through a step's queue. */
import type { FileMessage } from "../src/workflow/file-message.ts";
import { writeMessage } from "../src/workflow/write-message.ts";

export interface S3Event {
  readonly Records?: readonly S3Record[];
}

interface S3Record {
  readonly s3?: {
    readonly bucket: { readonly name: string };
    readonly object: {
      readonly key: string;
      readonly eTag?: string;
      readonly versionId?: string;
      readonly size?: number;
    };
  };
}

/** Bodies for every file of an event. S3's own test event has no records; keys that end in `/` are folders. */
export function messagesOf(event: S3Event): string[] {
  return (event.Records ?? []).flatMap(({ s3 }) => {
    if (!s3) return [];
    const key = decodeKey(s3.object.key);
    if (key.endsWith("/")) return [];
    const { eTag, versionId, size } = s3.object;
    const message: FileMessage = { bucket: s3.bucket.name, key, eTag, versionId, size, attempt: 1 };
    return [writeMessage(message)];
  });
}

/** Keys in events are URL-encoded, and a space is a plus. */
const decodeKey = (key: string): string => decodeURIComponent(key.replaceAll("+", " "));
