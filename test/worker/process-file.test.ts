import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { PutBucketVersioningCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { unzipSync } from "fflate";
import { openStage, type Stage, sh } from "./stage.ts";

describe("a file", () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await openStage();
  });
  afterEach(() => stage.stop());

  const onlyResult = async () => {
    const results = await stage.results();
    assert.equal(results.length, 1);
    return results[0]!;
  };

  it("comes back processed, and its result says where it is from", async () => {
    const message = (await stage.upload("2026/may/photo.txt", "green")) as { eTag: string };
    const imageDigest = `sha256:${"0a".repeat(32)}`;
    assert.deepEqual(await stage.work({}, { imageDigest }), { is: "done" });

    const { key, body, metadata } = await onlyResult();
    assert.equal(key, "2026/may/Result-grey-photo.txt");
    assert.equal(body.toString(), "GREEN");
    const { seconds, ...rest } = metadata;
    assert.deepEqual(rest, {
      "source-key": Buffer.from("2026/may/photo.txt").toString("base64url"),
      "source-etag": message.eTag,
      workflow: "plants",
      algorithm: "grey",
      "image-digest": imageDigest,
      attempt: "1",
    });
    assert.match(seconds!, /^\d+\.\d{3}$/);
    assert.deepEqual(await stage.waiting(), [0, 0, 0]);
    assert.deepEqual([readdirSync(stage.settings.inputPath), readdirSync(stage.settings.outputPath)], [[], []]);
  });

  const keys = [
    "a b/c  d.txt",
    "a+b%2Fc%.txt",
    `it's "quoted"; rm -rf $HOME \`x\` $output.txt`,
    "пример/名前 ü.txt",
    "line\nbreak\ttab.txt",
    "-rf",
    "dir/..",
    ".",
    "/leading",
    `${"ä".repeat(510)}.txt`,
    `folder/${"x".repeat(1017)}`,
  ];
  it("keeps its name, whatever it is", async () => {
    for (const key of keys) {
      await stage.upload(key, `content of ${key}`);
      assert.deepEqual(await stage.work(), { is: "done" }, key);
    }
    const results = (await stage.results()).map(({ body, metadata }) => [
      Buffer.from(metadata["source-key"]!, "base64url").toString(),
      body.toString(),
    ]);
    const capitals = (text: string) => text.replace(/[a-z]/g, (letter) => letter.toUpperCase());
    assert.deepEqual(
      Object.fromEntries(results),
      Object.fromEntries(keys.map((key) => [key, capitals(`content of ${key}`)])),
    );
  });

  it("that is empty has a result, too", async () => {
    await stage.upload("empty", "");
    assert.deepEqual(await stage.work(), { is: "done" });
    assert.equal((await onlyResult()).body.length, 0);
  });

  it("larger than a part travels in parts, byte for byte", async () => {
    const body = Buffer.alloc(17 * 1024 * 1024, "0123456789abcdef\n");
    await stage.upload("large.bin", body);
    assert.deepEqual(await stage.work({ command: sh('cp "$1" "$2"') }), { is: "done" });
    const result = await onlyResult();
    assert.ok(result.body.equals(body));
    assert.equal(result.metadata.attempt, "1");
    assert.equal(stage.cloud.calls.count({ operation: "UploadPart" }), 3);
    assert.equal(result.checksumType, "COMPOSITE", "S3 has compared each part, and all of them in the end");
  });

  it("processed twice is written once", async () => {
    const message = await stage.upload("photo.txt", "green");
    await stage.send(message);
    assert.deepEqual(await stage.work(), { is: "done" });
    assert.deepEqual(await stage.work({ command: sh("exit 65") }), { is: "done" });
    assert.deepEqual(await stage.writes(), { "Result-grey-photo.txt": 1 });
  });

  it("taken by two workers at once is written once", async () => {
    const message = await stage.upload("photo.txt", "green");
    await stage.send(message);
    const slowly = sh('sleep 0.2; tr a-z A-Z < "$1" > "$2"');
    const endings = await Promise.all([stage.work({ command: slowly }), stage.work({ command: slowly })]);
    assert.deepEqual(endings, [{ is: "done" }, { is: "done" }]);
    assert.deepEqual(await stage.writes(), { "Result-grey-photo.txt": 1 });
  });

  it("replaced after its message was sent is processed as it is now, and the other message finds it done", async () => {
    await stage.upload("photo.txt", "old");
    await stage.upload("photo.txt", "new");
    assert.deepEqual(await stage.work(), { is: "done" });
    assert.equal((await onlyResult()).body.toString(), "NEW");
    assert.deepEqual(await stage.work(), { is: "done" });
    assert.deepEqual(await stage.writes(), { "Result-grey-photo.txt": 1 });
  });

  it("replaced after it was processed is processed again", async () => {
    await stage.upload("photo.txt", "old");
    await stage.work();
    await stage.upload("photo.txt", "new");
    assert.deepEqual(await stage.work(), { is: "done" });
    assert.equal((await onlyResult()).body.toString(), "NEW");
  });

  it("replaced while a slow worker has the old content keeps the result of the new one", async () => {
    const marker = join(stage.folder, "go");
    await stage.upload("photo.txt", "old");
    const slow = stage.work({
      command: sh(`tr a-z A-Z < "$1" > "$2"; echo ready >&2; while [ ! -e ${marker} ]; do sleep 0.01; done`),
    });
    while (!stage.log.some(({ message }) => message === "ready")) await new Promise((resolve) => setImmediate(resolve));
    await stage.upload("photo.txt", "new");
    assert.deepEqual(await stage.work(), { is: "done" });
    writeFileSync(marker, "");
    assert.deepEqual(await slow, { is: "done" });
    assert.equal((await onlyResult()).body.toString(), "NEW");
    assert.deepEqual(await stage.writes(), { "Result-grey-photo.txt": 1 });
  });

  it("whose version an older message names does not overwrite the result of the newer version", async () => {
    const { inputBucket: Bucket } = stage.settings;
    const VersioningConfiguration = { Status: "Enabled" } as const;
    await stage.sdk.s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
    const put = async (Body: string) => {
      const { ETag, VersionId } = await stage.sdk.s3.send(new PutObjectCommand({ Bucket, Key: "photo.txt", Body }));
      return { bucket: Bucket, key: "photo.txt", eTag: ETag!.replaceAll('"', ""), versionId: VersionId, attempt: 1 };
    };
    const [older, newer] = [await put("old"), await put("new")];
    await stage.send(newer);
    await stage.work();
    await stage.send(older);
    assert.deepEqual(await stage.work(), { is: "done" });
    const { body, metadata } = await onlyResult();
    assert.equal(body.toString(), "NEW");
    assert.equal(metadata["source-version"], newer.versionId);
  });

  it("without an ETag in its message is processed as it is, and once", async () => {
    const { eTag: _, ...message } = (await stage.upload("photo.txt", "green")) as { eTag: string };
    await stage.work();
    await stage.send(message);
    assert.deepEqual(await stage.work({ command: sh("exit 65") }), { is: "done" });
    assert.deepEqual(await stage.writes(), { "Result-grey-photo.txt": 1 });
  });

  it("of another algorithm's making does not count as done", async () => {
    const message = await stage.upload("photo.txt", "green");
    await stage.work({ outputKey: "{file}" });
    await stage.send(message);
    await stage.work({ outputKey: "{file}", algorithm: "lower", command: sh('cp "$1" "$2"') });
    assert.equal((await onlyResult()).body.toString(), "green");
  });

  it("gets through when S3 and SQS throttle, fail and break connections", async () => {
    for (let index = 0; index < 6; index += 1) await stage.upload(`file ${index}`, `text ${index}`);
    for (const kind of ["throttle", "error", "drop"] as const) stage.cloud.faults.add({ kind, probability: 0.05 });
    for (let round = 0; round < 14; round += 1) {
      await stage.work().catch(() => undefined);
      stage.pass(301);
    }
    stage.cloud.faults.clear();
    while (await stage.work()) stage.pass(301);
    const bodies = (await stage.results()).map(({ body }) => body.toString()).sort();
    assert.deepEqual(bodies, Array.from({ length: 6 }, (_, index) => `TEXT ${index}`).sort());
    assert.deepEqual(new Set(Object.values(await stage.writes())), new Set([1]));
    assert.deepEqual(await stage.deadLetters(), []);
  });

  describe("with a folder as its result", () => {
    const files = async () => {
      const { key, body } = await onlyResult();
      const contents = Object.entries(unzipSync(body)).map(([path, bytes]) => [path, Buffer.from(bytes).toString()]);
      return { key, contents: Object.fromEntries(contents) };
    };

    it("comes back as one zip, and is not made twice", async () => {
      const message = await stage.upload("photo.txt", "green");
      const command = sh('mkdir -p "$2/deep/er"; cp "$1" "$2/deep/ü.txt"; echo two > "$2/two"; ln -s two "$2/link"');
      assert.deepEqual(await stage.work({ command }), { is: "done" });
      assert.deepEqual(await files(), {
        key: "Result-grey-photo.txt.zip",
        contents: { "deep/": "", "deep/er/": "", "deep/ü.txt": "green", two: "two\n", link: "two\n" },
      });
      await stage.send(message);
      assert.deepEqual(await stage.work({ command: sh("exit 65") }), { is: "done" });
      assert.deepEqual(await stage.writes(), { "Result-grey-photo.txt.zip": 1 });
    });

    it("takes what lies beside the named output along", async () => {
      await stage.upload("photo.txt", "green");
      await stage.work({ command: sh('cp "$1" "$2"; echo more > "$2.log"') });
      assert.deepEqual((await files()).contents, {
        "Result-grey-photo.txt": "green",
        "Result-grey-photo.txt.log": "more\n",
      });
    });

    it("is refused when a part of it cannot be packed", async () => {
      await stage.upload("photo.txt", "green");
      const ending = await stage.work({ command: sh('mkdir "$2"; ln -s /nowhere "$2/link"') });
      assert.ok(ending?.is === "retry" && /link, which is neither/.test(ending.detail));
    });
  });

  it("keeps its name in an ending that the command adds", async () => {
    await stage.upload("photo.txt", "green");
    await stage.work({ command: ["/bin/sh", "-c", 'cp "$1" "$2"', "sh", "$input", "$output.png"] });
    const { key, body } = await onlyResult();
    assert.deepEqual([key, body.toString()], ["Result-grey-photo.txt", "green"]);
  });

  it("carries the name that the result's template gives it, for programs that go by a name's ending", async () => {
    await stage.upload("photo.tif", "green");
    await stage.work({ outputKey: "{stem}.jpg", command: sh('basename "$2" > "$2"') });
    const { key, body } = await onlyResult();
    assert.deepEqual([key, body.toString()], ["photo.jpg", "photo.jpg\n"]);
  });
});

