/** Which image runs, as the ECS agent tells each container ("Task metadata endpoint version 4"). */
import type { Clock, Log } from "../src/core/ports.ts";

const TRIES = 3;
const WITHIN_MS = 2_000;

export interface ImageDigestDeps {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly log: Log;
}

/** `sha256:…`; undefined where nobody knows, as outside of ECS. */
export async function imageDigest({ environment, clock, log }: ImageDigestDeps): Promise<string | undefined> {
  const url = environment.ECS_CONTAINER_METADATA_URI_V4;
  if (!url) return undefined;
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    try {
      const answer = await fetch(url, { signal: AbortSignal.timeout(WITHIN_MS) });
      const { ImageID } = (await answer.json()) as { ImageID?: unknown };
      if (typeof ImageID === "string" && /^sha256:[0-9a-f]{64}$/.test(ImageID)) return ImageID;
    } catch (error) {
      log.warn({ error: String(error) }, "image not asked for");
    }
    await clock.sleep(attempt * 1_000);
  }
  return undefined;
}
