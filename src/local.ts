/** The embedded cloud of `run --local` and the demo: started in this process, on a free loopback port, for this run only. */
import { CreateKeyPairCommand, EC2Client } from "@aws-sdk/client-ec2";
import { createAlgorithmSources } from "./io/algorithm-sources.ts";

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
}

/** A machine is there sooner than on AWS: people wait for it. */
const BOOT_MS = 300;
const PULL_MS = 100;

/** Whatever the environment says of regions and keys, the local cloud has its own. */
export async function startLocal({ pipelines, workerPath }: LocalOptions): Promise<Local> {
  const { startLocalCloud } = await import("../localcloud/server.ts");
  const tasks = { workerPath, sources: createAlgorithmSources(pipelines) };
  const cloud = await startLocalCloud({ run: { bootMs: BOOT_MS, pullMs: PULL_MS, tasks } });
  const region = "us-east-1";
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  return {
    endpoint: cloud.endpoint,
    region,
    credentials,
    async makeKeyPairs(names) {
      const ec2 = new EC2Client({ endpoint: cloud.endpoint, region, credentials });
      for (const KeyName of new Set(names)) {
        await ec2.send(new CreateKeyPairCommand({ KeyName }));
      }
      ec2.destroy();
    },
    stop: cloud.stop,
  };
}
