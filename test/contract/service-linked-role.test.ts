import assert from "node:assert/strict";
import { after, it } from "node:test";
import { CreateServiceLinkedRoleCommand, ListRolesCommand } from "@aws-sdk/client-iam";
import { serviceLinkedRole } from "../../src/kinds/service-linked-role.ts";
import { startBackend } from "../support/backend.ts";
import { createProduct } from "../support/product.ts";
import { look, type VerifiedCase, verifiedContract } from "./verified.ts";

const backend = await startBackend();
after(() => backend.stop());
const { iam } = backend.sdk;

const SERVICE = "ecs.amazonaws.com";
const rolesOf = async (service: string) =>
  (await iam.send(new ListRolesCommand({ PathPrefix: `/aws-service-role/${service}/` }))).Roles ?? [];

const one: VerifiedCase<object> = {
  kind: "service-linked-role",
  make: serviceLinkedRole,
  spec: {},
  claim: "use",
  async there() {
    if ((await rolesOf(SERVICE)).length === 0) {
      await iam.send(new CreateServiceLinkedRoleCommand({ AWSServiceName: SERVICE }));
    }
    // It is its service's: it stays for the next test.
    return { name: SERVICE, gone: async () => {} };
  },
  notThere: "spot.amazonaws.com",
};

verifiedContract(backend, one);

it("a service-linked role that is missing is created once, however often it is asked for", async () => {
  const { observed, steps } = await look(backend, one, one.notThere);
  assert.equal(observed.is, "absent");
  assert.deepEqual(
    steps.map((step) => step.do),
    ["create"],
  );
  for (let times = 0; times < 2; times++) {
    const product = createProduct(backend);
    await serviceLinkedRole(product.aws).create!(one.notThere, {}, product.pass());
    product.stop();
    assert.equal((await rolesOf(one.notThere)).length, 1);
    assert.deepEqual((await look(backend, one, one.notThere)).steps, []);
  }
});
