import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { parseAlgorithm } from "../../src/workflow/parse-algorithm.ts";
import type { Wrapper, WrapRequest } from "../../src/wrap/wrap.ts";
import { command } from "./console.ts";

const ALGORITHM = {
  name: "grey",
  container_name: "example/grey",
  run_command: "grey $input $output",
  input_file_path: "/in",
  output_file_path: "/out",
  memory: { suggested: 128 },
};

/** Remembers what it was to wrap. */
function recorder(): Wrapper & { readonly requests: WrapRequest[] } {
  const requests: WrapRequest[] = [];
  return {
    requests,
    dockerfile: ({ image }) => `FROM ${image}`,
    async wrap(request) {
      requests.push(request);
      const name = request.algorithm.name;
      return { image: `me/${name}-wrapped`, context: `${name}-image`, info: `${name}_info.json` };
    },
  };
}

async function folderFor(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "pipewright-wrap-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

describe("wrap", () => {
  it("wraps every file that is named, as the options say, and says what came of it", async (t) => {
    const folder = await folderFor(t);
    const paths = [join(folder, "grey.json"), join(folder, "edge.json")];
    await writeFile(paths[0]!, JSON.stringify(ALGORITHM));
    await writeFile(paths[1]!, JSON.stringify({ ...ALGORITHM, name: "edge" }));
    const wrapper = recorder();
    const { code, out } = await command(["wrap", "-s", "-f", ...paths, "-u", "me", "-r", "registry.example"], {
      wrapper,
    });
    assert.equal(code, 0);
    assert.deepEqual(
      wrapper.requests.map(({ algorithm, user, registry, push }) => [algorithm.name, user, registry, push]),
      [
        ["grey", "me", "registry.example", false],
        ["edge", "me", "registry.example", false],
      ],
    );
    assert.match(out, /"container_name":"example\/grey"[\s\S]*FROM example\/grey[\s\S]*grey: built me\/grey-wrapped/);
    assert.match(out, /on this machine only: --push/);
  });

  it("wraps nothing of a file with errors, and shows each with its place", async (t) => {
    const folder = await folderFor(t);
    const path = join(folder, "grey.json");
    await writeFile(path, JSON.stringify({ ...ALGORITHM, memory: undefined }));
    const wrapper = recorder();
    const { code, out } = await command(["wrap", "-f", path], { wrapper });
    assert.equal(code, 1);
    assert.match(out, /grey\.json:1:\d+ memory/);
    assert.deepEqual(wrapper.requests, []);
  });

  it("wants to know what to wrap, and where to push to", async (t) => {
    const folder = await folderFor(t);
    const wrapper = recorder();
    const nothing = await command(["wrap"], { wrapper });
    assert.deepEqual(
      [nothing.code, nothing.err],
      [64, "name the file of an algorithm with -f, or describe one with -d\n"],
    );
    const absent = await command(["wrap", "-f", join(folder, "no.json")], { wrapper });
    assert.deepEqual([absent.code, absent.err], [64, `there is no file ${join(folder, "no.json")}\n`]);
    assert.equal((await command(["wrap", "-f", "a.json", "--push"], { wrapper })).code, 64);
  });
});

describe("wrap -d", () => {
  const ANSWERS = [
    "grey",
    "example/grey:1",
    "sh '/my prog.sh' $input $output",
    "",
    "/out",
    "256",
    "",
    "QUALITY! TEST_ENV",
    "9090",
  ];

  it("asks for an algorithm, writes its file and wraps it", async (t) => {
    const folder = await folderFor(t);
    const wrapper = recorder();
    const { code, out, err } = await command(["wrap", "-d"], { wrapper, answers: ANSWERS, folder });
    assert.equal(code, 0, err);
    const path = join(folder, "grey.json");
    const { algorithm, problems } = parseAlgorithm({ path, bytes: await readFile(path) });
    assert.deepEqual(problems, []);
    assert.deepEqual(algorithm?.command, ["sh", "/my prog.sh", "$input", "$output"]);
    assert.deepEqual([algorithm?.inputPath, algorithm?.outputPath, algorithm?.cpu], ["/", "/out", 1]);
    assert.deepEqual(algorithm?.variables, [
      { name: "QUALITY", required: true },
      { name: "TEST_ENV", required: false },
    ]);
    assert.deepEqual(algorithm?.ports, [{ port: 9090, protocol: "tcp" }]);
    assert.match(out, /grey\.json written/);
    assert.equal(wrapper.requests.length, 1);
  });

  it("asks again where an answer cannot be right, and says why", async (t) => {
    const folder = await folderFor(t);
    const answers = ["not a name", ...ANSWERS.slice(0, 5), "much", ...ANSWERS.slice(5)];
    const { code, err } = await command(["wrap", "-d"], { wrapper: recorder(), answers, folder });
    assert.equal(code, 0, err);
    assert.match(err, /Name of the algorithm: \n[^\n]*letters, digits[^\n]*\nName of the algorithm: \n/);
    assert.match(err, /Memory, MiB: \n[^\n]+\nMemory, MiB: \n/);
  });

  it("writes nothing when the answers end, and overwrites nothing", async (t) => {
    const folder = await folderFor(t);
    const wrapper = recorder();
    const ended = await command(["wrap", "-d"], { wrapper, answers: ANSWERS.slice(0, 3), folder });
    assert.equal(ended.code, 64);
    await writeFile(join(folder, "grey.json"), "mine");
    const taken = await command(["wrap", "-d"], { wrapper, answers: ANSWERS, folder });
    assert.equal(taken.code, 64);
    assert.match(taken.err, /grey\.json is there already, and was left as it is/);
    assert.equal(await readFile(join(folder, "grey.json"), "utf8"), "mine");
    assert.deepEqual(wrapper.requests, []);
  });
});
