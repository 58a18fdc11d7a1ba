import assert from "node:assert/strict";
import { it } from "node:test";
import type { QueueSample } from "../../src/data/queue-samples.ts";
import { asText } from "../../src/server/page/html.ts";
import { plot } from "../../src/server/page/plot.ts";

const sample = (at: number, queued: number): QueueSample => ({ at, queued, inFlight: 0, dead: 0, undelivered: 0 });

it("A plot says the most files that there were, and none where none were", () => {
  const words = (...queued: number[]) =>
    asText(
      plot(
        "plants",
        queued.map((count, index) => sample(index * 60_000, count)),
      ),
    );
  assert.match(words(0, 0), /at most 0 files<\/figcaption>/);
  assert.doesNotMatch(words(0, 0), /NaN/);
  assert.match(words(0, 1, 0), /at most 1 file<\/figcaption>/);
});
