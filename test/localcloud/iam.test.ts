import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type * as api from "@aws-sdk/client-iam";
import { createIam, type Iam } from "../../localcloud/services/iam.ts";
import { invoke, refused, stubWorld } from "./stub-world.ts";

const ROLE = "arn:aws:iam::000000000000:role/";
const ECS_FOR_EC2 = "arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role";
const NAMED = [
  "arn:aws:iam::aws:policy/CloudWatchActionsEC2Access",
  ECS_FOR_EC2,
  "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy",
];
const PERMISSION = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "s3:Get*", Resource: "arn:aws:s3:::pw's (bucket)!/*" }],
});

function trust(service: string, more: object = {}) {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole", ...more }],
  });
}

function cloud(options: { lags?: boolean } = {}) {
  const world = stubWorld([createIam], options);
  const iam = world.service<Iam>("iam");
  const run = <Output>(operation: string, input: object = {}) => invoke<Output>(iam, operation, input);
  const role = (RoleName: string, more: object = {}) =>
    run<api.CreateRoleCommandOutput>("CreateRole", {
      RoleName,
      AssumeRolePolicyDocument: trust("lambda.amazonaws.com"),
      ...more,
    }).Role!;
  const get = (RoleName: string) => run<api.GetRoleCommandOutput>("GetRole", { RoleName }).Role!;
  return { world, iam, run, role, get };
}

