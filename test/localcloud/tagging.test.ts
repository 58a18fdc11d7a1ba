import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type * as api from "@aws-sdk/client-resource-groups-tagging-api";
import { createCloudWatch } from "../../localcloud/services/cloudwatch.ts";
import { createCloudWatchLogs } from "../../localcloud/services/cloudwatch-logs.ts";
import { createEc2 } from "../../localcloud/services/ec2.ts";
import { createEcs } from "../../localcloud/services/ecs.ts";
import { createIam } from "../../localcloud/services/iam.ts";
import { createResourceGroupsTaggingApi } from "../../localcloud/services/resource-groups-tagging-api.ts";
import { createS3 } from "../../localcloud/services/s3.ts";
import { createSqs } from "../../localcloud/services/sqs.ts";
import { call, invoke, refused, stubWorld } from "./stub-world.ts";

const QUEUE = "arn:aws:sqs:us-east-1:000000000000:";

function cloud() {
  const world = stubWorld([
    createIam,
    createSqs,
    createS3,
    createEcs,
    createEc2,
    createCloudWatch,
    createCloudWatchLogs,
    createResourceGroupsTaggingApi,
  ]);
  const on = <Output>(service: string, operation: string, input: object, from = call) =>
    invoke<Output>(world.service(service), operation, input, from);
  const tagging = <Output>(operation: string, input: object, from = call) =>
    on<Output>("resource-groups-tagging-api", operation, input, from);
  const get = (input: object = {}, from = call) => tagging<api.GetResourcesOutput>("GetResources", input, from);
  const arns = (input: object = {}, from = call) =>
    get(input, from).ResourceTagMappingList!.map(({ ResourceARN }) => ResourceARN!);
  const queue = (QueueName: string, tags: object = {}) => on("sqs", "CreateQueue", { QueueName, tags });
  return { on, tagging, get, arns, queue };
}

