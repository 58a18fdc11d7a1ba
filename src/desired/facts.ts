/** What the desired side must know of the account and of this installation. */
import type { AccountFacts } from "../core/resource.ts";
import type { EnqueueSettings, ScaleSettings } from "./function-settings.ts";

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
  /** Our functions' code with these settings beside it: the base64 SHA-256 of the zip, as Lambda answers it. */
  readonly functions: {
    readonly enqueue: (settings: EnqueueSettings) => string;
    readonly scale: (settings: ScaleSettings) => string;
  };
}
