/** The image for the architecture that this machine is not of. It was built without emulation; with some, it also runs here. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { WORKER_BUNDLE } from "../../src/desired/task-definition.ts";
import { freePort } from "../support/free-port.ts";
import { emptyImage, noChroot, nodeIn, processOne } from "../worker/packed.ts";
import { openStage } from "../worker/stage.ts";
import { engine, startContainer } from "./container.ts";
import { OTHER, OWN } from "./platform.ts";

const { PIPEWRIGHT_TEST_OTHER_IMAGE: image = "", PIPEWRIGHT_TEST_OWN_ONLY: ownOnly } = process.env;
const noQemu = existsSync(OTHER.qemu) ? false : `${OTHER.qemu} is not there (Debian's qemu-user-static)`;

describe(`the image for ${OTHER.debian}`, { skip: ownOnly ?? false }, () => {
  let folder: string;
  /** The packed worker that is in it, unpacked. */
  let packed: string;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "pipewright-other-"));
    packed = join(folder, "packed");
    const name = basename(folder);
    await engine.call("create", "--platform", `linux/${OTHER.debian}`, "--name", name, image);
    for (const path of ["/usr/local/bin/node", "/app/dist/worker"]) await engine.call("cp", `${name}:${path}`, folder);
    await engine.call("rm", name);
    mkdirSync(packed);
    execFileSync("tar", ["-xzf", globSync(join(folder, "worker/*.tgz"))[0]!, "-C", packed]);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  test("says of what architecture it is, and its Node is", async () => {
    const said = await engine.call("image", "inspect", "--format", "{{.Os}}/{{.Architecture}}", image);
    assert.equal(said.trim(), `linux/${OTHER.debian}`);
    assert.equal(machineOf(join(folder, "node")), OTHER.machine);
  });

  test("holds the worker for both, each with what it needs of its own architecture", () => {
    for (const { architecture, debian, machine } of [OWN, OTHER]) {
      const { folder: place, loader } = WORKER_BUNDLE[architecture];
      const files = [loader, "node", ...globSync("lib/*", { cwd: join(packed, place) })];
      assert.ok(files.length > 5);
      for (const file of files) assert.equal(machineOf(join(packed, place, file)), machine, `${debian}: ${file}`);
    }
    const [archive] = globSync(join(folder, "worker/*.tgz"));
    console.log(`worker for both architectures ${(statSync(archive!).size / 1e6).toFixed(1)} MB`);
  });

  test("runs", { skip: noQemu }, async (t) => {
    const port = await freePort();
    const inspected = await engine.call("image", "inspect", "--format", "{{json .Config.Entrypoint}}", image);
    const [, ...words] = JSON.parse(inspected);
    const daemon = await startContainer(t, {
      image,
      run: [
        ...["--platform", `linux/${OTHER.debian}`, "--publish", `127.0.0.1:${port}:8080`],
        // The emulator has its own memory, and is slow.
        ...["--volume", `${OTHER.qemu}:/qemu:ro`, "--entrypoint", "/qemu", "--memory", "512m"],
      ],
      command: ["/usr/local/bin/node", ...words, "run", "--local"],
      port,
    });
    const readyMs = await daemon.readyMs(90_000);
    assert.equal((await daemon.get("/healthz")).status, 200);
    assert.equal((await daemon.stop()).code, 0);
    console.log(`started → ready ${readyMs} ms, emulated`);
  });

  test("its worker runs where nothing else is", { skip: noQemu || noChroot() }, async (t) => {
    const stage = await openStage();
    t.after(() => stage.stop());
    const root = join(folder, "empty");
    emptyImage(root, join(packed, WORKER_BUNDLE[OTHER.architecture].folder));
    copyFileSync(OTHER.qemu, join(root, "qemu"));
    const node = ["/qemu", ...nodeIn("/pw", OTHER.architecture)];
    const command = [...node, "/algorithm.mjs", "$input", "$output"];
    const start = ["chroot", root, ...node, "/pw/worker.mjs"];
    assert.equal(await processOne(stage, start, { command, inputPath: "/data/in", outputPath: "/data/out" }), "GREEN");
  });
});

/** Of an ELF file. */
function machineOf(file: string): number {
  const head = readFileSync(file).subarray(0, 20);
  assert.equal(head.subarray(0, 4).toString("latin1"), "\x7fELF", file);
  return head.readUInt16LE(18);
}