describe("the tagging API", () => {
  it("lists what carries a tag, of every service but IAM's roles", () => {
    const { on, arns, queue } = cloud();
    const Tags = [{ Key: "pipewright:owner", Value: "me" }];
    const tags = [{ key: "pipewright:owner", value: "me" }];
    const record = { "pipewright:owner": "me" };
    queue("pw-grey", record);
    on("ecs", "CreateCluster", { clusterName: "pw", tags });
    const containerDefinitions = [{ name: "main", image: "b", memory: 64 }];
    on("ecs", "RegisterTaskDefinition", { family: "pw-grey", containerDefinitions, tags });
    on("ecs", "RegisterTaskDefinition", { family: "pw-grey", containerDefinitions, tags });
    on("ecs", "DeregisterTaskDefinition", { taskDefinition: "pw-grey:1" });
    on("cloudwatch-logs", "CreateLogGroup", { logGroupName: "/pw/grey", tags: record });
    on("cloudwatch", "PutMetricAlarm", {
      AlarmName: "pw-grey-backlog",
      Namespace: "AWS/SQS",
      MetricName: "m",
      Statistic: "Sum",
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: "GreaterThanThreshold",
      Tags,
    });
    const { GroupId } = on<{ GroupId: string }>("ec2", "CreateSecurityGroup", {
      GroupName: "pipewright",
      Description: "d",
      TagSpecifications: [{ ResourceType: "security-group", Tags }],
    });
    const { LaunchTemplate } = on<{ LaunchTemplate: { LaunchTemplateId: string } }>("ec2", "CreateLaunchTemplate", {
      LaunchTemplateName: "pw-grey",
      LaunchTemplateData: { InstanceType: "m5.large" },
      TagSpecifications: [{ ResourceType: "launch-template", Tags }],
    });
    const { Instances } = on<{ Instances: { InstanceId: string }[] }>("ec2", "RunInstances", {
      ImageId: "resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id",
      InstanceType: "m5.large",
      MinCount: 1,
      MaxCount: 1,
      TagSpecifications: [{ ResourceType: "instance", Tags }],
    });
    const trust = { Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" };
    const AssumeRolePolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: [trust] });
    on("iam", "CreateRole", { RoleName: "pw", AssumeRolePolicyDocument, Tags });

    const place = "us-east-1:000000000000";
    assert.deepEqual(arns({ TagFilters: [{ Key: "pipewright:owner", Values: ["me"] }] }), [
      `arn:aws:cloudwatch:${place}:alarm:pw-grey-backlog`,
      `arn:aws:ec2:${place}:instance/${Instances[0]!.InstanceId}`,
      `arn:aws:ec2:${place}:launch-template/${LaunchTemplate.LaunchTemplateId}`,
      `arn:aws:ec2:${place}:security-group/${GroupId}`,
      `arn:aws:ecs:${place}:cluster/pw`,
      `arn:aws:ecs:${place}:task-definition/pw-grey:2`,
      `arn:aws:logs:${place}:log-group:/pw/grey`,
      `${QUEUE}pw-grey`,
    ]);
    assert.deepEqual(arns({ ResourceTypeFilters: ["ecs:cluster", "sqs"] }), [
      `arn:aws:ecs:${place}:cluster/pw`,
      `${QUEUE}pw-grey`,
    ]);
    assert.deepEqual(arns({}, { ...call, region: "eu-west-1" }), []);
  });

  it("lists a bucket in the region where it is", () => {
    const { on, arns } = cloud();
    const there = { ...call, region: "eu-west-1" };
    const CreateBucketConfiguration = { LocationConstraint: "eu-west-1" };
    on("s3", "CreateBucket", { Bucket: "pw-there", CreateBucketConfiguration }, there);
    const Tagging = { TagSet: [{ Key: "a", Value: "1" }] };
    on("s3", "PutBucketTagging", { Bucket: "pw-there", Tagging }, there);
    assert.deepEqual(arns({}, there), ["arn:aws:s3:::pw-there"]);
    assert.deepEqual(arns(), []);
  });

  it("never lists what never had a tag, and goes on listing what once had one", () => {
    const { get, queue, tagging } = cloud();
    queue("never");
    queue("once", { a: "1" });
    const mappings = () => get().ResourceTagMappingList;
    assert.deepEqual(mappings(), [{ ResourceARN: `${QUEUE}once`, Tags: [{ Key: "a", Value: "1" }] }]);
    tagging("UntagResources", { ResourceARNList: [`${QUEUE}once`], TagKeys: ["a"] });
    assert.deepEqual(mappings(), [{ ResourceARN: `${QUEUE}once`, Tags: [] }]);
  });

  it("matches all filters, any value of each, and any value at all of a bare key", () => {
    const { arns, queue } = cloud();
    queue("one", { owner: "me", stage: "test" });
    queue("two", { owner: "you" });
    const found = (...TagFilters: object[]) => arns({ TagFilters }).map((arn) => arn.split(":").at(-1));
    assert.deepEqual(found({ Key: "owner" }), ["one", "two"]);
    assert.deepEqual(found({ Key: "owner", Values: ["me", "you"] }), ["one", "two"]);
    assert.deepEqual(found({ Key: "owner", Values: ["me"] }, { Key: "stage", Values: ["test"] }), ["one"]);
    assert.deepEqual(found({ Key: "owner", Values: ["you"] }, { Key: "stage" }), []);
  });

  it("answers pages of a hundred, and a list of a hundred ARNs at once, absent ones silently left out", () => {
    const { arns, get, queue } = cloud();
    const names = Array.from({ length: 101 }, (_, index) => `q${String(index).padStart(3, "0")}`);
    for (const name of names) queue(name, { a: "1" });
    const first = get();
    assert.equal(first.ResourceTagMappingList!.length, 100);
    const second = get({ PaginationToken: first.PaginationToken });
    assert.deepEqual(
      [second.ResourceTagMappingList!.map(({ ResourceARN }) => ResourceARN), second.PaginationToken],
      [[`${QUEUE}q100`], ""],
    );
    const wanted = names.slice(0, 99).map((name) => QUEUE + name);
    assert.deepEqual(arns({ ResourceARNList: [...wanted, `${QUEUE}absent`] }), wanted);
    refused("InvalidParameterException", () => arns({ ResourceARNList: Array(101).fill(QUEUE) }));
    refused("InvalidParameterException", () => arns({ ResourceARNList: wanted, TagFilters: [{ Key: "a" }] }));
    refused("PaginationTokenExpiredException", () => arns({ PaginationToken: "nonsense" }));
  });

  it("tags and untags, naming what it cannot find", () => {
    const { on, tagging, queue } = cloud();
    queue("one");
    const absent = `${QUEUE}absent`;
    const answer = tagging<api.TagResourcesOutput>("TagResources", {
      ResourceARNList: [`${QUEUE}one`, absent],
      Tags: { a: "1" },
    });
    assert.deepEqual(Object.keys(answer.FailedResourcesMap!), [absent]);
    assert.equal(answer.FailedResourcesMap![absent]!.ErrorCode, "InvalidParameterException");
    const QueueUrl = "http://127.0.0.1:4566/000000000000/one";
    assert.deepEqual(on<{ Tags: object }>("sqs", "ListQueueTags", { QueueUrl }).Tags, { a: "1" });
    refused("InvalidParameterException", () =>
      tagging("TagResources", { ResourceARNList: Array(21).fill(absent), Tags: { a: "" } }),
    );
    refused("InvalidParameterException", () =>
      tagging("TagResources", { ResourceARNList: [absent], Tags: { "aws:a": "" } }),
    );
  });

  it("lists keys, and the values of a key", () => {
    const { tagging, queue } = cloud();
    queue("one", { owner: "me", stage: "test" });
    queue("two", { owner: "you" });
    assert.deepEqual(tagging<api.GetTagKeysOutput>("GetTagKeys", {}).TagKeys, ["owner", "stage"]);
    assert.deepEqual(tagging<api.GetTagValuesOutput>("GetTagValues", { Key: "owner" }).TagValues, ["me", "you"]);
  });
});
