/** The embedded cloud of `run --local` and the demo: started in this process, on a free loopback port, for this run only. */
import { CreateKeyPairCommand, EC2Client } from "@aws-sdk/client-ec2";

export interface Local {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** What a person made by hand on a real account, and workflow files name. */
  makeKeyPairs(names: Iterable<string>): Promise<void>;
  stop(): Promise<void>;
}

/** Whatever the environment says of regions and keys, the local cloud has its own. */
export async function startLocal(): Promise<Local> {
  const { startLocalCloud } = await import("../localcloud/server.ts");
  const cloud = await startLocalCloud();
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
