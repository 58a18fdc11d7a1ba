/** What travels through a step's queue. */

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

/** One file to be processed. */
export interface FileMessage {
  readonly bucket: string;
  /** Decoded. */
  readonly key: string;
  readonly eTag?: string;
  readonly versionId?: string;
  /** Bytes. */
  readonly size?: number;
  /** From 1; a retry travels as a copy with one more. */
  readonly attempt: number;
}

/** Bodies for every file of an event. S3's own test event has no records; keys that end in `/` are folders. */
export function messagesOf(event: S3Event): string[] {
  return (event.Records ?? []).flatMap(({ s3 }) => {
    if (!s3) return [];
    const key = decodeKey(s3.object.key);
    if (key.endsWith("/")) return [];
    const { eTag, versionId, size } = s3.object;
    const message: FileMessage = { bucket: s3.bucket.name, key, eTag, versionId, size, attempt: 1 };
    return [JSON.stringify(message).replace(NOT_IN_MESSAGES, escaped)];
  });
}

/** SQS refuses a batch for these, which a key may hold; JSON can say them otherwise. */
const NOT_IN_MESSAGES = /[\uFFFE\uFFFF]/g;

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16)}`;

/** Keys in events are URL-encoded, and a space is a plus. */
export const decodeKey = (key: string): string => decodeURIComponent(key.replaceAll("+", " "));
