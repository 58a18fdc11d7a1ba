/** Ten thousand uploads under the published quotas: the smaller sister of `bench/uploads.ts`. */
import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { type Figures, uploadToObviousDesign, uploadToProduct } from "../../bench/support/simulation/uploads.ts";

const FILES = 10_000;
/** As fast as a million in an hour. */
const UPLOADS = { files: FILES, overMs: 36_000 };

const made = ({ calls }: Figures, name: string): number => calls.get(name)?.calls ?? 0;

describe("ten thousand uploads in half a minute", () => {
  it("all come out, each once, with a call or two for each file and a few a minute for all of them", async (t) => {
    silence(t);
    const figures = await uploadToProduct(UPLOADS);
    assert.equal(figures.done, FILES);
    assert.equal(figures.again, 0);
    assert.deepEqual(figures.left, []);
    for (const name of ["sqs:SendMessageBatch", "sqs:DeleteMessage"]) assert.equal(made(figures, name), FILES, name);
    assert.ok(made(figures, "sqs:ReceiveMessage") < FILES * 1.25);
    // A thousand tasks of half a CPU on machines of 16.
    assert.ok(figures.launched <= 32, `${figures.launched} instances`);
    assert.ok(
      made(figures, "ec2:RunInstances") <= 3 * figures.launched,
      `${made(figures, "ec2:RunInstances")} launches`,
    );
    assert.ok(figures.drainedMs < 12 * 60_000, `${figures.drainedMs} ms`);
    const ofControl = [...figures.calls].filter(([name]) => !/^(sqs:(Send|Receive|Delete)|s3:)/.test(name));
    const sum = ofControl.reduce((total, [, { calls }]) => total + calls, 0);
    assert.ok(sum < FILES, `${sum} calls that are about no file`);
  });

  it("would lose nine of ten, or cost fifty times as many hours, in the obvious design", async () => {
    const failing = await uploadToObviousDesign(UPLOADS, "sdk");
    assert.ok(failing.done < FILES / 10, `${failing.done} done`);
    const patient = await uploadToObviousDesign(UPLOADS, "patient");
    assert.equal(patient.done, FILES);
    assert.ok(patient.launched > 500, `${patient.launched} instances`);
    assert.ok(patient.instanceHours > 500, `${patient.instanceHours} instance-hours`);
  });
});

/** Throttled calls and ended instances are told, and there are many. */
function silence(t: TestContext): void {
  t.mock.method(console, "warn", () => {});
  t.mock.method(console, "info", () => {});
}
