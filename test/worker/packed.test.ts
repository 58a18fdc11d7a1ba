/** The worker as it is put into containers: started by its own loader, whatever the image holds. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
// @ts-expect-error a script has no types
import { installedParts, layOutWorker } from "../../scripts/worker-layout.mjs";
import { WORKER_BUNDLE } from "../../src/desired/task-definition.ts";
import { toEnvironment, type WorkerSettings } from "../../src/desired/worker-environment.ts";
import { openStage, type Stage, sh } from "./stage.ts";

const architecture = process.arch === "arm64" ? "arm64" : "x86_64";
const { folder, loader } = WORKER_BUNDLE[architecture];
const nodeIn = (place: string) => [`${place}/${loader}`, "--library-path", `${place}/lib`, `${place}/node`];

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

  /** Has the worker process one file, ends it, and answers the result. */
  const processOne = async (start: readonly string[], over: Partial<WorkerSettings>): Promise<string> => {
    await stage.upload("ü b.txt", "green");
    const env = {
      PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      // By its name, which takes the C library's resolver.
      AWS_ENDPOINT_URL: stage.cloud.endpoint.replace("127.0.0.1", "localhost"),
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
      ...toEnvironment({ ...stage.settings, ...over }),
    };
    const [program = "", ...args] = start;
    const child = spawn(program, args, { env, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
        if (/result uploaded|given up|tried in vain/.test(text)) child.kill("SIGTERM");
      });
    }
    const code = await new Promise((resolve) => child.once("close", resolve));
    assert.equal(code, 0, output);
    const [result] = await stage.results();
    assert.ok(result, output);
    return result.body.toString();
  };

  it("runs an algorithm with the image's own libraries", async () => {
    const place = join(root, folder);
    assert.equal(
      await processOne([...nodeIn(place), join(place, "worker.mjs")], { command: sh('cat "$1" > "$2"') }),
      "green",
    );
  });

  it("runs in an image that holds nothing at all", { skip: noChroot() }, async () => {
    const image = join(root, "image");
    for (const name of ["etc", "dev", "pw/lib"]) mkdirSync(join(image, name), { recursive: true });
    // What Docker gives to every container.
    spawnSync("mknod", ["-m", "666", join(image, "dev/null"), "c", "1", "3"]);
    writeFileSync(join(image, "etc/hosts"), "127.0.0.1 localhost\n");
    spawnSync("cp", ["-a", `${join(root, folder)}/.`, join(image, "pw")]);
    writeFileSync(
      join(image, "algorithm.mjs"),
      'import { readFileSync, writeFileSync } from "node:fs";\nwriteFileSync(process.argv[3], readFileSync(process.argv[2], "utf8").toUpperCase());\n',
    );
    const start = ["chroot", image, ...nodeIn("/pw"), "/pw/worker.mjs"];
    const command = [...nodeIn("/pw"), "/algorithm.mjs", "$input", "$output"];
    assert.equal(await processOne(start, { command, inputPath: "/data/in", outputPath: "/data/out" }), "GREEN");
  });
});

function noGlibc(): string | false {
  const report = process.report?.getReport() as { header?: { glibcVersionRuntime?: string } } | undefined;
  return report?.header?.glibcVersionRuntime ? false : "there is no glibc here to pack";
}

function noChroot(): string | false {
  const probe = mkdtempSync(join(tmpdir(), "pipewright-mknod-"));
  try {
    const isRoot = spawnSync("chroot", ["/", "/bin/true"]).status === 0;
    return isRoot && spawnSync("mknod", [join(probe, "null"), "c", "1", "3"]).status === 0
      ? false
      : "chroot and mknod need a root that may use them";
  } finally {
    rmSync(probe, { recursive: true, force: true });
  }
}