describe("IAM: roles", () => {
  it("fills in path and session duration, and keeps the trust policy's text, URL-encoded by RFC 3986", () => {
    const { role, get } = cloud();
    const created = role("pw", { Description: "a role", Tags: [{ Key: "a", Value: "1" }] });
    assert.equal(created.Arn, `${ROLE}pw`);
    assert.match(created.RoleId!, /^AROA[0-9A-Z]{17}$/);
    const read = get("pw");
    assert.equal(read.Path, "/");
    assert.equal(read.MaxSessionDuration, 3600);
    assert.equal(read.Description, "a role");
    assert.deepEqual(read.Tags, [{ Key: "a", Value: "1" }]);
    assert.match(read.AssumeRolePolicyDocument!, /^%7B%22Version%22/);
    assert.equal(decodeURIComponent(read.AssumeRolePolicyDocument!), trust("lambda.amazonaws.com"));
    assert.equal(get("PW").RoleName, "pw");
  });

  it("answers NoSuchEntityException for an absent role and EntityAlreadyExistsException for a second one of any case", () => {
    const { role, get, run } = cloud();
    const absent = refused("NoSuchEntityException", () => get("pw"));
    assert.equal(absent.message, "The role with name pw cannot be found.");
    for (const operation of ["DeleteRole", "ListRolePolicies", "ListAttachedRolePolicies", "TagRole"]) {
      refused("NoSuchEntityException", () => run(operation, { RoleName: "pw" }));
    }
    role("pw");
    refused("EntityAlreadyExistsException", () => role("PW"));
  });

  it("refuses malformed trust policies", () => {
    const { role } = cloud();
    const refuse = (document: string, message: RegExp) => {
      const create = () => role("pw", { AssumeRolePolicyDocument: document });
      assert.match(refused("MalformedPolicyDocumentException", create).message, message);
    };
    refuse("{", /invalid Json/);
    refuse('{"Version":"2012-10-17","Statement":[]}', /Syntax errors/);
    refuse(trust("lambda.amazonaws.com", { Resource: "*" }), /prohibited field Resource/);
    refuse(trust("lambda.amazonaws.com", { Action: "s3:GetObject" }), /only specify STS AssumeRole/);
    refuse(trust("lambda"), /Invalid principal in policy/);
    refuse(trust("lambda.amazonaws.com", { Principal: { AWS: `${ROLE}none` } }), /Invalid principal in policy/);
    refuse(trust("lambda.amazonaws.com", { Principal: undefined }), /Principal/);
    const long = trust("lambda.amazonaws.com", { Condition: { StringEquals: { a: "x".repeat(2048) } } });
    refused("LimitExceededException", () => role("pw", { AssumeRolePolicyDocument: long }));
  });

  it("updates trust, description and session duration", () => {
    const { role, get, run } = cloud();
    role("pw");
    run("UpdateAssumeRolePolicy", { RoleName: "pw", PolicyDocument: trust("ec2.amazonaws.com") });
    run("UpdateRole", { RoleName: "pw", Description: "new", MaxSessionDuration: 7200 });
    assert.equal(decodeURIComponent(get("pw").AssumeRolePolicyDocument!), trust("ec2.amazonaws.com"));
    assert.equal(get("pw").Description, "new");
    assert.equal(get("pw").MaxSessionDuration, 7200);
    refused("ValidationError", () => run("UpdateRole", { RoleName: "pw", MaxSessionDuration: 60 }));
  });

  it("shows a deleted principal by its unique id, and a role of the same name made anew is another one", () => {
    const { role, get, run } = cloud();
    const old = role("trusted");
    role("pw", { AssumeRolePolicyDocument: trust("", { Principal: { AWS: `${ROLE}trusted` } }) });
    run("DeleteRole", { RoleName: "trusted" });
    const renewed = role("trusted");
    assert.notEqual(renewed.RoleId, old.RoleId);
    const document = decodeURIComponent(get("pw").AssumeRolePolicyDocument!);
    assert.equal(JSON.parse(document).Statement[0].Principal.AWS, old.RoleId);
  });

  it("lists roles by path in pages", () => {
    const { role, run } = cloud();
    for (const name of ["a", "b", "c"]) role(name, { Path: "/actions/" });
    role("d");
    const list = (input: object) => run<api.ListRolesCommandOutput>("ListRoles", { PathPrefix: "/actions/", ...input });
    const first = list({ MaxItems: 2 });
    assert.equal(first.IsTruncated, true);
    const second = list({ MaxItems: 2, Marker: first.Marker });
    assert.equal(second.IsTruncated, false);
    const all = [...first.Roles!, ...second.Roles!];
    assert.deepEqual(
      all.map(({ Arn }) => Arn),
      ["a", "b", "c"].map((name) => `${ROLE}actions/${name}`),
    );
  });

  it("tags roles, and gives the tagging API nothing", () => {
    const { role, run, get, iam } = cloud();
    role("pw");
    run("TagRole", {
      RoleName: "pw",
      Tags: [
        { Key: "a", Value: "1" },
        { Key: "b", Value: "2" },
      ],
    });
    run("UntagRole", { RoleName: "pw", TagKeys: ["a"] });
    assert.deepEqual(get("pw").Tags, [{ Key: "b", Value: "2" }]);
    assert.deepEqual(run<api.ListRoleTagsCommandOutput>("ListRoleTags", { RoleName: "pw" }).Tags, [
      { Key: "b", Value: "2" },
    ]);
    run("TagRole", { RoleName: "pw", Tags: [{ Key: "B", Value: "3" }] });
    assert.deepEqual(get("pw").Tags, [{ Key: "B", Value: "3" }], "a key of other case is the same key");
    run("UntagRole", { RoleName: "pw", TagKeys: ["b"] });
    assert.equal(get("pw").Tags, undefined);
    run("TagRole", { RoleName: "pw", Tags: [{ Key: "b", Value: "2" }] });
    assert.equal(iam.taggables, undefined);
    const many = Array.from({ length: 51 }, (_, index) => ({ Key: `k${index}`, Value: "" }));
    refused("LimitExceededException", () => run("TagRole", { RoleName: "pw", Tags: many }));
    assert.deepEqual(get("pw").Tags, [{ Key: "b", Value: "2" }]);
  });

  it("deletes a role only when nothing hangs on it", () => {
    const { role, run } = cloud();
    const RoleName = "pw";
    role(RoleName);
    run("PutRolePolicy", { RoleName, PolicyName: "p", PolicyDocument: PERMISSION });
    run("AttachRolePolicy", { RoleName, PolicyArn: ECS_FOR_EC2 });
    run("CreateInstanceProfile", { InstanceProfileName: "i" });
    run("AddRoleToInstanceProfile", { InstanceProfileName: "i", RoleName });
    const remove = () => run("DeleteRole", { RoleName });
    refused("DeleteConflictException", remove);
    refused("DeleteConflictException", () => run("DeleteInstanceProfile", { InstanceProfileName: "i" }));
    run("RemoveRoleFromInstanceProfile", { InstanceProfileName: "i", RoleName });
    run("DeleteInstanceProfile", { InstanceProfileName: "i" });
    assert.match(refused("DeleteConflictException", remove).message, /detach all policies/);
    run("DetachRolePolicy", { RoleName, PolicyArn: ECS_FOR_EC2 });
    assert.match(refused("DeleteConflictException", remove).message, /delete policies first/);
    run("DeleteRolePolicy", { RoleName, PolicyName: "p" });
    remove();
    refused("NoSuchEntityException", remove);
  });
});

