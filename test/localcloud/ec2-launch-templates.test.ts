import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type * as api from "@aws-sdk/client-ec2";
import { createEc2 } from "../../localcloud/services/ec2.ts";
import { invoke, refused, stubWorld } from "./stub-world.ts";

function cloud() {
  const world = stubWorld([createEc2]);
  const run = <Output>(operation: string, input: object = {}) => invoke<Output>(world.service("ec2"), operation, input);
  const create = (
    LaunchTemplateName: string,
    LaunchTemplateData: object = { InstanceType: "m5.large" },
    more: object = {},
  ) =>
    run<api.CreateLaunchTemplateResult>("CreateLaunchTemplate", { LaunchTemplateName, LaunchTemplateData, ...more })
      .LaunchTemplate!;
  const addVersion = (LaunchTemplateName: string, LaunchTemplateData: object, more: object = {}) =>
    run<api.CreateLaunchTemplateVersionResult>("CreateLaunchTemplateVersion", {
      LaunchTemplateName,
      LaunchTemplateData,
      ...more,
    }).LaunchTemplateVersion!;
  const versions = (input: object) =>
    run<api.DescribeLaunchTemplateVersionsResult>("DescribeLaunchTemplateVersions", input).LaunchTemplateVersions!;
  const describeTemplates = (input: object = {}) =>
    run<api.DescribeLaunchTemplatesResult>("DescribeLaunchTemplates", input);
  return { run, create, addVersion, versions, describeTemplates };
}

