/** The worker as it is put into containers: started by its own loader, whatever the image holds. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
// @ts-expect-error a script has no types
import { layOutWorker } from "../../scripts/worker-layout.mjs";
// @ts-expect-error a script has no types
import { installedParts } from "../../scripts/worker-parts.mjs";
import { WORKER_BUNDLE } from "../../src/desired/task-definition.ts";
import { emptyImage, noChroot, nodeIn, processOne } from "./packed.ts";
import { openStage, type Stage, sh } from "./stage.ts";

const architecture = process.arch === "arm64" ? "arm64" : "x86_64";
const { folder } = WORKER_BUNDLE[architecture];

describe("the packed worker", { skip: noGlibc() }, () => {
  let root: string;
  let stage: Stage;
  before(async () => {
    root = mkdtempSync(join(tmpdir(), "pipewright-packed-"));
    await layOutWorker(root, architecture, installedParts());
  });
  after(() => rmSync(root, { recursive: true, force: true }));
  beforeEach(async () => {
    stage = await openStage();
  });
  afterEach(() => stage.stop());

  it("runs an algorithm with the image's own libraries", async () => {
    const place = join(root, folder);
    const start = [...nodeIn(place, architecture), join(place, "worker.mjs")];
    assert.equal(await processOne(stage, start, { command: sh('cat "$1" > "$2"') }), "green");
  });

  it("runs in an image that holds nothing at all", { skip: noChroot() }, async () => {
    const image = join(root, "image");
    emptyImage(image, join(root, folder));
    const node = nodeIn("/pw", architecture);
    const start = ["chroot", image, ...node, "/pw/worker.mjs"];
    const command = [...node, "/algorithm.mjs", "$input", "$output"];
    assert.equal(await processOne(stage, start, { command, inputPath: "/data/in", outputPath: "/data/out" }), "GREEN");
  });
});

function noGlibc(): string | false {
  const report = process.report?.getReport() as { header?: { glibcVersionRuntime?: string } } | undefined;
  return report?.header?.glibcVersionRuntime ? false : "there is no glibc here to pack";
}