describe("IAM: policies of roles", () => {
  it("keeps inline policies as written, encodes what RFC 3986 reserves, and refuses malformed ones", () => {
    const { role, run } = cloud();
    const RoleName = "pw";
    role(RoleName);
    run("PutRolePolicy", { RoleName, PolicyName: "p", PolicyDocument: PERMISSION });
    const read = run<api.GetRolePolicyCommandOutput>("GetRolePolicy", { RoleName, PolicyName: "p" });
    assert.match(read.PolicyDocument!, /pw%27s%20%28bucket%29%21%2F%2A/);
    assert.equal(decodeURIComponent(read.PolicyDocument!), PERMISSION);
    assert.deepEqual(run<api.ListRolePoliciesCommandOutput>("ListRolePolicies", { RoleName }).PolicyNames, ["p"]);
    const put = (statement: object) => () =>
      run("PutRolePolicy", {
        RoleName,
        PolicyName: "bad",
        PolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: [statement] }),
      });
    refused("MalformedPolicyDocumentException", put({ Effect: "Allow", Action: "s3:Get*" }));
    refused("MalformedPolicyDocumentException", put({ Effect: "Allow", Action: "GetObject", Resource: "*" }));
    refused("MalformedPolicyDocumentException", put({ Effect: "allow", Action: "s3:*", Resource: "*" }));
    refused(
      "MalformedPolicyDocumentException",
      put({ Effect: "Allow", Action: "s3:*", Resource: "*", Principal: "*" }),
    );
    refused("LimitExceededException", put({ Effect: "Allow", Action: "s3:*", Resource: "x".repeat(10_240) }));
    refused("NoSuchEntityException", () => run("GetRolePolicy", { RoleName, PolicyName: "none" }));
    refused("NoSuchEntityException", () => run("DeleteRolePolicy", { RoleName, PolicyName: "none" }));
  });

  it("attaches the managed policies that pipelines need, and no others", () => {
    const { role, run } = cloud();
    const RoleName = "pw";
    role(RoleName);
    for (const PolicyArn of [...NAMED, ECS_FOR_EC2]) run("AttachRolePolicy", { RoleName, PolicyArn });
    const attached = run<api.ListAttachedRolePoliciesCommandOutput>("ListAttachedRolePolicies", { RoleName });
    assert.deepEqual(attached.AttachedPolicies?.map(({ PolicyArn }) => PolicyArn).sort(), [...NAMED].sort());
    assert.ok(attached.AttachedPolicies?.some(({ PolicyName }) => PolicyName === "CloudWatchActionsEC2Access"));
    const attach = (name: string) => () =>
      run("AttachRolePolicy", { RoleName, PolicyArn: `arn:aws:iam::aws:policy/${name}` });
    refused("NoSuchEntityException", attach("None"));
    refused("PolicyNotAttachableException", attach("aws-service-role/AmazonECSServiceRolePolicy"));
    run("DetachRolePolicy", { RoleName, PolicyArn: ECS_FOR_EC2 });
    refused("NoSuchEntityException", () => run("DetachRolePolicy", { RoleName, PolicyArn: ECS_FOR_EC2 }));
    const read = run<api.GetPolicyVersionCommandOutput>("GetPolicyVersion", {
      PolicyArn: ECS_FOR_EC2,
      VersionId: "v1",
    });
    assert.match(decodeURIComponent(read.PolicyVersion!.Document!), /ecs:RegisterContainerInstance/);
  });

  it("gives the whole of every role in one listing, in pages", () => {
    const { role, run } = cloud();
    for (const name of ["a", "b", "c"]) role(name, { Tags: [{ Key: "name", Value: name }] });
    run("PutRolePolicy", { RoleName: "b", PolicyName: "p", PolicyDocument: PERMISSION });
    run("AttachRolePolicy", { RoleName: "b", PolicyArn: ECS_FOR_EC2 });
    run("CreateInstanceProfile", { InstanceProfileName: "i" });
    run("AddRoleToInstanceProfile", { InstanceProfileName: "i", RoleName: "b" });
    const list = (input: object) =>
      run<api.GetAccountAuthorizationDetailsCommandOutput>("GetAccountAuthorizationDetails", {
        Filter: ["Role"],
        ...input,
      });
    const first = list({ MaxItems: 2 });
    assert.equal(first.IsTruncated, true);
    assert.deepEqual(
      list({ MaxItems: 2, Marker: first.Marker }).RoleDetailList?.map(({ RoleName }) => RoleName),
      ["c"],
    );
    const detail = first.RoleDetailList![1]!;
    assert.deepEqual(detail.Tags, [{ Key: "name", Value: "b" }]);
    assert.deepEqual(detail.AttachedManagedPolicies, [
      { PolicyName: "AmazonEC2ContainerServiceforEC2Role", PolicyArn: ECS_FOR_EC2 },
    ]);
    assert.equal(decodeURIComponent(detail.RolePolicyList![0]!.PolicyDocument!), PERMISSION);
    assert.equal(decodeURIComponent(detail.AssumeRolePolicyDocument!), trust("lambda.amazonaws.com"));
    assert.equal(detail.InstanceProfileList![0]!.InstanceProfileName, "i");
    assert.equal("Description" in detail || "MaxSessionDuration" in detail, false);
  });
});

