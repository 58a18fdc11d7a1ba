/** Images with the worker inside. The engines are scripts; tar is the machine's. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { workerEntryPoint } from "../../src/desired/task-definition.ts";
import { parseAlgorithm } from "../../src/workflow/parse-algorithm.ts";
import { dockerfile, imageName } from "../../src/wrap/dockerfile.ts";
import { createWrapper, type Wrapped, type WrapRequest } from "../../src/wrap/wrap.ts";
import { callsIn, DIGEST, fakeEngine } from "./engines.ts";

/** As a person wrote it: the comment is to stay. */
const WRITTEN = `{
  // Ours.
  "name": "Grey_it",
  "container_name": "example/grey:1",
  "run_command": "grey $input $output",
  "input_file_path": "/in",
  "output_file_path": "/out",
  "memory": { "suggested": 128 },
}
`;

async function bench(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), "pipewright-wrap é "));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const programs = join(folder, "bin");
  await mkdir(join(folder, "content/x64/lib"), { recursive: true });
  for (const name of ["node", "worker.mjs", "lib/libc.so.6"]) await writeFile(join(folder, "content/x64", name), name);
  execFileSync("tar", ["-czf", join(folder, "worker.tgz"), "-C", join(folder, "content"), "."]);
  const path = join(folder, "Grey_it.json");
  await writeFile(path, WRITTEN);
  const file = { path, bytes: Buffer.from(WRITTEN) };
  const wrapper = createWrapper({
    packed: () => join(folder, "worker.tgz"),
    contextFolder: folder,
    architecture: "x86_64",
    environment: { PATH: `${programs}:/usr/bin:/bin` },
  });
  const wrap = (more: Partial<WrapRequest> = {}): Promise<Wrapped> =>
    wrapper.wrap({ file, algorithm: parseAlgorithm(file).algorithm!, push: false, onLine: () => {}, ...more });
  return { folder, programs, wrapper, wrap };
}

describe("wrap", () => {
  it("builds from the algorithm's image and the packed worker", async (t) => {
    const { folder, programs, wrap } = await bench(t);
    await fakeEngine(programs, "docker");
    const { image, context, info } = await wrap();
    assert.equal(image, "grey-it-wrapped");
    assert.deepEqual(await callsIn(programs), [
      ["docker", "info"],
      ["docker", "build", "--tag", "grey-it-wrapped", context],
    ]);
    assert.equal(await readFile(join(context, "Dockerfile"), "utf8"), dockerfile("example/grey:1", "x86_64"));
    for (const name of ["node", "worker.mjs", "lib/libc.so.6"]) {
      assert.equal(await readFile(join(context, "worker/x64", name), "utf8"), name);
    }
    assert.equal(info, join(folder, "Grey_it_info.json"));
    assert.equal(await readFile(info, "utf8"), WRITTEN.replace("example/grey:1", "grey-it-wrapped"));
  });

  it("pushes to where it is told, and writes down the digest that docker was given there", async (t) => {
    const { programs, wrap } = await bench(t);
    const elsewhere = `other/grey-it-wrapped@sha256:${"cd".repeat(32)}`;
    const digests = JSON.stringify([elsewhere, `registry.example:5000/me/grey-it-wrapped@${DIGEST}`]);
    await fakeEngine(programs, "docker", `[ "$1" = image ] && echo '${digests}'; exit 0`);
    const { image, info } = await wrap({ user: "me", registry: "registry.example:5000/", push: true });
    assert.equal(image, `registry.example:5000/me/grey-it-wrapped@${DIGEST}`);
    const written = { path: info, bytes: await readFile(info) };
    assert.equal(parseAlgorithm(written).algorithm?.image, image, "it is a good algorithm file");
    assert.deepEqual((await callsIn(programs))[2], ["docker", "push", "registry.example:5000/me/grey-it-wrapped"]);
  });

  it("takes podman where docker does not work, and the digest of what podman has pushed", async (t) => {
    const { programs, wrap } = await bench(t);
    await fakeEngine(programs, "docker", "echo 'cannot connect' >&2; exit 1");
    await fakeEngine(programs, "podman", `[ "$1" = push ] && echo ${DIGEST} > "$3"; exit 0`);
    const { image } = await wrap({ user: "me", push: true });
    assert.equal(image, `me/grey-it-wrapped@${DIGEST}`);
  });

  it("says of both engines what is wrong with them, and where the context stands", async (t) => {
    const { folder, programs, wrap } = await bench(t);
    await fakeEngine(programs, "docker", "echo 'Cannot connect to the daemon' >&2; exit 1");
    // A podman that this machine may have is not to be asked.
    await fakeEngine(programs, "podman", "exit 125");
    await assert.rejects(wrap(), (error: Error) => {
      assert.match(
        error.message,
        /^no container engine works here:\n {2}docker: `docker info` failed: Cannot connect to the daemon\n {2}podman: /,
      );
      assert.match(error.message, /the Dockerfile and all that it needs are in .*Grey_it-image$/);
      return true;
    });
    assert.ok(await readFile(join(folder, "Grey_it-image/Dockerfile"), "utf8"));
    await assert.rejects(readFile(join(folder, "Grey_it_info.json")), "there is no image to be named");
  });

  it("writes down no image that could not be built", async (t) => {
    const { folder, programs, wrap } = await bench(t);
    await fakeEngine(programs, "docker", `[ "$1" = build ] && { echo 'no such image' >&2; exit 1; }; exit 0`);
    await assert.rejects(wrap(), /`docker build` failed: no such image/);
    await assert.rejects(readFile(join(folder, "Grey_it_info.json")));
  });
});

describe("the Dockerfile", () => {
  it("starts the worker as a task would start it", () => {
    const lines = dockerfile("example/grey:1", "arm64").split("\n");
    assert.equal(lines[0], "FROM example/grey:1");
    assert.ok(lines.includes("COPY worker/arm64/ /pw/"));
    assert.ok(lines.includes(`ENTRYPOINT ${JSON.stringify(workerEntryPoint("arm64"))}`));
  });
});

describe("an image's name", () => {
  it("is one that registries take, and never the algorithm's own", () => {
    assert.equal(imageName({ name: "change123-s3", user: "me" }), "me/change123-s3-wrapped");
    assert.equal(imageName({ name: "A__b-_-C_" }), "a-b-c-wrapped");
    assert.equal(imageName({ name: "x", registry: "registry.example/team/" }), "registry.example/team/x-wrapped");
  });
});
