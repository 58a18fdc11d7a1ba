import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import * as cloudwatch from "@aws-sdk/client-cloudwatch";
import * as logs from "@aws-sdk/client-cloudwatch-logs";
import * as ec2 from "@aws-sdk/client-ec2";
import * as ecs from "@aws-sdk/client-ecs";
import * as tagging from "@aws-sdk/client-resource-groups-tagging-api";
import { type LocalCloud, startLocalCloud } from "../../localcloud/server.ts";

/** The services as the SDK sees them: error names, empty lists, dates and numbers are what the product switches on. */
describe("ECS, EC2, CloudWatch, logs and tagging through the SDK", () => {
  let cloud: LocalCloud;
  let clients: {
    ecs: ecs.ECS;
    ec2: ec2.EC2;
    cloudwatch: cloudwatch.CloudWatch;
    logs: logs.CloudWatchLogs;
    tagging: tagging.ResourceGroupsTaggingAPI;
  };

  before(async () => {
    cloud = await startLocalCloud();
    const config = {
      endpoint: cloud.endpoint,
      region: "us-east-1",
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
      maxAttempts: 1,
    };
    clients = {
      ecs: new ecs.ECS(config),
      ec2: new ec2.EC2(config),
      cloudwatch: new cloudwatch.CloudWatch(config),
      logs: new logs.CloudWatchLogs(config),
      tagging: new tagging.ResourceGroupsTaggingAPI(config),
    };
  });

  after(async () => {
    for (const client of Object.values(clients)) client.destroy();
    await cloud.stop();
  });

  it("ECS: cluster, definition, and the errors by name", async () => {
    const { ecs } = clients;
    const tags = [{ key: "pipewright:owner", value: "sdk" }];
    await ecs.createCluster({ clusterName: "pw", tags });
    const { clusters, failures } = await ecs.describeClusters({ clusters: ["pw", "absent"], include: ["TAGS"] });
    assert.deepEqual([clusters![0]!.tags, failures![0]!.reason], [tags, "MISSING"]);
    const { taskDefinition } = await ecs.registerTaskDefinition({
      family: "pw-grey",
      containerDefinitions: [{ name: "main", image: "busybox", memory: 64 }],
      tags,
    });
    assert.ok(taskDefinition!.registeredAt instanceof Date);
    assert.deepEqual(taskDefinition!.containerDefinitions![0]!.environment, []);
    await assert.rejects(ecs.describeTaskDefinition({ taskDefinition: "absent" }), {
      name: "ClientException",
      message: "Unable to describe task definition.",
    });
    await assert.rejects(ecs.listTasks({ cluster: "absent" }), { name: "ClusterNotFoundException" });
    await assert.rejects(ecs.runTask({ cluster: "pw", taskDefinition: "pw-grey" }), {
      name: "InvalidParameterException",
    });
    await assert.rejects(
      ecs.registerTaskDefinition({
        family: "pw-grey",
        taskRoleArn: "arn:aws:iam::123456789012:role/absent",
        containerDefinitions: [{ name: "main", image: "busybox", memory: 64 }],
      }),
      { name: "ClientException", message: "Role is not valid" },
    );
  });

  it("ECS: a changed request under a used client token names the tasks that it started", async () => {
    const { ecs } = clients;
    await ecs.registerContainerInstance({
      cluster: "pw",
      instanceIdentityDocument: JSON.stringify({ instanceId: "i-0" }),
    });
    const { tasks } = await ecs.runTask({ cluster: "pw", taskDefinition: "pw-grey", clientToken: "t" });
    await assert.rejects(ecs.runTask({ cluster: "pw", taskDefinition: "pw-grey", clientToken: "t", count: 2 }), {
      name: "ConflictException",
      resourceIds: [tasks![0]!.taskArn],
    });
  });

  it("EC2: group, template and instance, and the errors by name", async () => {
    const { ec2 } = clients;
    const TagSpecifications = [
      { ResourceType: "security-group" as const, Tags: [{ Key: "pipewright:owner", Value: "sdk" }] },
    ];
    const { GroupId } = await ec2.createSecurityGroup({ GroupName: "pw", Description: "d", TagSpecifications });
    const range = { CidrIp: "10.0.0.7/24", Description: "office" };
    const IpPermissions = [{ IpProtocol: "tcp", FromPort: 22, ToPort: 22, IpRanges: [range] }];
    await ec2.authorizeSecurityGroupIngress({ GroupId, IpPermissions });
    const { SecurityGroups } = await ec2.describeSecurityGroups({ GroupIds: [GroupId!] });
    assert.deepEqual(SecurityGroups![0]!.IpPermissions![0]!.IpRanges, [{ ...range, CidrIp: "10.0.0.0/24" }]);
    assert.equal(SecurityGroups![0]!.IpPermissionsEgress![0]!.IpProtocol, "-1");
    assert.equal(SecurityGroups![0]!.IpPermissionsEgress![0]!.FromPort, undefined);
    await assert.rejects(ec2.authorizeSecurityGroupIngress({ GroupId, IpPermissions }), {
      name: "InvalidPermission.Duplicate",
    });
    await assert.rejects(ec2.describeSecurityGroups({ GroupNames: ["absent"] }), { name: "InvalidGroup.NotFound" });
    await assert.rejects(ec2.describeKeyPairs({ KeyNames: ["absent"] }), { name: "InvalidKeyPair.NotFound" });

    const LaunchTemplateData = {
      ImageId: "resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id",
      InstanceType: "m5.large" as const,
      SecurityGroupIds: [GroupId!],
      MetadataOptions: { HttpTokens: "required" as const },
      TagSpecifications: [{ ResourceType: "instance" as const, Tags: [{ Key: "pipewright:owner", Value: "sdk" }] }],
    };
    await ec2.createLaunchTemplate({ LaunchTemplateName: "pw-grey", LaunchTemplateData });
    const { LaunchTemplateVersions } = await ec2.describeLaunchTemplateVersions({ Versions: ["$Latest", "$Default"] });
    assert.deepEqual(LaunchTemplateVersions![0]!.LaunchTemplateData, LaunchTemplateData);
    await assert.rejects(ec2.describeLaunchTemplates({ LaunchTemplateNames: ["absent"] }), {
      name: "InvalidLaunchTemplateName.NotFoundException",
    });
    await assert.rejects(ec2.createLaunchTemplate({ LaunchTemplateName: "pw-grey", LaunchTemplateData }), {
      name: "InvalidLaunchTemplateName.AlreadyExistsException",
    });
    const { Instances } = await ec2.runInstances({
      MinCount: 1,
      MaxCount: 1,
      ClientToken: "t",
      LaunchTemplate: { LaunchTemplateName: "pw-grey" },
    });
    const { Reservations } = await ec2.describeInstances({
      Filters: [{ Name: "tag:pipewright:owner", Values: ["sdk"] }],
    });
    assert.equal(Reservations![0]!.Instances![0]!.InstanceId, Instances![0]!.InstanceId);
    assert.ok(Instances![0]!.LaunchTime instanceof Date);
  });

  it("CloudWatch: alarm, and the errors by name and legacy code", async () => {
    const { cloudwatch } = clients;
    const alarm = {
      AlarmName: "pw-backlog",
      Namespace: "AWS/SQS",
      MetricName: "ApproximateAgeOfOldestMessage",
      Statistic: "Maximum" as const,
      Period: 300,
      EvaluationPeriods: 1,
      Threshold: 604800,
      ComparisonOperator: "GreaterThanThreshold" as const,
      Tags: [{ Key: "pipewright:owner", Value: "sdk" }],
    };
    await cloudwatch.putMetricAlarm(alarm);
    const { MetricAlarms } = await cloudwatch.describeAlarms({ AlarmNames: ["pw-backlog", "absent"] });
    assert.deepEqual(
      MetricAlarms!.map((one) => [
        one.AlarmName,
        one.Threshold,
        one.AlarmActions,
        one.StateUpdatedTimestamp instanceof Date,
      ]),
      [["pw-backlog", 604800, [], true]],
    );
    await assert.rejects(cloudwatch.deleteAlarms({ AlarmNames: ["absent"] }), { name: "ResourceNotFound" });
    await assert.rejects(cloudwatch.putMetricAlarm({ ...alarm, Period: 7 }), {
      name: "ValidationException",
      Code: "ValidationError",
    });
    await assert.rejects(cloudwatch.describeAlarms({ NextToken: "nonsense" }), { name: "InvalidNextToken" });
  });

  it("logs: group, stream, events, and the errors by name", async () => {
    const { logs } = clients;
    await logs.createLogGroup({ logGroupName: "/pw/grey", tags: { "pipewright:owner": "sdk" } });
    await logs.putRetentionPolicy({ logGroupName: "/pw/grey", retentionInDays: 14 });
    const { logGroups } = await logs.describeLogGroups({ logGroupIdentifiers: ["/pw/grey", "/absent"] });
    assert.deepEqual(
      logGroups!.map(({ arn, retentionInDays }) => [arn, retentionInDays]),
      [["arn:aws:logs:us-east-1:123456789012:log-group:/pw/grey:*", 14]],
    );
    await logs.createLogStream({ logGroupName: "/pw/grey", logStreamName: "one" });
    const logEvents = [{ timestamp: Date.now(), message: "größer" }];
    await logs.putLogEvents({ logGroupName: "/pw/grey", logStreamName: "one", logEvents });
    const { events } = await logs.filterLogEvents({ logGroupName: "/pw/grey", filterPattern: "größer" });
    assert.equal(events![0]!.message, "größer");
    await assert.rejects(logs.createLogGroup({ logGroupName: "/pw/grey" }), { name: "ResourceAlreadyExistsException" });
    await assert.rejects(logs.deleteLogGroup({ logGroupName: "/absent" }), { name: "ResourceNotFoundException" });
  });

  it("tagging: finds what all of them made", async () => {
    const TagFilters = [{ Key: "pipewright:owner", Values: ["sdk"] }];
    const { ResourceTagMappingList } = await clients.tagging.getResources({ TagFilters });
    assert.deepEqual(
      ResourceTagMappingList!.map(({ ResourceARN }) => ResourceARN!.split(":")[2]),
      ["cloudwatch", "ec2", "ec2", "ecs", "ecs", "logs"],
    );
  });
});
