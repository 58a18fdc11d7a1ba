/**
 * One file, from its message to its result. The message only names the file: what counts is what the file is now. So a
 * message delivered twice finds its result there; one that was overtaken by a replacement of the file does the
 * replacement's work; and two workers on one file leave one result, since each writes only over what it has seen.
 */
import type { S3Client } from "@aws-sdk/client-s3";
import type { Clock, Log } from "../src/core/ports.ts";
import type { WorkerSettings } from "../src/desired/worker-environment.ts";
import type { FileMessage } from "../src/workflow/file-message.ts";
import { toMetadata } from "../src/workflow/result-metadata.ts";
import { algorithmEnvironment } from "./algorithm-environment.ts";
import { statusOf } from "./clients.ts";
import { type Ending, Unfinished } from "./ending.ts";
import { judgeExit } from "./judge-exit.ts";
import { contentOf, findResults, keyOfResult, type Seen } from "./results.ts";
import { runCommand } from "./run-command.ts";
import { download, presentSource, type Source, SourceReplaced } from "./source.ts";
import { ResultChanged, upload } from "./upload.ts";
import { openWorkplace, type Result, type Workplace } from "./workplace.ts";

export interface ProcessDeps {
  readonly settings: WorkerSettings;
  readonly s3: Pick<S3Client, "send">;
  readonly clock: Clock;
  /** Says of each line which file it is about. */
  readonly log: Log;
  /** The container's own, of which the algorithm gets what is not ours. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly imageDigest: string | undefined;
}

export interface Work {
  readonly file: FileMessage;
  /** How often this message has been received, this time included. */
  readonly receives: number;
  /** Breaks off everything but the upload. Its reason is the ending. */
  readonly work: AbortSignal;
  /** Breaks off the upload, too. */
  readonly upload: AbortSignal;
}

/** A file that is replaced faster than it can be processed is tried again later. */
const MOST_ROUNDS = 5;
/** Of the algorithm's standard error, for people who look into the dead letters. */
const LAST_WORDS = 1_000;

export async function processFile(work: Work, deps: ProcessDeps): Promise<Ending> {
  try {
    return await converge(work, deps);
  } catch (error) {
    for (const { aborted, reason } of [work.upload, work.work]) if (aborted) return reason as Ending;
    if (error instanceof Unfinished) return error.ending;
    const status = statusOf(error);
    const detail = `${error}${status === undefined ? "" : ` (status ${status})`}`;
    return { is: "retry", reason: "storage", detail };
  }
}

async function converge(work: Work, deps: ProcessDeps): Promise<Ending> {
  const { settings, s3, log } = deps;
  const { bucket, key, eTag, versionId } = work.file;
  const present = () => presentSource({ bucket, key }, { s3, signal: work.work });
  let source: Source = eTag === undefined ? await present() : { bucket, key, eTag, versionId };
  let made: Made | undefined;
  try {
    for (let round = 1; round <= MOST_ROUNDS; round += 1) {
      const seen = await findResults(source, settings, { s3, signal: work.upload });
      if (seen.isDone) {
        if (!made) log.info({}, "already done");
        return { is: "done" };
      }
      if (work.receives > settings.maxReceives) return crashed(work);
      // There is a result, but of another content: it may be a newer one.
      if (seen.eTags.size > 0) {
        const now = await present();
        if (now.eTag !== source.eTag) {
          log.info({}, "replaced since its message was sent");
          await made?.workplace.remove();
          [made, source] = [undefined, now];
          continue;
        }
      }
      try {
        made ??= await make(source, work, deps);
        await send(made, source, seen, work, deps);
        return { is: "done" };
      } catch (error) {
        if (error instanceof SourceReplaced) source = await present();
        else if (!(error instanceof ResultChanged)) throw error;
      }
    }
  } finally {
    await made?.workplace.remove();
  }
  return { is: "retry", reason: "storage", detail: "file or result were replaced again and again meanwhile" };
}

const crashed = ({ receives }: Work): Ending => ({
  is: "fail",
  reason: "crashed",
  detail: `${receives - 1} workers received the file and came to no end with it`,
});

interface Made {
  readonly workplace: Workplace;
  readonly result: Result;
  /** That the algorithm took. */
  readonly seconds: number;
}

/** @throws SourceReplaced, Unfinished */
async function make(source: Source, work: Work, deps: ProcessDeps): Promise<Made> {
  const { settings, s3, clock, log } = deps;
  const workplace = await openWorkplace(settings, source.key, keyOfResult("file", source, settings));
  try {
    await download(source, workplace.input, { s3, log, signal: work.work });
    const startMs = clock.monotonic();
    let lastWords = "";
    const code = await runCommand({
      command: workplace.command,
      environment: algorithmEnvironment(deps.environment, settings.variables, workplace.scratch),
      signal: work.work,
      clock,
      onLine(stream, line) {
        log.info({ stream }, line);
        if (stream === "stderr") lastWords = `${lastWords}\n${line}`.slice(-LAST_WORDS);
      },
    });
    work.work.throwIfAborted();
    const seconds = (clock.monotonic() - startMs) / 1_000;
    const verdict = judgeExit(code, settings);
    log.info({ code, seconds: Number(seconds.toFixed(3)) }, "algorithm ended");
    if (verdict !== "success") {
      const detail = `the algorithm ended with exit code ${code}${lastWords === "" ? "" : `:${lastWords}`}`;
      throw new Unfinished({ is: verdict, reason: "exit-code", detail });
    }
    return { workplace, result: await workplace.result(), seconds };
  } catch (error) {
    await workplace.remove();
    throw error;
  }
}

/** @throws ResultChanged */
async function send(made: Made, source: Source, seen: Seen, work: Work, deps: ProcessDeps): Promise<void> {
  const { settings, s3, log, imageDigest } = deps;
  const key = keyOfResult(made.result.is, source, settings);
  const metadata = toMetadata({
    ...source,
    workflow: settings.workflow,
    algorithm: settings.algorithm,
    imageDigest,
    attempt: work.file.attempt,
    seconds: made.seconds,
  });
  const target = { bucket: settings.outputBucket, key, metadata, replaces: seen.eTags.get(key) };
  await upload({ ...target, ...contentOf(made.result) }, { s3, signal: work.upload });
  log.info({ result: key }, "result uploaded");
}
