/**
 * The scaler's lease: an object in the control bucket, so that of two runs at the same time only one acts. AWS offers no
 * fencing, so a holder stops writing well before its lease ends.
 */
import { GetObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";

export interface LeaseDeps {
  readonly s3: Pick<S3Client, "send">;
  readonly bucket: string;
  readonly key: string;
  /** Milliseconds since the epoch: the clocks of two functions are the same to a second. */
  readonly now: () => number;
  /** Milliseconds that never jump. */
  readonly monotonic: () => number;
}

export interface Lease {
  /** Whether there is time left to begin a write. */
  mayWrite(): boolean;
  /** Lets the next run in at once. */
  release(): Promise<void>;
}

/** Longer than a run can last: the function's time-out is 120 s. */
export const LEASE_MS = 130_000;
/** A holder begins no write later than this after it asked. */
export const WRITE_WITHIN_MS = 100_000;

/**
 * Undefined where another run holds it.
 * @param holder no two runs have the same
 */
export async function takeLease(holder: string, deps: LeaseDeps): Promise<Lease | undefined> {
  const { s3, bucket: Bucket, key: Key, now, monotonic } = deps;
  const startedMs = monotonic();
  const standing = await read(deps);
  if (standing && standing.untilMs > now()) return undefined;

  const put = async (untilMs: number, condition: { IfMatch: string } | { IfNoneMatch: "*" }) => {
    const Body = JSON.stringify({ holder, untilMs });
    const answer = await s3.send(
      new PutObjectCommand({ Bucket, Key, Body, ContentType: "application/json", ...condition }),
    );
    return answer.ETag ?? "";
  };
  let etag: string;
  try {
    etag = await put(now() + LEASE_MS, standing ? { IfMatch: standing.etag } : { IfNoneMatch: "*" });
  } catch (error) {
    if (!isLost(error)) throw error;
    // Sent again by the SDK after an answer that never came, a write meets its own first coming.
    const winner = await read(deps);
    if (winner?.holder !== holder) return undefined;
    etag = winner.etag;
  }
  return {
    mayWrite: () => monotonic() - startedMs < WRITE_WITHIN_MS,
    release: async () => {
      // One that cannot be given back ends by itself.
      await put(0, { IfMatch: etag }).catch((error: unknown) => {
        if (!isLost(error)) console.warn(JSON.stringify({ message: "lease not released", error: String(error) }));
      });
    },
  };
}

interface Standing {
  readonly etag: string;
  readonly holder: unknown;
  readonly untilMs: number;
}

async function read({ s3, bucket, key }: LeaseDeps): Promise<Standing | undefined> {
  try {
    const { Body, ETag } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return { etag: ETag ?? "", ...contentOf((await Body?.transformToString()) ?? "") };
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

/** What nobody can read, nobody holds. */
function contentOf(text: string): Pick<Standing, "holder" | "untilMs"> {
  try {
    const { holder, untilMs } = JSON.parse(text) as { holder?: unknown; untilMs?: unknown };
    return { holder, untilMs: Number(untilMs) || 0 };
  } catch {
    return { holder: undefined, untilMs: 0 };
  }
}

/** Who may not list the bucket gets 403 for an object that is not there. */
export const isAbsent = (error: unknown): boolean => [403, 404].includes(statusOf(error));

/** 412: somebody else was faster. 409: somebody else is at it. 404: it was deleted in between. */
const isLost = (error: unknown): boolean => [404, 409, 412].includes(statusOf(error));

const statusOf = (error: unknown): number =>
  (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode ?? 0;
