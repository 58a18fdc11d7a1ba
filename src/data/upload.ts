/** From this machine into a workflow's input bucket. What could not be processed there is refused before anything is sent. */
import type { StepDescription } from "../desired/step-description.ts";
import { MAX_KEY_BYTES } from "../workflow/output-key.ts";
import type { DataDeps } from "./data.ts";
import { eachOf } from "./in-order.ts";
import { type LocalFile, localFiles } from "./local-files.ts";
import { sendFile } from "./multipart.ts";

export interface Upload {
  readonly path: string;
  /** In the input bucket. */
  readonly key: string;
  /** Bytes. */
  readonly size: number;
}

export interface UploadProgress {
  readonly files: number;
  readonly bytes: number;
  /** The file that has arrived just now; absent while a large one is on its way. */
  readonly arrived?: Upload;
}

const FILES_AT_ONCE = 4;

/** @throws Error that names every file which cannot be taken */
export async function planUpload(input: StepDescription["input"], paths: readonly string[]): Promise<Upload[]> {
  const { files, problems } = await localFiles(paths);
  const uploads = files.map((file) => ({ path: file.path, size: file.size, key: keyOf(input, file) }));
  const taken = new Map<string, string>();
  const wrong = [...problems];
  for (const { path, key } of uploads) {
    const other = taken.get(key);
    const problem =
      other === undefined ? keyProblem(input, key) : `would overwrite ${other}: both would be called ${key}`;
    if (problem) wrong.push(`${path}: ${problem}`);
    taken.set(key, path);
  }
  if (wrong.length > 0) throw new Error(`nothing was uploaded:\n  ${wrong.join("\n  ")}`);
  return uploads;
}

export async function upload(
  bucket: string,
  uploads: readonly Upload[],
  onProgress: (progress: UploadProgress) => void,
  { clients }: Pick<DataDeps, "clients">,
): Promise<void> {
  let files = 0;
  let bytes = 0;
  await eachOf(uploads, FILES_AT_ONCE, async (one) => {
    await sendFile(clients.files, { ...one, bucket }, (sent) => {
      bytes += sent;
      onProgress({ files, bytes });
    });
    files += 1;
    onProgress({ files, bytes, arrived: one });
  });
}

/** Only keys with the workflow's prefix trigger it. A name that has it already, as from an earlier download, keeps it. */
const keyOf = ({ prefix }: StepDescription["input"], { name }: LocalFile): string =>
  name.startsWith(prefix) ? name : prefix + name;

function keyProblem({ suffix }: StepDescription["input"], key: string): string | undefined {
  if (!key.endsWith(suffix)) return `would not be processed: the workflow takes only files that end in ${suffix}`;
  const bytes = Buffer.byteLength(key);
  if (bytes > MAX_KEY_BYTES) return `has a name of ${bytes} bytes, and S3 takes ${MAX_KEY_BYTES}`;
  return undefined;
}
