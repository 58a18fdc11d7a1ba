import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { Failure } from "../../src/core/failure.ts";
import { ownerTags } from "../../src/core/owner.ts";
import { instance } from "../../src/kinds/instance.ts";
import { startBackend } from "../support/backend.ts";
import { createProduct, OWNER } from "../support/product.ts";
import { launch, terminate } from "./instances.ts";

const backend = await startBackend();
const product = createProduct(backend);
const kind = instance(product.aws);
const pass = product.pass();
after(async () => {
  product.stop();
  await backend.stop();
});

const ours = ownerTags("launch-template/pw-contract", {
  owner: OWNER,
  workflow: "contract",
  onDelete: "delete",
  userTags: {},
});

async function listed(): Promise<string[]> {
  const names: string[] = [];
  for await (const row of kind.list(pass)) {
    assert.equal(row.runtime, true);
    names.push(row.name);
  }
  return names;
}

describe(`an instance on ${backend.name}`, () => {
  it("of ours is listed and ended, and ending it again is no error", async () => {
    const id = await launch(backend, ours);
    assert.equal((await kind.read(id, pass)).is, "owned");
    assert.ok((await listed()).includes(id));

    for (let times = 0; times < 2; times++) {
      await kind.delete!(id, { tags: ours }, pass);
      assert.equal((await kind.read(id, pass)).is, "absent");
      assert.ok(!(await listed()).includes(id));
    }
  });

  it("of someone else's is foreign and not listed", async () => {
    const id = await launch(backend, { colour: "green" });
    assert.equal((await kind.read(id, pass)).is, "foreign");
    assert.ok(!(await listed()).includes(id));
    await terminate(backend, id);
  });

  it("that nobody knows is absent, and ending it is no error", async () => {
    const id = "i-0123456789abcdef0";
    assert.equal((await kind.read(id, pass)).is, "absent");
    await kind.delete!(id, { tags: {} }, pass);
  });

  it("is only made and changed by the running pipeline", () => {
    assert.equal(kind.create, undefined);
    assert.equal(kind.update, undefined);
  });

  it(
    "says who may not do what where ending it is denied",
    {
      skip: backend.cloud ? false : "only the local cloud denies on demand",
    },
    async () => {
      const id = await launch(backend, ours);
      const fault = backend.cloud!.faults.add({ kind: "denied", operation: "TerminateInstances" });
      await assert.rejects(
        kind.delete!(id, { tags: ours }, pass),
        (error) =>
          error instanceof Failure && error.action === "ec2:TerminateInstances" && !!error.resource?.includes(id),
      );
      backend.cloud!.faults.clear(fault);
      assert.equal((await kind.read(id, pass)).is, "owned");
      await terminate(backend, id);
    },
  );
});
