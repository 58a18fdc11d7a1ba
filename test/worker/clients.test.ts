import assert from "node:assert/strict";
import { test } from "node:test";
import { GetObjectCommand, HeadObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { startLocalCloud } from "../../localcloud/server.ts";
import { createClients } from "../../worker/clients.ts";
import { assertLoopback } from "../support/loopback.ts";

test("a call is tried again however many before it were, also those that found nothing", async (t) => {
  const cloud = await startLocalCloud();
  t.after(() => cloud.stop());
  const place = { AWS_ENDPOINT_URL: assertLoopback(cloud.endpoint), AWS_REGION: "us-east-1" };
  Object.assign(process.env, place, { AWS_ACCESS_KEY_ID: "local", AWS_SECRET_ACCESS_KEY: "local" });
  const { s3 } = createClients(process.env);
  t.after(() => (s3 as S3Client).destroy());
  const call = { account: "123456789012", region: "us-east-1", accessKeyId: "local", requestId: "0" };
  const operations = cloud.world.service("s3").operations;
  await operations.CreateBucket!({ Bucket: "files" }, call);
  await operations.PutObject!({ Bucket: "files", Key: "there", Body: Buffer.from("it is") }, call);

  const files = Array.from({ length: 60 }, (_, index) => `absent-${index}`);
  cloud.faults.add({ kind: "error", operation: "HeadObject", count: files.length });
  const looks = files.map((Key) => s3.send(new HeadObjectCommand({ Bucket: "files", Key })).catch(({ name }) => name));
  assert.deepEqual([...new Set(await Promise.all(looks))], ["NotFound"]);

  cloud.faults.add({ kind: "error", operation: "GetObject", count: 1 });
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: "files", Key: "there" }));
  assert.equal(await Body!.transformToString(), "it is");
});
