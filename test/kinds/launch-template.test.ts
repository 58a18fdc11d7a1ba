import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type LaunchTemplateActual, type LaunchTemplateSpec, launchTemplate } from "../../src/kinds/launch-template.ts";
import { contentOf, type LaunchContent, readContent, requestFor } from "../../src/kinds/launch-template-content.ts";
import { adopted, eachDifferenceIsOneChange, offline, paths, tagsOf } from "./diff-table.ts";

const kind = launchTemplate(offline);
const spec: LaunchTemplateSpec = {
  imageId: "resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id",
  instanceType: "t3.micro",
  keyName: "my-key",
  instanceProfile: "ecsInstanceRole",
  securityGroupIds: ["sg-2", "sg-1"],
  userData: "#!/bin/bash\necho grün\n",
  shutdownBehavior: "terminate",
  metadata: { httpTokens: "required", httpPutResponseHopLimit: 1 },
  instanceTags: { Name: "pw-plants-grey", "pipewright:owner": "default" },
  tags: tagsOf("launch-template/pw-plants-grey"),
};
const standing: LaunchTemplateActual = { id: "lt-1", defaultVersion: 3, content: contentOf(spec), tags: spec.tags };
const saying = (change: Partial<LaunchContent>) => (actual: LaunchTemplateActual) => ({
  ...actual,
  content: { ...actual.content, ...change },
});

describe("launch templates, compared by their default version", () => {
  eachDifferenceIsOneChange(kind, spec, standing, {
    imageId: saying({ imageId: "ami-1" }),
    instanceType: saying({ instanceType: "t3.large" }),
    keyName: saying({ keyName: null }),
    instanceProfile: saying({ instanceProfile: "Admin" }),
    securityGroupIds: saying({ securityGroupIds: ["sg-1"] }),
    userData: saying({ userData: "" }),
    shutdownBehavior: saying({ shutdownBehavior: "stop" }),
    "metadata.httpTokens": saying({ metadata: { httpTokens: "optional", httpPutResponseHopLimit: 1 } }),
    "metadata.httpPutResponseHopLimit": saying({ metadata: { httpTokens: "required", httpPutResponseHopLimit: 2 } }),
    "instanceTags.Name": saying({ instanceTags: { ...spec.instanceTags, Name: "x" } }),
    "instanceTags.Name (of volumes alone)": saying({ volumeTags: { ...spec.instanceTags, Name: "x" } }),
    "instanceTags.cost": saying({ instanceTags: { ...spec.instanceTags, cost: "42" } }),
    "tags.team": (actual) => ({ ...actual, tags: { ...spec.tags, team: "red" } }),
  });

  it("read back what was asked for, in whatever order EC2 answers", () => {
    assert.deepEqual(paths(kind, spec, { ...standing, content: readContent(requestFor(contentOf(spec))) }), []);
  });

  it("take a profile's ARN for its name", () => {
    const content = readContent({
      ...requestFor(contentOf(spec)),
      IamInstanceProfile: { Arn: "arn:aws:iam::123456789012:instance-profile/ecsInstanceRole" },
    });
    assert.deepEqual(paths(kind, spec, { ...standing, content }), []);
  });

  it("keep others' instance tags once adopted", () => {
    const tags = adopted(spec.tags);
    const theirs = saying({ instanceTags: { ...spec.instanceTags, cost: "42" } })({ ...standing, tags });
    assert.deepEqual(paths(kind, { ...spec, tags }, theirs), []);
  });
});
