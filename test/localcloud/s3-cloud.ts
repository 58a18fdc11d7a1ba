import assert from "node:assert/strict";
import { S3, S3ServiceException } from "@aws-sdk/client-s3";
import { type LocalCloud, type LocalCloudOptions, startLocalCloud } from "../../localcloud/server.ts";

export const ACCOUNT = "123456789012";

/** A cloud with S3 clients: ours, and any other that a test needs to be. */
export interface S3Cloud {
  readonly cloud: LocalCloud;
  readonly s3: S3;
  client(as: { region?: string; account?: string }): S3;
  stop(): Promise<void>;
}

export async function startS3Cloud(options: LocalCloudOptions = {}): Promise<S3Cloud> {
  const cloud = await startLocalCloud(options);
  const clients: S3[] = [];
  const client = ({ region = "us-east-1", account = ACCOUNT }) => {
    const made = new S3({
      endpoint: cloud.endpoint,
      region,
      credentials: { accessKeyId: account, secretAccessKey: "test" },
      forcePathStyle: true,
      maxAttempts: 1,
    });
    clients.push(made);
    return made;
  };
  const stop = async () => {
    for (const made of clients) made.destroy();
    await cloud.stop();
  };
  return { cloud, s3: client({}), client, stop };
}

/** Asserts that the call is refused with this error, and returns it. */
export async function refused(name: string, call: Promise<unknown>): Promise<S3ServiceException> {
  try {
    await call;
  } catch (error) {
    assert.ok(error instanceof S3ServiceException, String(error));
    assert.equal(error.name, name, error.message);
    return error;
  }
  assert.fail(`expected ${name}, but it was accepted`);
}
