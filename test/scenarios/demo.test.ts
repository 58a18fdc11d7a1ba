import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { localOnly } from "./world.ts";

const MAIN = join(import.meta.dirname, "../../src/main.ts");
/** Of somebody who works with a real account; nothing listens at this address. */
const ELSEWHERE = {
  AWS_ENDPOINT_URL: "http://127.0.0.1:9",
  AWS_ENDPOINT_URL_S3: "http://127.0.0.1:9",
  AWS_PROFILE: "production",
  AWS_CONFIG_FILE: "/nowhere/config",
  AWS_REGION: "xx-nowhere-9",
  http_proxy: "http://127.0.0.1:9",
  NODE_USE_ENV_PROXY: "1",
  AWS_USE_FIPS_ENDPOINT: "true",
};

test(
  "the demo ends with the path of a picture, whatever the environment says of AWS, and leaves nothing else",
  {
    skip: localOnly,
  },
  async (t) => {
    const folder = await mkdtemp(join(tmpdir(), "pipewright-demo-test-"));
    t.after(() => rm(folder, { recursive: true, force: true }));
    await mkdir(join(folder, "temporary"));
    const child = spawn(process.execPath, [MAIN, "demo", "--once"], {
      cwd: folder,
      env: { ...process.env, ...ELSEWHERE, TMPDIR: join(folder, "temporary") },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
    assert.equal(code, 0, out + err);
    assert.match(out, /^You can start upload files at grey-pictures-input\nYou will get your result at grey-/m);
    const result = join(folder, "demo-results", "valley-grey.png");
    assert.equal(out.trimEnd().split("\n").at(-1), result);
    assert.equal((await readFile(result)).subarray(0, 8).toString("latin1"), "\x89PNG\r\n\x1a\n");
    assert.deepEqual(await readdir(folder, { recursive: true }), [
      "demo-results",
      "temporary",
      "demo-results/valley-grey.png",
    ]);
  },
);