describe("IAM: instance profiles", () => {
  it("hold one role, show it, and carry tags", () => {
    const { role, run, iam } = cloud();
    const InstanceProfileName = "ecsInstanceRole";
    const profile = () =>
      run<api.GetInstanceProfileCommandOutput>("GetInstanceProfile", { InstanceProfileName }).InstanceProfile!;
    refused("NoSuchEntityException", profile);
    run("CreateInstanceProfile", { InstanceProfileName, Tags: [{ Key: "a", Value: "1" }] });
    refused("EntityAlreadyExistsException", () => run("CreateInstanceProfile", { InstanceProfileName }));
    refused("NoSuchEntityException", () => run("AddRoleToInstanceProfile", { InstanceProfileName, RoleName: "r" }));
    assert.deepEqual(profile().Roles, []);
    role("r");
    role("other");
    run("AddRoleToInstanceProfile", { InstanceProfileName, RoleName: "r" });
    refused("LimitExceededException", () =>
      run("AddRoleToInstanceProfile", { InstanceProfileName, RoleName: "other" }),
    );
    refused("NoSuchEntityException", () =>
      run("RemoveRoleFromInstanceProfile", { InstanceProfileName, RoleName: "other" }),
    );
    assert.deepEqual(
      profile().Roles!.map(({ RoleName }) => RoleName),
      ["r"],
    );
    run("TagInstanceProfile", { InstanceProfileName, Tags: [{ Key: "b", Value: "2" }] });
    run("UntagInstanceProfile", { InstanceProfileName, TagKeys: ["a"] });
    assert.deepEqual(profile().Tags, [{ Key: "b", Value: "2" }]);
    const listed = run<api.ListInstanceProfilesForRoleCommandOutput>("ListInstanceProfilesForRole", { RoleName: "r" });
    assert.equal(listed.InstanceProfiles![0]!.Arn, "arn:aws:iam::000000000000:instance-profile/ecsInstanceRole");
    assert.equal(iam.instanceProfile("000000000000", profile().Arn!)?.roleArn, `${ROLE}r`);
    assert.equal(iam.instanceProfile("000000000000", "none"), undefined);
  });
});

