/** The embedded cloud of `local`, `run --local` and the demo: started in this process, on the loopback interface only. */
import { CreateKeyPairCommand, EC2Client } from "@aws-sdk/client-ec2";
import type { ContainerRunnerOptions } from "../localcloud/world/tasks/container-runner.ts";
import { createAlgorithmSources } from "./io/algorithm-sources.ts";
import { findEngine } from "./wrap/container-engine.ts";
import { createUnpackedWorker, type UnpackedWorkerDeps } from "./wrap/unpacked-worker.ts";

export interface Local {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** What a person made by hand on a real account, and workflow files name. */
  makeKeyPairs(names: Iterable<string>): Promise<void>;
  stop(): Promise<void>;
}

export interface LocalOptions {
  /** Folder of workflow files, whose algorithms say where their programs lie. */
  readonly pipelines: string;
  /** Of the worker, which tasks run. */
  readonly workerPath: string;
  /** On 127.0.0.1. @default a free one */
  readonly port?: number;
  /** Keeps what the cloud holds, across its restarts. @default it lives for this run only */
  readonly data?: string | undefined;
  /** Tasks run in containers where that can be. */
  readonly containers: LocalContainers;
}

export interface LocalContainers extends UnpackedWorkerDeps {
  /** As Node calls it. */
  readonly platform: string;
  /** Told of each image how its tasks run: `in containers, by podman`. */
  readonly onWay: (image: string, way: string) => void;
}

/** A machine is there sooner than on AWS: people wait for it. */
const BOOT_MS = 300;
const PULL_MS = 100;

/** Whatever the environment says of regions and keys, the local cloud has its own. */
export async function startLocal({ pipelines, workerPath, port = 0, data, containers }: LocalOptions): Promise<Local> {
  const { startLocalCloud } = await import("../localcloud/server.ts");
  const tasks = {
    workerPath,
    sources: createAlgorithmSources(pipelines),
    containers: byEngine(containers),
  };
  const cloud = await startLocalCloud({
    port,
    ...(data !== undefined && { dataFolder: data }),
    run: { bootMs: BOOT_MS, pullMs: PULL_MS, tasks },
  }).catch((cause) => {
    throw cause.code === "EADDRINUSE"
      ? new Error(`port ${port} is taken; choose another with --port`, { cause })
      : cause;
  });
  const region = "us-east-1";
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  return {
    endpoint: cloud.endpoint,
    region,
    credentials,
    async makeKeyPairs(names) {
      const ec2 = new EC2Client({ endpoint: cloud.endpoint, region, credentials });
      for (const KeyName of new Set(names)) {
        await ec2.send(new CreateKeyPairCommand({ KeyName })).catch((error: Error) => {
          // A cloud that was kept has it already.
          if (error.name !== "InvalidKeyPair.Duplicate") throw error;
        });
      }
      ec2.destroy();
    },
    stop: cloud.stop,
  };
}

function byEngine({ onWay, packed, platform, ...machine }: LocalContainers): ContainerRunnerOptions {
  const { environment } = machine;
  return {
    environment: { ...environment },
    async findEngine() {
      // Elsewhere, engines run in a machine of their own, which does not see this one's loopback interface.
      if (platform !== "linux") throw new Error("containers are used on Linux only");
      if (!packed) throw new Error("for containers a packed worker is missing, which `npm run pack-worker` packs");
      return (await findEngine({ environment, onLine: () => {} })).name;
    },
    hostFolder: createUnpackedWorker({ ...machine, packed }),
    onWay,
  };
}
