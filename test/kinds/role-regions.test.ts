import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { ListRoleTagsCommand, TagRoleCommand } from "@aws-sdk/client-iam";
import { tagsOf } from "../../src/aws/tags.ts";
import { Kept } from "../../src/core/failure.ts";
import { policy } from "../../src/core/policy.ts";
import type { Pass } from "../../src/core/resource.ts";
import { instanceProfile } from "../../src/kinds/instance-profile.ts";
import { role } from "../../src/kinds/role.ts";
import { type InCloud, startInCloud } from "./in-cloud.ts";

let place: InCloud;
before(async () => {
  place = await startInCloud();
});
after(() => place.stop());

const trust = policy({ Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" });
const ATTACHED = "arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role";
const shared = (key: `${string}/${string}`) => ({ ...place.tags(key), "pipewright:region:us-east-1": "true" });
const inRegion = (region: string): Pass => ({ ...place.pass, account: { ...place.pass.account, region } });

it("a role that two regions use stays until the last of them leaves, and its profile with it", async () => {
  const roles = role(place.aws);
  const profiles = instanceProfile(place.aws);
  const name = "ecsInstanceRole";
  const attached = [ATTACHED];
  await place.converge(roles, name, { path: "/", trust, inline: {}, attached, tags: shared(`role/${name}`) });
  await place.converge(profiles, name, { path: "/", role: name, tags: shared(`instance-profile/${name}`) });
  const there = inRegion("eu-west-1");
  for (const [kind, spec] of [
    [roles, { path: "/", trust, inline: {}, attached, tags: { "pipewright:region:eu-west-1": "true" } }],
    [profiles, { path: "/", role: name, tags: { "pipewright:region:eu-west-1": "true" } }],
  ] as const) {
    const seen = await kind.read(name, there);
    assert.ok(seen.is === "owned");
    await kind.update!(
      name,
      spec as never,
      seen.actual as never,
      kind.diff(spec as never, seen.actual as never),
      there,
    );
  }

  for (const kind of [profiles, roles]) {
    const { actual } = (await place.read(kind as never, name)) as { actual: never };
    await assert.rejects(kind.delete!(name, actual, place.pass), (error: Error) => {
      assert.ok(error instanceof Kept);
      return error.message === "used in eu-west-1";
    });
    assert.deepEqual(await place.rows(kind as never), [], `${kind.kind} is no longer this region's`);
  }

  for (const kind of [profiles, roles]) {
    const { actual } = (await place.read(kind as never, name)) as { actual: never };
    await kind.delete!(name, actual, there);
    assert.equal((await place.read(kind as never, name)).is, "absent");
  }
});

it("roles of other regions are not listed, neither by their tags nor by their names", async () => {
  const roles = role(place.aws);
  const spec = (name: string, extra = {}) => ({
    path: "/",
    trust,
    inline: {},
    attached: [],
    tags: { ...place.tags(`role/${name}`), ...extra },
  });
  for (const name of [
    "pw-task-us-east-1-plants",
    "pw-task-eu-west-1-plants-us-east-1",
    "pipewright-execution-eu-west-1",
  ]) {
    await place.converge(roles, name, spec(name));
  }
  await place.converge(roles, "lambda_exec_role", spec("lambda_exec_role", { "pipewright:region:eu-west-1": "true" }));
  assert.deepEqual(
    (await place.rows(roles)).map((row) => row.name),
    ["pw-task-us-east-1-plants"],
  );
});

it("a role written by us is not judged by a listing from before", async () => {
  const roles = role(place.aws);
  const name = "pw-task-us-east-1-roots";
  const spec = { path: "/", trust, inline: {}, attached: [], tags: place.tags(`role/${name}`) };
  const cached = { ...place.pass, fresh: false };
  assert.equal((await roles.read(name, cached)).is, "absent");
  await roles.create!(name, spec, place.pass);
  assert.equal((await roles.read(name, cached)).is, "owned");
  const { iam } = place.aws.clients;
  await iam.send(new TagRoleCommand({ RoleName: name, Tags: [{ Key: "theirs", Value: "1" }] }));
  await place.converge(roles, name, spec);
  const tags = tagsOf((await iam.send(new ListRoleTagsCommand({ RoleName: name }))).Tags);
  assert.equal(tags.theirs, "1");
});
