/**
 * What each result says of itself in its S3 metadata. It is how a message delivered twice, and a tool that looks for files
 * without results, know that the work is done. Metadata is ASCII and 2 KB in all (S3 User Guide, "Working with object
 * metadata"), so the source's key travels in base64url.
 */
const MOST_BYTES = 2048;

/** S3 writes an ETag in quotes, and its events do not. */
export const withoutQuotes = (eTag: string): string => eTag.replace(/^"|"$/g, "");

export interface ResultOrigin {
  /** Key of the source file. */
  readonly key: string;
  /** Of the source file, without quotes. */
  readonly eTag: string;
  readonly versionId?: string | undefined;
  readonly workflow: string;
  readonly algorithm: string;
  /** As the task reports it: `sha256:…`. */
  readonly imageDigest?: string | undefined;
  readonly attempt: number;
  /** That the algorithm took. */
  readonly seconds: number;
}

export function toMetadata(origin: ResultOrigin): Record<string, string> {
  const metadata: Record<string, string> = {
    ...identity(origin),
    ...(origin.imageDigest === undefined ? {} : { "image-digest": origin.imageDigest }),
    attempt: String(origin.attempt),
    seconds: origin.seconds.toFixed(3),
  };
  const version: Record<string, string> = origin.versionId === undefined ? {} : { "source-version": origin.versionId };
  const bytes = Object.entries({ ...metadata, ...version }).join("").length;
  // A version id may be as long as a key; the ETag says the same.
  return bytes <= MOST_BYTES ? { ...metadata, ...version } : metadata;
}

/** Whether an object with this metadata is the result of that very content under that very key. */
export const isResultOf = (
  metadata: Readonly<Record<string, string>> | undefined,
  source: Pick<ResultOrigin, "key" | "eTag" | "workflow" | "algorithm">,
): boolean => Object.entries(identity(source)).every(([name, value]) => metadata?.[name] === value);

const identity = (source: Pick<ResultOrigin, "key" | "eTag" | "workflow" | "algorithm">) => ({
  "source-key": Buffer.from(source.key).toString("base64url"),
  "source-etag": source.eTag,
  workflow: source.workflow,
  algorithm: source.algorithm,
});
