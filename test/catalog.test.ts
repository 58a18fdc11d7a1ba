import assert from "node:assert/strict";
import { it } from "node:test";
import { CreateBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { startLocalCloud } from "../localcloud/server.ts";
import { createAws } from "../src/aws/aws.ts";
import { UNLIMITED } from "../src/aws/limits.ts";
import { createCatalog } from "../src/catalog.ts";
import { nameOf } from "../src/core/resource.ts";
import { compile } from "../src/desired/compile.ts";
import { controlBucket } from "../src/desired/names.ts";
import { systemClock } from "../src/io/clock.ts";
import type { ObjectSpec } from "../src/kinds/object.ts";
import type { SecurityGroupSpec } from "../src/kinds/security-group.ts";
import { everything, facts, sample } from "./desired/samples.ts";

it("keeps in the foundation what workflows of other folders ask for, as long as they stand", async (t) => {
  const cloud = await startLocalCloud();
  t.after(() => cloud.stop());
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const { s3 } = createAws({
    ...{ region: facts.region, endpoint: cloud.endpoint, credentials },
    ...{ clock: systemClock, limiter: UNLIMITED, code: new Map() },
  }).clients;
  const catalog = createCatalog(facts, s3);
  const mine = sample();
  const theirs = everything();
  const spec = (key: string) => catalog.compileFoundation([mine]).find((one) => one.key === key)?.spec;
  const cluster = `cluster/${theirs.compute.cluster}`;

  const before = await catalog.lookElsewhere(new Set([mine.name]));
  assert.equal(spec(cluster), undefined);

  await s3.send(new CreateBucketCommand({ Bucket: controlBucket(facts) }));
  for (const one of [...compile(theirs, facts), ...compile(mine, facts)]) {
    if (!one.key.startsWith("object/")) continue;
    const [Bucket, ...key] = nameOf(one.key).split("/");
    const { share, ...description } = JSON.parse((one.spec as ObjectSpec).body);
    // A newer version may have written it, with more than this one knows.
    const Body = JSON.stringify({ ...description, version: 2, share: { ...share, news: 1 } });
    await s3.send(new PutObjectCommand({ Bucket, Key: key.join("/"), Body }));
  }
  const after = await catalog.lookElsewhere(new Set([mine.name]));

  assert.notEqual(after, before);
  assert.equal(await catalog.lookElsewhere(new Set([mine.name])), after);
  assert.ok(spec(cluster));
  assert.ok((spec("security-group/pipewright") as SecurityGroupSpec).ingress.length > 0);
  // Once its file is in this folder, the file is what counts.
  assert.equal(await catalog.lookElsewhere(new Set([mine.name, theirs.name])), before);
});
