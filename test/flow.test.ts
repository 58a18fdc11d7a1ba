/** What goes through workflows, as the engine asks for it. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { createClients } from "../src/aws/clients.ts";
import { UNLIMITED } from "../src/aws/limits.ts";
import { describeSteps } from "../src/desired/compile.ts";
import { controlBucket } from "../src/desired/names.ts";
import { fingerprintOf, scalerReportKey, stepKey, writeScalerReport } from "../src/desired/scaler-report.ts";
import { createFlow } from "../src/flow.ts";
import { facts, openStage } from "./data/stage.ts";
import { sequence } from "./desired/samples.ts";

it("tells what the scaler said of each step, and reads its report once for all workflows of the cluster", async (t) => {
  const { cloud, clock, sdk } = await openStage(t);
  const place = { endpoint: cloud.endpoint, region: facts.region, clock, limiter: UNLIMITED };
  const clients = createClients({ ...place, credentials: { accessKeyId: "test", secretAccessKey: "test" } });
  t.after(() => clients.s3.destroy());
  const flow = createFlow({ clients, clock, facts });
  const workflows = Array.from({ length: 50 }, (_, index) => ({ ...sequence(), name: `plants-${index}` }));
  const told = () => Promise.all(workflows.map((workflow) => flow.trouble(workflow)));
  const reads = () => cloud.calls.count({ operation: "GetObject" });

  cloud.calls.clear();
  assert.deepEqual(new Set(await told()), new Set([undefined]));
  assert.equal(reads(), 1);

  const [step] = describeSteps(workflows[7]!, facts);
  const trouble = { count: 2, reason: "CannotPullContainerError: no such image", sinceMs: 0, retryAtMs: 60_000 };
  const entry = { proven: false, troubles: { start: trouble }, shunned: {}, heedFromMs: { start: 0, boot: 0 } };
  const steps = { [stepKey(step!)]: { ...entry, fingerprint: fingerprintOf(step!.generation, 1) } };
  const Body = writeScalerReport({ version: 1, machines: {}, steps });
  const Key = scalerReportKey(step!.cluster);
  await sdk.s3.send(new PutObjectCommand({ Bucket: controlBucket(facts), Key, Body }));

  await clock.sleep(30_000);
  const troubles = await told();
  assert.equal(reads(), 2);
  assert.deepEqual(
    troubles.flatMap((one, index) => (one ? [{ index, ...one }] : [])),
    [
      {
        index: 7,
        reason: "TasksDoNotStart",
        why: "grey: CannotPullContainerError: no such image (2 times, next try at 1970-01-01T00:01:00.000Z)",
      },
    ],
  );
});
