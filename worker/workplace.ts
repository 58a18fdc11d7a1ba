/**
 * Where one file is worked on. An algorithm that is told its paths (`$input`, `$output`) gets private folders below the
 * declared ones; one with paths of its own finds its file in the declared folder itself, under the file's own name, and
 * what it adds to the declared output folder is the result: the worker takes one file at a time.
 */
import { randomUUID } from "node:crypto";
import { access, constants, lstat, mkdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import type { WorkerSettings } from "../src/desired/worker-environment.ts";
import { Unfinished } from "./ending.ts";
import { fileName } from "./file-name.ts";
import { type Entry, entriesOf } from "./folder.ts";

export interface Workplace {
  /** Where the file is to be put. Nothing is there. */
  readonly input: string;
  /** The arguments, all paths filled in. */
  readonly command: readonly string[];
  /** For what the algorithm needs only meanwhile; undefined where no place is left for that. */
  readonly scratch: string | undefined;
  /** @throws Unfinished when there is none, or one that cannot be uploaded */
  result(): Promise<Result>;
  /** Leaves the container as it was before. */
  remove(): Promise<void>;
}

export type Result =
  | { readonly is: "file"; readonly path: string; readonly size: number }
  | { readonly is: "folder"; readonly path: string; readonly entries: readonly Entry[] };

type Places = Pick<WorkerSettings, "command" | "inputPath" | "outputPath">;

/** `resultName`: what the result's key ends in, so that programs that go by a name's ending write the right format. */
export async function openWorkplace(settings: Places, sourceKey: string, resultName: string): Promise<Workplace> {
  const inputs = settings.command.some((word) => INPUT.test(word))
    ? await privateFolder(settings.inputPath)
    : await declaredFolder(settings.inputPath);
  const input = join(inputs.path, fileName(sourceKey));
  if (!inputs.isPrivate) await mustBeFree(input);
  const outputs = settings.command.some((word) => OUTPUT.test(word))
    ? await privateFolder(settings.outputPath)
    : await declaredFolder(settings.outputPath);
  const output = join(outputs.path, fileName(resultName));
  const scratch = await scratchFolder(outputs);
  const before = new Map(outputs.isPrivate ? [] : (await entriesOf(outputs.path)).map((one) => [one.path, one.stamp]));

  return {
    input,
    command: settings.command.map((word) => fillIn(word, input, output)),
    scratch,
    async result() {
      const left = (await entriesOf(outputs.path)).filter(({ path, kind, stamp }) =>
        // A folder that was there is none of the result; its time changes with what is put into it.
        kind === "folder" ? !before.has(path) : before.get(path) !== stamp,
      );
      return outputs.isPrivate ? await namedResult(outputs.path, output, left) : resultOf(outputs.path, left);
    },
    async remove() {
      const added = outputs.isPrivate ? [] : (await entriesOf(outputs.path)).filter(({ path }) => !before.has(path));
      const paths = [
        inputs.isPrivate ? inputs.path : input,
        ...(scratch === undefined ? [] : [scratch]),
        ...(outputs.isPrivate ? [outputs.path] : added.map(({ path }) => join(outputs.path, path))),
      ];
      for (const path of paths) await rm(path, { recursive: true, force: true });
    },
  };
}

/** `$inputs` is another word. */
const INPUT = /\$input\b/;
const OUTPUT = /\$output\b/;

/** In one pass, since a file's name may hold `$output`. */
const fillIn = (word: string, input: string, output: string): string =>
  word.replace(/\$(input|output)\b/g, (_, name) => (name === "input" ? input : output));

interface Folder {
  readonly path: string;
  readonly isPrivate: boolean;
}

/** An image may run as a user who may not write where its description says; who is told the path does not mind another. */
async function privateFolder(parent: string): Promise<Folder> {
  const name = `pipewright-${randomUUID()}`;
  for (const place of [parent, tmpdir()]) {
    if (await isMade(join(place, name))) return { path: join(place, name), isPrivate: true };
  }
  throw cannotWrite(parent);
}

/** What programs leave in `/tmp` would stay as long as the worker. Below the declared output it would be a result. */
async function scratchFolder(outputs: Folder): Promise<string | undefined> {
  const path = join(tmpdir(), `pipewright-${randomUUID()}`);
  const isResult = !outputs.isPrivate && !relative(outputs.path, path).startsWith("..");
  return !isResult && (await isMade(path)) ? path : undefined;
}

async function declaredFolder(path: string): Promise<Folder> {
  if (await isMade(path)) return { path, isPrivate: false };
  throw cannotWrite(path);
}

/** Whether the folder now stands, and the image's user may write there. */
async function isMade(path: string): Promise<boolean> {
  try {
    await mkdir(path, { recursive: true });
    await access(path, constants.W_OK);
    return true;
  } catch (error) {
    if (["EACCES", "EPERM", "EROFS"].includes((error as NodeJS.ErrnoException).code ?? "")) return false;
    throw error;
  }
}

const cannotWrite = (path: string): Unfinished =>
  new Unfinished({ is: "unable", detail: `the image's user may not write to ${path}` });

/** What the image holds must not be overwritten by an upload that happens to be called the same. */
async function mustBeFree(input: string): Promise<void> {
  const isFree = await lstat(input).then(
    () => false,
    () => true,
  );
  if (isFree) return;
  const detail = `the image itself holds ${input}, where the file would have to be put; rename the file`;
  throw new Unfinished({ is: "fail", reason: "storage", detail });
}

/** A program may put an ending behind the path that it was given, or files beside it: all of it is the result. */
async function namedResult(folder: string, output: string, left: readonly Entry[]): Promise<Result> {
  const isNamedFolder = left.some(({ path, kind }) => kind === "folder" && join(folder, path) === output);
  const isAlone = left.filter(({ path }) => !path.includes("/")).length === 1;
  return isNamedFolder && isAlone ? folderResult(output, await entriesOf(output)) : resultOf(folder, left);
}

function resultOf(folder: string, left: readonly Entry[]): Result {
  const [only] = left;
  if (only === undefined) {
    throw new Unfinished({ is: "retry", reason: "no-result", detail: "the algorithm ended well, but left no result" });
  }
  const isOneFile = left.length === 1 && only.kind === "file" && !only.path.includes("/");
  return isOneFile ? { is: "file", path: join(folder, only.path), size: only.size } : folderResult(folder, left);
}

function folderResult(path: string, entries: readonly Entry[]): Result {
  const odd = entries.find(({ kind }) => kind === "other");
  if (!odd) return { is: "folder", path, entries };
  const detail = `the result holds ${odd.path}, which is neither a file nor a folder`;
  throw new Unfinished({ is: "retry", reason: "no-result", detail });
}
