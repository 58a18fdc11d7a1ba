import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { it } from "node:test";
import { unzipSync, zipSync } from "fflate";
import { unzip } from "../../localcloud/world/functions/unzip.ts";
import { readBundles } from "../../src/bundles.ts";
import { withFile } from "../../src/io/zip.ts";

const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes!).toString();

it("a second file stands behind the first one, whose compressed bytes stay as they were", () => {
  const code = "export const handler = () => 1;\n".repeat(500);
  const one = zipSync({ "index.mjs": Buffer.from(code) });
  const both = withFile(one, "settings.json", '{"name":"Grün"}');
  const files = unzipSync(both);
  assert.deepEqual(Object.keys(files), ["index.mjs", "settings.json"]);
  assert.deepEqual([text(files["index.mjs"]), text(files["settings.json"])], [code, '{"name":"Grün"}']);
  assert.deepEqual(
    [...unzip(both)].map(([path]) => path),
    ["index.mjs", "settings.json"],
  );
  const compressedBytes = one.length - 22 - (46 + "index.mjs".length);
  assert.ok(Buffer.from(both).subarray(0, compressedBytes).equals(Buffer.from(one).subarray(0, compressedBytes)));
});

it("a function's zip is found by its hash, has its settings inside, and is another one for other settings", () => {
  const { functions, zips } = readBundles(join(import.meta.dirname, "../../src"));
  const grey = functions.enqueue({ queueUrl: "https://q/grey", scaler: "pw-scaler-lab" });
  const zip = zips.get(grey)!;
  assert.equal(createHash("sha256").update(zip).digest("base64"), grey);
  assert.deepEqual(JSON.parse(text(unzipSync(zip)["settings.json"])), {
    queueUrl: "https://q/grey",
    scaler: "pw-scaler-lab",
  });
  assert.equal(functions.enqueue({ queueUrl: "https://q/grey", scaler: "pw-scaler-lab" }), grey);
  assert.notEqual(functions.enqueue({ queueUrl: "https://q/red", scaler: "pw-scaler-lab" }), grey);
  assert.equal(zips.get("of nothing that was asked for"), undefined);
});