describe("an algorithm with paths of its own", () => {
  let stage: Stage;
  const fixed = (script: string) => [
    "/bin/sh",
    "-c",
    script,
    "sh",
    stage.settings.inputPath,
    stage.settings.outputPath,
  ];
  beforeEach(async () => {
    stage = await openStage();
    // What the image holds in these folders is neither input nor result.
    mkdirSync(join(stage.settings.outputPath, "templates"));
    writeFileSync(join(stage.settings.outputPath, "templates", "page"), "template");
    writeFileSync(join(stage.settings.inputPath, "README"), "put files here");
  });
  afterEach(() => stage.stop());

  it("finds each file under its own name, and leaves one file or a folder, one after the other", async () => {
    const command = fixed('for f in "$1"/*.txt; do tr a-z A-Z < "$f" > "$2/$(basename "$f")"; done');
    await stage.upload("a.txt", "one");
    await stage.upload("b c.txt", "two");
    await stage.work({ command });
    await stage.work({ command });
    const results = (await stage.results()).map(({ key, body }) => [key, body.toString()]);
    assert.deepEqual(results, [
      ["Result-grey-a.txt", "ONE"],
      ["Result-grey-b c.txt", "TWO"],
    ]);
    assert.deepEqual(readdirSync(stage.settings.inputPath), ["README"]);
    assert.deepEqual(readdirSync(stage.settings.outputPath, { recursive: true }), ["templates", "templates/page"]);
  });

  it("has all that is new or changed in its folder zipped", async () => {
    await stage.upload("a.txt", "one");
    const command = fixed('mkdir "$2/sub"; cp "$1/a.txt" "$2/sub/"; echo changed > "$2/templates/page"');
    await stage.work({ command });
    const [result] = await stage.results();
    assert.equal(result?.key, "Result-grey-a.txt.zip");
    assert.deepEqual(Object.keys(unzipSync(result.body)).sort(), ["sub/", "sub/a.txt", "templates/page"]);
  });

  it("never has a file of its image overwritten by an upload of that name", async () => {
    await stage.upload("README", "mine");
    const ending = await stage.work({ command: fixed("exit 0") });
    assert.ok(ending?.is === "fail" && /the image itself holds .*README/.test(ending.detail));
    assert.equal(readFileSync(join(stage.settings.inputPath, "README"), "utf8"), "put files here");
  });

  it("that leaves nothing has failed", async () => {
    await stage.upload("a.txt", "one");
    assert.equal((await stage.work({ command: fixed("exit 0") }))?.is, "retry");
  });
});

