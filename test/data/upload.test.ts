import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdir, symlink, truncate, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { GetObjectCommand, ListMultipartUploadsCommand } from "@aws-sdk/client-s3";
import type { UploadProgress } from "../../src/data/data.ts";
import { sequence } from "../desired/samples.ts";
import { ODD_KEYS, openStage, type Stage } from "./stage.ts";

async function write(stage: Stage, name: string, content: string | Uint8Array = name): Promise<string> {
  const path = join(stage.folder, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  return path;
}

const quiet = () => {};
const MiB = 1024 * 1024;

describe("upload", () => {
  it("puts files under their own names, and folders with all that is in them under theirs", async (t) => {
    const stage = await openStage(t);
    for (const key of ODD_KEYS) await write(stage, `my photos/${key}`);
    const alone = await write(stage, "elsewhere/deep/one +%.png");
    const uploads = await stage.plants.planUpload([alone, `${join(stage.folder, "my photos")}/`]);
    await stage.plants.upload(uploads, quiet);
    const wanted = ["one +%.png", ...ODD_KEYS.map((key) => `my photos/${key}`)];
    assert.deepEqual(await stage.keys("plants-in"), wanted.sort());
    for (const key of ODD_KEYS) assert.equal(await stage.text("plants-in", `my photos/${key}`), `my photos/${key}`);
  });

  it("sends a large file in parts, byte for byte, an empty one too, and tells how far it is", async (t) => {
    const stage = await openStage(t);
    const content = randomBytes(20 * MiB + 7);
    const paths = [await write(stage, "large.bin", content), await write(stage, "empty.bin", "")];
    const progress: UploadProgress[] = [];
    await stage.plants.upload(await stage.plants.planUpload(paths), (one) => void progress.push(one));
    const large = await stage.sdk.s3.send(new GetObjectCommand({ Bucket: "plants-in", Key: "large.bin" }));
    assert.ok(content.equals(await large.Body!.transformToByteArray()));
    assert.match(large.ETag!, /-3"$/);
    assert.equal(large.ChecksumType, "COMPOSITE", "S3 has compared each part, and all of them in the end");
    assert.equal(await stage.text("plants-in", "empty.bin"), "");
    assert.deepEqual([progress.at(-1)!.files, progress.at(-1)!.bytes], [2, content.length]);
    assert.deepEqual(progress.flatMap(({ arrived }) => arrived?.key ?? []).sort(), ["empty.bin", "large.bin"]);
  });

  it("has patience with a service that fails for some seconds: of a large file, one part is sent again", async (t) => {
    const stage = await openStage(t);
    const path = await write(stage, "large.bin", Buffer.alloc(17 * MiB));
    stage.cloud.faults.add({ kind: "error", service: "s3", operation: "UploadPart", after: 2, count: 5 });
    await stage.plants.upload(await stage.plants.planUpload([path]), quiet);
    assert.deepEqual(await stage.keys("plants-in"), ["large.bin"]);
  });

  it("leaves nothing behind when a part cannot be sent, or the file shrinks meanwhile", async (t) => {
    const stage = await openStage(t);
    const path = await write(stage, "large.bin", Buffer.alloc(17 * MiB));
    const uploads = await stage.plants.planUpload([path]);
    const fault = stage.cloud.faults.add({ kind: "denied", service: "s3", operation: "UploadPart" });
    await assert.rejects(stage.plants.upload(uploads, quiet), /s3:PutObject/);
    stage.cloud.faults.clear(fault);
    await truncate(path, 9 * MiB);
    await assert.rejects(stage.plants.upload(uploads, quiet), /became shorter while it was uploaded/);
    assert.deepEqual(await stage.keys("plants-in"), []);
    const open = await stage.sdk.s3.send(new ListMultipartUploadsCommand({ Bucket: "plants-in" }));
    assert.deepEqual(open.Uploads ?? [], []);
  });

  it("puts the workflow's prefix before names, without which nothing would happen", async (t) => {
    const stage = await openStage(t, { ...sequence(), input: { ...sequence().input, prefix: "in/" } });
    const paths = [await write(stage, "a.png"), await write(stage, "in/b.png")];
    const uploads = await stage.plants.planUpload([paths[0]!, join(stage.folder, "in")]);
    assert.deepEqual(
      uploads.map(({ key }) => key),
      ["in/a.png", "in/b.png"],
    );
  });

  it("names everything that cannot be uploaded, and uploads nothing then", async (t) => {
    const stage = await openStage(t, { ...sequence(), input: { ...sequence().input, suffix: ".png" } });
    const paths = [
      await write(stage, "good.png"),
      await write(stage, "notes.txt"),
      await write(stage, "other/good.png"),
      join(stage.folder, "absent.png"),
    ];
    await assert.rejects(stage.plants.planUpload(paths), (error: Error) => {
      assert.match(error.message, /^nothing was uploaded:/);
      assert.match(
        error.message,
        /notes\.txt: would not be processed: the workflow takes only files that end in \.png/,
      );
      assert.match(error.message, /other\/good\.png: would overwrite .*good\.png: both would be called good\.png/);
      assert.match(error.message, /absent\.png: there is no such file/);
      return true;
    });
    assert.deepEqual(await stage.keys("plants-in"), []);
  });

  it("follows links to files, and goes round in no circle", async (t) => {
    const stage = await openStage(t);
    await write(stage, "photos/a.png", "A");
    await symlink("a.png", join(stage.folder, "photos/link.png"));
    await symlink(".", join(stage.folder, "photos/round"));
    const uploads = await stage.plants.planUpload([join(stage.folder, "photos")]);
    assert.deepEqual(
      uploads.map(({ key, size }) => [key, size]),
      [
        ["photos/a.png", 1],
        ["photos/link.png", 1],
      ],
    );
  });
});
