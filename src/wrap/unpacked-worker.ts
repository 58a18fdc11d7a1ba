/** The packed worker, unpacked once for the containers of the local cloud: what an instance's folder holds on AWS. */
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { call, type EngineDeps } from "./container-engine.ts";

export interface UnpackedWorkerDeps {
  /** Undefined where nobody packed one. */
  readonly packed: PackedFile | undefined;
  /** Of the worker. */
  readonly version: string;
  /** Of this machine, as Node calls it and the worker's folders are called: `x64`, `arm64`. */
  readonly architecture: string;
  /** Holds a folder for each worker that was ever unpacked. */
  readonly cacheFolder: string;
  readonly environment: EngineDeps["environment"];
}

export interface PackedFile {
  readonly path: string;
  /** Base64. */
  readonly sha256: string;
}

/** Answers the folder of this machine for one that a task definition mounts. @throws where that is not this worker's */
export function createUnpackedWorker(deps: UnpackedWorkerDeps): (path: string) => Promise<string> {
  const { packed, version, architecture } = deps;
  let unpacked: Promise<string> | undefined;
  return async (path) => {
    if (packed && path.endsWith(`/worker-${version}/${architecture}`)) {
      unpacked ??= unpack(packed, deps);
      const folder = join(await unpacked, architecture);
      if (existsSync(folder)) return folder;
    }
    throw new Error(`this installation holds no worker for ${path}`);
  };
}

async function unpack({ path, sha256 }: PackedFile, deps: UnpackedWorkerDeps): Promise<string> {
  const { version, cacheFolder, environment } = deps;
  // A worker that is packed anew is another one, even of the same version.
  const folder = join(cacheFolder, `worker-${version}-${Buffer.from(sha256, "base64").toString("hex", 0, 8)}`);
  if (existsSync(folder)) return folder;
  await mkdir(cacheFolder, { recursive: true });
  const stage = await mkdtemp(join(cacheFolder, "unpack-"));
  try {
    await call("tar", ["-xzf", path, "-C", stage], { environment, onLine: () => {} });
    // Another process may have been first, with the same files.
    await rename(stage, folder).catch((error: Error) => {
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
  return folder;
}
