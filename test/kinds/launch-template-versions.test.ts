import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import {
  CreateLaunchTemplateVersionCommand,
  DescribeLaunchTemplateVersionsCommand,
  ModifyLaunchTemplateCommand,
} from "@aws-sdk/client-ec2";
import { Failure, LeftBehind } from "../../src/core/failure.ts";
import { type LaunchTemplateSpec, launchTemplate } from "../../src/kinds/launch-template.ts";
import { type InCloud, startInCloud } from "./in-cloud.ts";

let place: InCloud;
before(async () => {
  place = await startInCloud();
});
after(() => place.stop());

const specOf = (name: string, changed: Partial<LaunchTemplateSpec> = {}): LaunchTemplateSpec => ({
  imageId: "resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id",
  instanceType: "t3.micro",
  keyName: null,
  instanceProfile: "ecsInstanceRole",
  securityGroupIds: ["sg-12345678"],
  userData: "#!/bin/bash\n",
  shutdownBehavior: "terminate",
  metadata: { httpTokens: "required", httpPutResponseHopLimit: 1 },
  instanceTags: { Name: name },
  tags: place.tags(`launch-template/${name}`),
  ...changed,
});
const versionsOf = async (LaunchTemplateName: string) => {
  const command = new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateName });
  const { LaunchTemplateVersions = [] } = await place.aws.clients.ec2.send(command);
  return LaunchTemplateVersions;
};
/** Makes another version the default, as a person at the console would. */
const tamper = async (LaunchTemplateName: string, InstanceType: "t3.large") => {
  const { ec2 } = place.aws.clients;
  const command = new CreateLaunchTemplateVersionCommand({ LaunchTemplateName, LaunchTemplateData: { InstanceType } });
  const { LaunchTemplateVersion } = await ec2.send(command);
  const DefaultVersion = String(LaunchTemplateVersion?.VersionNumber);
  await ec2.send(new ModifyLaunchTemplateCommand({ LaunchTemplateName, DefaultVersion }));
};

it("a version that says what we want already becomes the default again, and no other is made", async () => {
  const kind = launchTemplate(place.aws);
  const name = "pw-plants-grey";
  await place.converge(kind, name, specOf(name));
  await tamper(name, "t3.large");
  assert.deepEqual(await place.converge(kind, name, specOf(name)), ["ModifyLaunchTemplate"]);
  const versions = await versionsOf(name);
  assert.equal(versions.length, 2);
  assert.equal(versions.find((one) => one.DefaultVersion)?.VersionNumber, 1);
});

it("each change makes a new default version, of which the last five stay", async () => {
  const kind = launchTemplate(place.aws);
  const name = "pw-plants-blue";
  for (let hop = 0; hop < 8; hop++) {
    await place.converge(kind, name, specOf(name, { userData: `#!/bin/bash\necho ${hop}\n` }));
  }
  const versions = await versionsOf(name);
  assert.deepEqual(versions.map((one) => one.VersionNumber).sort(), [4, 5, 6, 7, 8]);
  assert.equal(versions.find((one) => one.DefaultVersion)?.VersionNumber, 8);
});

it("a field that nobody asked to change keeps its value in the new version", async () => {
  const kind = launchTemplate(place.aws);
  const name = "pw-plants-red";
  await place.converge(kind, name, specOf(name, { instanceType: "t3.large" }));
  const seen = await place.read(kind, name);
  assert.ok(seen.is === "owned");
  const spec = specOf(name, { userData: "#!/bin/bash\necho\n" });
  // The person wants the instance type ignored.
  const changes = kind.diff(spec, seen.actual).filter((one) => one.path !== "instanceType");
  await kind.update!(name, spec, seen.actual, changes, place.pass);
  const data = (await versionsOf(name)).find((one) => one.DefaultVersion)?.LaunchTemplateData;
  assert.equal(data?.InstanceType, "t3.large");
  assert.equal(Buffer.from(data?.UserData ?? "", "base64").toString(), spec.userData);
});

it("a change stands also where old versions may not be deleted, and says what would allow it", async () => {
  const kind = launchTemplate(place.aws);
  const name = "pw-plants-green";
  for (let hop = 0; hop < 5; hop++) await place.converge(kind, name, specOf(name, { userData: `${hop}` }));
  const seen = await place.read(kind, name);
  assert.ok(seen.is === "owned");
  const spec = specOf(name, { userData: "5" });
  place.cloud.faults.add({ kind: "denied", operation: "DeleteLaunchTemplateVersions" });
  try {
    await assert.rejects(kind.update!(name, spec, seen.actual, kind.diff(spec, seen.actual), place.pass), (error) => {
      assert.ok(error instanceof LeftBehind && error.cause instanceof Failure);
      assert.equal(error.cause.class, "denied");
      assert.match(error.message, /^old versions of pw-plants-green stay: ec2:DeleteLaunchTemplateVersions/);
      return true;
    });
  } finally {
    place.cloud.faults.clear();
  }
  assert.deepEqual(await place.converge(kind, name, spec), []);
});
