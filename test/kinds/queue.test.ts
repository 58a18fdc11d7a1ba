import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { GetQueueAttributesCommand, SetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { type QueueSpec, queue } from "../../src/kinds/queue.ts";
import { type InCloud, startInCloud } from "./in-cloud.ts";

const NAME = "pw-plants-grey";
let place: InCloud;
before(async () => {
  place = await startInCloud();
});
after(() => place.stop());

it("a queue that somebody encrypted with a key of theirs gets the encryption of SQS back", async () => {
  const kind = queue(place.aws);
  const spec: QueueSpec = {
    visibilityTimeoutSeconds: 120,
    messageRetentionPeriodSeconds: 864_000,
    receiveMessageWaitTimeSeconds: 20,
    sqsManagedSseEnabled: true,
    redrivePolicy: null,
    redriveAllowPolicy: null,
    policy: null,
    tags: place.tags(`queue/${NAME}`),
  };
  await place.converge(kind, NAME, spec);
  const QueueUrl = `${place.aws.queueBaseUrl}/${place.pass.account.account}/${NAME}`;
  const { sqs } = place.aws.clients;
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { KmsMasterKeyId: "alias/theirs" } }));

  const seen = await place.read(kind, NAME);
  assert.ok(seen.is === "owned");
  assert.deepEqual(
    kind.diff(spec, seen.actual).map(({ path }) => path),
    ["sqsManagedSseEnabled"],
  );
  await place.converge(kind, NAME, spec);
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }));
  assert.deepEqual([Attributes?.SqsManagedSseEnabled, Attributes?.KmsMasterKeyId], ["true", undefined]);
});
