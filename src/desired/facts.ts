/** What the desired side must know of the account and of this installation. */
import type { AccountFacts } from "../core/resource.ts";

export interface Facts extends AccountFacts {
  /** The setting `owner`: the value of our owner tag. */
  readonly owner: string;
  /** The image whose container unpacks the worker: it has the `aws` command, a shell, and `tar` or Python. */
  readonly initImage: string;
  /** Names the bundle `worker/<version>.tgz` in the control bucket. */
  readonly workerVersion: string;
  /** That bundle, by its base64 SHA-256. Absent: this installation holds none, and looks after none. */
  readonly packedWorker?: { readonly sha256: string };
  /**
   * AWS is reached over plain HTTP, as an emulator is: a bucket that denies it would shut ourselves out.
   * @default false
   */
  readonly plainHttp?: boolean;
  /** The zips of our functions. */
  readonly functions: { readonly enqueue: FunctionCode; readonly scale: FunctionCode };
}

export interface FunctionCode {
  /** Base64, as Lambda answers it. */
  readonly codeSha256: string;
}
