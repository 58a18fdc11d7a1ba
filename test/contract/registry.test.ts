/** The suite itself: no kind is left out, and the backend under the tests is what they take it for. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { after, it } from "node:test";
import { createRegistry } from "../../src/kinds/index.ts";
import { startBackend } from "../support/backend.ts";
import { probeGaps, probeLies } from "../support/lies.ts";
import { createProduct } from "../support/product.ts";

const backend = await startBackend();
after(() => backend.stop());

it("every kind of the registry has its contract", () => {
  const product = createProduct(backend);
  const kinds = [...createRegistry(product.aws).keys()];
  product.stop();
  const without = kinds.filter((kind) => !existsSync(join(import.meta.dirname, `${kind}.test.ts`)));
  assert.deepEqual(without, []);
});

it(
  "the local cloud keeps every field that another cloud was seen to drop",
  {
    skip: backend.cloud ? false : "this is another cloud",
  },
  async () => {
    assert.deepEqual(await probeLies(backend), []);
    assert.deepEqual(await probeGaps(backend), []);
  },
);

it("a backend that is not on this machine is refused", async () => {
  const elsewhere = {
    PIPEWRIGHT_TEST_BACKEND: "moto",
    PIPEWRIGHT_TEST_ENDPOINT: "https://sqs.us-east-1.amazonaws.com",
  };
  await assert.rejects(startBackend(elsewhere), /not a loopback address/);
  await assert.rejects(startBackend({ PIPEWRIGHT_TEST_BACKEND: "moto" }), /without one the SDK would reach real AWS/);
  await assert.rejects(startBackend({ PIPEWRIGHT_TEST_BACKEND: "aws" }), /known are local, moto and localstack/);
});