describe("what an algorithm gets to see", () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await openStage();
  });
  afterEach(() => stage.stop());

  it("is the image's environment and its own variables, and nothing of the task's", async () => {
    await stage.upload("a", "x");
    const environment = {
      PATH: "/usr/bin:/bin",
      JAVA_HOME: "/opt/java",
      AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "/secret",
      AWS_REGION: "us-east-1",
      ECS_CONTAINER_METADATA_URI_V4: "http://127.0.0.1/",
      PIPEWRIGHT_QUEUE_URL: "http://127.0.0.1/",
    };
    await stage.work({ command: sh('env > "$2"'), variables: { TEST_ENV: "blah blah", HOME: "/h" } }, { environment });
    const [result] = await stage.results();
    const seen = result!.body
      .toString()
      .trim()
      .split("\n")
      .filter((line) => !/^(_|PWD|SHLVL|OLDPWD|TMPDIR)=/.test(line));
    assert.deepEqual(seen.sort(), [
      "HOME=/h",
      "JAVA_HOME=/opt/java",
      "LANG=C.UTF-8",
      "PATH=/usr/bin:/bin",
      "TEST_ENV=blah blah",
    ]);
  });

  it("is a folder for temporary files, which is gone afterwards, unless the image has its own", async () => {
    const command = sh('touch "$TMPDIR/left"; echo "$TMPDIR" > "$2"');
    await stage.upload("a", "x");
    assert.deepEqual(await stage.work({ command }), { is: "done" });
    const [own] = await stage.results();
    assert.match(own!.body.toString(), /pipewright-/);
    assert.equal(existsSync(own!.body.toString().trim()), false);
    await stage.upload("b", "x");
    await stage.work({ command: sh('echo "$TMPDIR" > "$2"') }, { environment: { TMPDIR: "/opt/temporary" } });
    const bodies = (await stage.results()).map(({ body }) => body.toString());
    assert.ok(bodies.includes("/opt/temporary\n"));
  });

  it("is never a folder for temporary files within its declared output: that would be a result", async () => {
    await stage.upload("a", "x");
    const parent = process.env.TMPDIR;
    process.env.TMPDIR = stage.settings.outputPath;
    try {
      await stage.work({
        command: ["/bin/sh", "-c", `echo "\${TMPDIR:-none}" > "$1/result"`, "sh", stage.settings.outputPath],
      });
    } finally {
      if (parent === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = parent;
    }
    assert.equal((await stage.results())[0]!.body.toString(), "none\n");
  });

  it("is no standard input", async () => {
    await stage.upload("a", "x");
    assert.deepEqual(await stage.work({ command: sh('cat > "$2"') }), { is: "done" });
  });

  it("comes back as log lines with the file's name", async () => {
    const key = 'a "b" ü.txt';
    await stage.upload(key, "x");
    await stage.work({ command: sh('echo one; echo two >&2; printf "no end"; cp "$1" "$2"') });
    const lines = stage.log.filter(({ stream }) => stream).map(({ file, stream, message }) => [file, stream, message]);
    assert.deepEqual(lines.sort(), [
      [key, "stderr", "two"],
      [key, "stdout", "no end"],
      [key, "stdout", "one"],
    ]);
    assert.ok(stage.log.every(({ file }) => file === key));
  });
});