describe("IAM: service-linked roles", () => {
  it("are made once, at their path, and nobody may change them", () => {
    const { run, get } = cloud();
    const create = () => run("CreateServiceLinkedRole", { AWSServiceName: "events.amazonaws.com" });
    create();
    assert.match(refused("InvalidInputException", create).message, /AWSServiceRoleForCloudWatchEvents has been taken/);
    const RoleName = "AWSServiceRoleForCloudWatchEvents";
    assert.equal(get(RoleName).Path, "/aws-service-role/events.amazonaws.com/");
    for (const [operation, more] of [
      ["DeleteRole", {}],
      ["AttachRolePolicy", { PolicyArn: ECS_FOR_EC2 }],
      ["UpdateAssumeRolePolicy", { PolicyDocument: trust("ec2.amazonaws.com") }],
    ] as const) {
      refused("UnmodifiableEntityException", () => run(operation, { RoleName, ...more }));
    }
    refused("InvalidInputException", () => run("CreateServiceLinkedRole", { AWSServiceName: "none.amazonaws.com" }));
  });

  it("go by DeleteServiceLinkedRole, whose task can be asked", () => {
    const { run, get } = cloud();
    run("CreateServiceLinkedRole", { AWSServiceName: "ecs.amazonaws.com" });
    const { DeletionTaskId } = run<api.DeleteServiceLinkedRoleCommandOutput>("DeleteServiceLinkedRole", {
      RoleName: "AWSServiceRoleForECS",
    });
    assert.deepEqual(run("GetServiceLinkedRoleDeletionStatus", { DeletionTaskId }), { Status: "SUCCEEDED" });
    refused("NoSuchEntityException", () => get("AWSServiceRoleForECS"));
    run("CreateServiceLinkedRole", { AWSServiceName: "ecs.amazonaws.com" });
  });
});

describe("IAM: what other services are told", () => {
  it("passes a role only to a service that it trusts, and only once it has settled where the world lags", () => {
    const prompt = cloud();
    assert.equal(prompt.iam.passable(`${ROLE}pw`, "lambda.amazonaws.com"), "absent");
    prompt.role("pw");
    assert.equal(prompt.iam.passable(`${ROLE}pw`, "lambda.amazonaws.com"), "yes");
    assert.equal(prompt.iam.passable(`${ROLE}pw`, "ec2.amazonaws.com"), "untrusted");
    assert.equal(prompt.iam.passable(`${ROLE}path/pw`, "lambda.amazonaws.com"), "absent");

    const lagging = cloud({ lags: true });
    lagging.role("pw");
    lagging.run("CreateInstanceProfile", { InstanceProfileName: "i" });
    lagging.world.step(7999);
    assert.equal(lagging.iam.passable(`${ROLE}pw`, "lambda.amazonaws.com"), "settling");
    assert.equal(lagging.iam.instanceProfile("000000000000", "i"), undefined);
    lagging.world.step(1);
    assert.equal(lagging.iam.passable(`${ROLE}pw`, "lambda.amazonaws.com"), "yes");
    assert.equal(lagging.iam.instanceProfile("000000000000", "i")?.name, "i");
  });

  it("tells all that a role may do, inline and attached", () => {
    const { role, run, iam } = cloud();
    role("pw");
    run("PutRolePolicy", { RoleName: "pw", PolicyName: "p", PolicyDocument: PERMISSION });
    run("AttachRolePolicy", { RoleName: "pw", PolicyArn: ECS_FOR_EC2 });
    const [inline, attached] = iam.policiesOf(`${ROLE}pw`);
    assert.deepEqual(inline, JSON.parse(PERMISSION));
    assert.ok(attached!.Statement[0]!.Action!.includes("ecs:Poll"));
    assert.deepEqual(iam.policiesOf(`${ROLE}none`), []);
  });
});