describe("EC2 launch templates", () => {
  it("are born with version 1, which is latest and default, and with their tags", () => {
    const { create, describeTemplates, versions } = cloud();
    const Tags = [{ Key: "pipewright:owner", Value: "me" }];
    const UserData = Buffer.from("#!/bin/sh").toString("base64");
    const TagSpecifications = [{ ResourceType: "launch-template", Tags }];
    const made = create("pw-grey", { InstanceType: "m5.large", UserData }, { TagSpecifications });
    assert.deepEqual(describeTemplates({ LaunchTemplateNames: ["pw-grey"] }).LaunchTemplates, [made]);
    assert.deepEqual([made.LatestVersionNumber, made.DefaultVersionNumber, made.Tags], [1, 1, Tags]);
    const [version] = versions({ LaunchTemplateId: made.LaunchTemplateId });
    assert.deepEqual(version!.LaunchTemplateData, { InstanceType: "m5.large", UserData });
    assert.equal(version!.DefaultVersion, true);
  });

  it("refuse names that are taken or malformed, no data, and user data that is not base64", () => {
    const { create, run } = cloud();
    create("pw-grey");
    refused("InvalidLaunchTemplateName.AlreadyExistsException", () => create("pw-grey"));
    refused("InvalidLaunchTemplateName.MalformedException", () => create("pw grey"));
    refused("MissingParameter", () => run("CreateLaunchTemplate", { LaunchTemplateName: "pw-other" }));
    refused("InvalidUserData.Malformed", () => create("pw-other", { UserData: "#!/bin/sh" }));
  });

  it("are made once for a client token, and their versions too", () => {
    const { create, addVersion, run, describeTemplates } = cloud();
    const ClientToken = "once";
    const made = create("pw-grey", { InstanceType: "m5.large" }, { ClientToken });
    assert.deepEqual(create("pw-grey", { InstanceType: "m5.large" }, { ClientToken }), made);
    refused("IdempotentParameterMismatch", () => create("pw-grey", { InstanceType: "c5.large" }, { ClientToken }));
    for (const _ of [1, 2]) {
      assert.equal(addVersion("pw-grey", { InstanceType: "c5.large" }, { ClientToken }).VersionNumber, 2);
    }
    refused("IdempotentParameterMismatch", () => addVersion("pw-grey", { InstanceType: "r5.large" }, { ClientToken }));
    assert.equal(describeTemplates().LaunchTemplates![0]!.LatestVersionNumber, 2);
    run("DeleteLaunchTemplate", { LaunchTemplateName: "pw-grey" });
    assert.notEqual(create("pw-grey", undefined, { ClientToken }).LaunchTemplateId, made.LaunchTemplateId);
  });

  it("get new versions without moving the default, which only ModifyLaunchTemplate moves", () => {
    const { create, addVersion, run, describeTemplates, versions } = cloud();
    create("pw-grey", { InstanceType: "m5.large", ImageId: "ami-1" });
    assert.equal(addVersion("pw-grey", { InstanceType: "c5.large" }).VersionNumber, 2);
    const template = () => describeTemplates({ LaunchTemplateNames: ["pw-grey"] }).LaunchTemplates![0]!;
    assert.deepEqual([template().LatestVersionNumber, template().DefaultVersionNumber], [2, 1]);
    // Without a source version, what is not said is not there.
    assert.deepEqual(versions({ LaunchTemplateName: "pw-grey", Versions: ["$Latest"] })[0]!.LaunchTemplateData, {
      InstanceType: "c5.large",
    });
    assert.deepEqual(addVersion("pw-grey", { InstanceType: "c5.xlarge" }, { SourceVersion: "1" }).LaunchTemplateData, {
      InstanceType: "c5.xlarge",
      ImageId: "ami-1",
    });
    run("ModifyLaunchTemplate", { LaunchTemplateName: "pw-grey", DefaultVersion: "2" });
    assert.deepEqual([template().LatestVersionNumber, template().DefaultVersionNumber], [3, 2]);
    refused("InvalidLaunchTemplateId.VersionNotFound", () =>
      run("ModifyLaunchTemplate", { LaunchTemplateName: "pw-grey", DefaultVersion: "9" }),
    );
  });

  it("answer $Latest and $Default of all templates where none is named", () => {
    const { create, addVersion, versions } = cloud();
    create("pw-a");
    create("pw-b");
    addVersion("pw-b", { InstanceType: "c5.large" });
    const found = versions({ Versions: ["$Latest", "$Default"] });
    assert.deepEqual(
      found.map(({ LaunchTemplateName, VersionNumber }) => [LaunchTemplateName, VersionNumber]),
      [
        ["pw-a", 1],
        ["pw-b", 2],
        ["pw-b", 1],
      ],
    );
    refused("InvalidParameterCombination", () => versions({ Versions: ["1"] }));
    refused("MissingParameter", () => versions({}));
  });

  it("that are not there are an error by id and by name, and nothing by filter", () => {
    const { run, describeTemplates, versions } = cloud();
    refused("InvalidLaunchTemplateName.NotFoundException", () => describeTemplates({ LaunchTemplateNames: ["pw"] }));
    refused("InvalidLaunchTemplateId.NotFound", () =>
      describeTemplates({ LaunchTemplateIds: ["lt-00000000000000000"] }),
    );
    refused("InvalidLaunchTemplateId.Malformed", () => describeTemplates({ LaunchTemplateIds: ["pw"] }));
    refused("InvalidLaunchTemplateName.NotFoundException", () => versions({ LaunchTemplateName: "pw" }));
    refused("InvalidLaunchTemplateId.NotFound", () =>
      run("DeleteLaunchTemplate", { LaunchTemplateId: "lt-00000000000000000" }),
    );
    const filter = { Filters: [{ Name: "launch-template-name", Values: ["pw"] }] };
    assert.deepEqual(describeTemplates(filter).LaunchTemplates, []);
  });

  it("come in pages", () => {
    const { create, describeTemplates } = cloud();
    const names = Array.from({ length: 5 }, (_, index) => `pw-${index}`);
    for (const name of names) create(name);
    const seen: (string | undefined)[] = [];
    let NextToken: string | undefined;
    let pages = 0;
    do {
      const page = describeTemplates({ MaxResults: 2, NextToken });
      seen.push(...page.LaunchTemplates!.map(({ LaunchTemplateName }) => LaunchTemplateName));
      NextToken = page.NextToken;
      pages++;
    } while (NextToken !== undefined);
    assert.deepEqual([pages, seen.sort()], [3, names]);
    refused("InvalidParameterValue", () => describeTemplates({ MaxResults: 201 }));
    refused("InvalidNextToken", () => describeTemplates({ NextToken: "nonsense" }));
  });

  it("lose versions, but never the default one", () => {
    const { create, addVersion, run, versions } = cloud();
    create("pw-grey");
    addVersion("pw-grey", { InstanceType: "c5.large" });
    const answer = run<api.DeleteLaunchTemplateVersionsResult>("DeleteLaunchTemplateVersions", {
      LaunchTemplateName: "pw-grey",
      Versions: ["1", "2", "7"],
    });
    assert.deepEqual(
      answer.SuccessfullyDeletedLaunchTemplateVersions!.map(({ VersionNumber }) => VersionNumber),
      [2],
    );
    assert.deepEqual(
      answer.UnsuccessfullyDeletedLaunchTemplateVersions!.map(({ VersionNumber, ResponseError }) => [
        VersionNumber,
        ResponseError!.Code,
      ]),
      [
        [1, "unexpectedError"],
        [7, "launchTemplateVersionDoesNotExist"],
      ],
    );
    assert.equal(versions({ LaunchTemplateName: "pw-grey" }).length, 1);
    assert.equal(addVersion("pw-grey", { InstanceType: "c5.large" }).VersionNumber, 3);
    run("DeleteLaunchTemplate", { LaunchTemplateName: "pw-grey" });
    refused("InvalidLaunchTemplateName.NotFoundException", () => versions({ LaunchTemplateName: "pw-grey" }));
  });
});
