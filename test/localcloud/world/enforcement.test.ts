import assert from "node:assert/strict";
import { after, beforeEach, describe, it } from "node:test";
import { CloudWatch } from "@aws-sdk/client-cloudwatch";
import { EC2 } from "@aws-sdk/client-ec2";
import { ECS } from "@aws-sdk/client-ecs";
import { S3 } from "@aws-sdk/client-s3";
import { SQS } from "@aws-sdk/client-sqs";
import { STS } from "@aws-sdk/client-sts";
import type { PolicyStatement } from "../../../localcloud/services/policy-document.ts";
import { ACCOUNT, REGION, role, startRoleCloud } from "./role-cloud.ts";

const allow = (Action: string | string[], Resource: string | string[], Condition?: PolicyStatement["Condition"]) => ({
  Effect: "Allow" as const,
  Action,
  Resource,
  ...(Condition && { Condition }),
});
const arn = (service: string, rest: string) => `arn:aws:${service}:${REGION}:${ACCOUNT}:${rest}`;

describe("a role's keys", async () => {
  const { cloud, admin, as, makeRole, setPolicy, stop } = await startRoleCloud();
  const clients: { destroy(): void }[] = [];
  const use = <C extends { destroy(): void }>(client: C): C => {
    clients.push(client);
    return client;
  };
  beforeEach(async () => {
    cloud.reset();
    await makeRole("r", []);
  });
  after(async () => {
    for (const client of clients) client.destroy();
    await stop();
  });

  it("say whose they are, and are refused once the world that gave them out is gone", async () => {
    const sts = use(new STS(as("r", "me")));
    assert.equal((await sts.getCallerIdentity({})).Arn, `arn:aws:sts::${ACCOUNT}:assumed-role/r/me`);
    cloud.reset();
    await assert.rejects(sts.getCallerIdentity({}), { name: "InvalidClientTokenId" });
  });

  it("are refused in AWS's own words, naming caller, action, resource and why", async () => {
    const { QueueUrl } = await use(new SQS(admin)).createQueue({ QueueName: "pw-q" });
    const sqs = use(new SQS({ ...as("r"), useQueueUrlAsEndpoint: false }));
    const send = () => sqs.sendMessage({ QueueUrl, MessageBody: "x" });
    const who = `User: arn:aws:sts::${ACCOUNT}:assumed-role/r/session is not authorized to perform: sqs:SendMessage`;
    await assert.rejects(send(), {
      name: "AccessDenied",
      message: `${who} on resource: ${arn("sqs", "pw-q")} because no identity-based policy allows the sqs:SendMessage action`,
    });
    await setPolicy("r", [allow("sqs:*", arn("sqs", "pw-*"))]);
    await send();
    await setPolicy("r", [allow("sqs:*", "*"), { ...allow("sqs:SendMessage", "*"), Effect: "Deny" }]);
    await assert.rejects(send(), {
      message: `${who} on resource: ${arn("sqs", "pw-q")} with an explicit deny in an identity-based policy`,
    });
    assert.equal(cloud.calls.count({ operation: "SendMessage" }), 3);
  });

  it("may list a bucket only under the prefix of the condition", async () => {
    await use(new S3(admin)).createBucket({ Bucket: "control" });
    await setPolicy("r", [allow("s3:ListBucket", "arn:aws:s3:::control", { StringLike: { "s3:prefix": "steps/*" } })]);
    const s3 = use(new S3(as("r")));
    await s3.listObjectsV2({ Bucket: "control", Prefix: "steps/pipewright/" });
    await assert.rejects(s3.listObjectsV2({ Bucket: "control" }), { name: "AccessDenied" });
    await assert.rejects(s3.listObjectsV2({ Bucket: "control", Prefix: "leases/" }), { name: "AccessDenied" });
  });

  it("do not learn that an object is missing where they may not list its bucket", async () => {
    await use(new S3(admin)).createBucket({ Bucket: "data" });
    const get = () => use(new S3(as("r"))).getObject({ Bucket: "data", Key: "none" });
    await setPolicy("r", [allow("s3:GetObject", "arn:aws:s3:::data/*")]);
    await assert.rejects(get(), { name: "AccessDenied", message: /s3:ListBucket on resource: "arn:aws:s3:::data"/ });
    await setPolicy("r", [allow("s3:GetObject", "arn:aws:s3:::data/*"), allow("s3:ListBucket", "arn:aws:s3:::data")]);
    await assert.rejects(get(), { name: "NoSuchKey" });
  });

  it("need KMS where a customer's key encrypts the bucket, through S3 only", async () => {
    const s3 = use(new S3(admin));
    await s3.createBucket({ Bucket: "sealed" });
    const key = arn("kms", "key/1234");
    const byKey = { SSEAlgorithm: "aws:kms" as const, KMSMasterKeyID: key };
    const Rules = [{ ApplyServerSideEncryptionByDefault: byKey }];
    await s3.putBucketEncryption({ Bucket: "sealed", ServerSideEncryptionConfiguration: { Rules } });
    const put = () => use(new S3(as("r"))).putObject({ Bucket: "sealed", Key: "a", Body: "b" });
    const onObjects = allow("s3:PutObject", "arn:aws:s3:::sealed/*");
    await setPolicy("r", [onObjects]);
    await assert.rejects(put(), { name: "AccessDenied", message: /kms:GenerateDataKey/ });
    const through = (service: string) =>
      allow("kms:GenerateDataKey", key, { StringEquals: { "kms:ViaService": `${service}.${REGION}.amazonaws.com` } });
    await setPolicy("r", [onObjects, through("sqs")]);
    await assert.rejects(put(), { name: "AccessDenied" });
    await setPolicy("r", [onObjects, through("s3")]);
    await put();
  });

  it("obey the bucket's own policy, which may deny or allow", async () => {
    const s3 = use(new S3(admin));
    await s3.createBucket({ Bucket: "shared" });
    const put = () => use(new S3(as("r"))).putObject({ Bucket: "shared", Key: "a", Body: "b" });
    const policy = (Statement: object) =>
      s3.putBucketPolicy({ Bucket: "shared", Policy: JSON.stringify({ Version: "2012-10-17", Statement }) });
    const Resource = "arn:aws:s3:::shared/*";
    const who = { Principal: { AWS: role("r") }, Action: "s3:*", Resource };
    await policy({ ...who, Effect: "Allow" });
    await put();
    // Plain HTTP to the loopback interface counts as a sealed connection: what denies all else lets it pass.
    await policy([
      { ...who, Effect: "Allow" },
      { ...who, Effect: "Deny", Principal: "*", Condition: { Bool: { "aws:SecureTransport": "false" } } },
    ]);
    await put();
    await setPolicy("r", [allow("s3:*", "*")]);
    await policy({ ...who, Effect: "Deny" });
    await assert.rejects(put(), { message: /with an explicit deny in a resource-based policy$/ });
  });

  it("may run tasks only on the clusters, with the tags and the roles of the conditions", async () => {
    const ecs = use(new ECS(admin));
    await ecs.createCluster({ clusterName: "ours" });
    const taskRoleArn = await makeRole("pw-task", [], "ecs-tasks.amazonaws.com");
    await ecs.registerTaskDefinition({
      family: "pw-grey",
      taskRoleArn,
      containerDefinitions: [{ name: "a", image: "i", memory: 64 }],
    });
    const run = (more: object = {}) =>
      use(new ECS(as("r"))).runTask({ cluster: "ours", taskDefinition: "pw-grey", ...more });
    // Permission is asked before anything else: an empty cluster is the answer to who may.
    const passed = { name: "InvalidParameterException", message: /No Container Instances/ };
    const onCluster = (name: string) =>
      allow("ecs:RunTask", arn("ecs", "task-definition/pw-*"), {
        ArnLike: { "ecs:cluster": arn("ecs", `cluster/${name}`) },
      });
    const pass = allow("iam:PassRole", role("pw-task"), {
      StringEquals: { "iam:PassedToService": "ecs-tasks.amazonaws.com" },
    });
    await setPolicy("r", [onCluster("theirs"), pass]);
    await assert.rejects(run(), {
      name: "AccessDeniedException",
      message: /ecs:RunTask on resource: \S+pw-grey:1 because/,
    });
    await setPolicy("r", [onCluster("ours")]);
    await assert.rejects(run(), {
      name: "AccessDeniedException",
      message: /iam:PassRole on resource: \S+role\/pw-task/,
    });
    await setPolicy("r", [onCluster("ours"), pass]);
    await assert.rejects(run(), passed);
    const tagged = { tags: [{ key: "a", value: "b" }] };
    await assert.rejects(run(tagged), { name: "AccessDeniedException", message: /ecs:TagResource/ });
    const tag = allow("ecs:TagResource", arn("ecs", "task/*"), { StringEquals: { "ecs:CreateAction": "RunTask" } });
    await setPolicy("r", [onCluster("ours"), pass, tag]);
    await assert.rejects(run(tagged), passed);
  });

  it("may launch only from a template of ours, and each part of the launch must be allowed", async () => {
    const ec2 = use(new EC2(admin));
    const profileRole = await makeRole("ecsInstanceRole", [], "ec2.amazonaws.com");
    const iam = cloud.world.service("iam").operations;
    const call = { account: ACCOUNT, region: REGION, accessKeyId: "test", requestId: "0" };
    iam.CreateInstanceProfile!({ InstanceProfileName: "p" }, call);
    iam.AddRoleToInstanceProfile!({ InstanceProfileName: "p", RoleName: "ecsInstanceRole" }, call);
    const Tags = [{ Key: "owner", Value: "us" }];
    await ec2.createLaunchTemplate({
      LaunchTemplateName: "tmpl",
      LaunchTemplateData: {
        ImageId: "resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id",
        InstanceType: "t3.micro",
        IamInstanceProfile: { Name: "p" },
        TagSpecifications: [{ ResourceType: "instance", Tags }],
      },
      TagSpecifications: [{ ResourceType: "launch-template", Tags }],
    });
    const launch = (more: object = { LaunchTemplate: { LaunchTemplateName: "tmpl" } }) =>
      use(new EC2(as("r"))).runInstances({ MinCount: 1, MaxCount: 1, ...more });
    const parts = ["instance", "volume", "network-interface", "subnet", "security-group"];
    const statements = [
      allow("ec2:RunInstances", arn("ec2", "launch-template/*"), { StringEquals: { "aws:ResourceTag/owner": "us" } }),
      allow("ec2:RunInstances", [...parts.map((part) => arn("ec2", `${part}/*`)), `arn:aws:ec2:${REGION}::image/*`], {
        ArnLike: { "ec2:LaunchTemplate": arn("ec2", "launch-template/*") },
      }),
      allow("ec2:CreateTags", arn("ec2", "instance/*"), { StringEquals: { "ec2:CreateAction": "RunInstances" } }),
      allow("ssm:GetParameters", `arn:aws:ssm:${REGION}::parameter/aws/service/ecs/optimized-ami/*`),
      allow("iam:PassRole", profileRole, { StringEquals: { "iam:PassedToService": "ec2.amazonaws.com" } }),
    ];
    for (const missing of statements) {
      await setPolicy(
        "r",
        statements.filter((one) => one !== missing),
      );
      const message = /^You are not authorized to perform this operation\. User: /;
      await assert.rejects(launch(), { name: "UnauthorizedOperation", message }, JSON.stringify(missing));
    }
    await setPolicy("r", statements);
    const { Instances = [] } = await launch();
    assert.equal(Instances.length, 1);
    const ImageId = Instances[0]!.ImageId;
    await assert.rejects(launch({ ImageId, InstanceType: "t3.micro" }), { name: "UnauthorizedOperation" });

    const end = () => use(new EC2(as("r"))).terminateInstances({ InstanceIds: [Instances[0]!.InstanceId!] });
    await assert.rejects(end(), { name: "UnauthorizedOperation" });
    const tagged = (value: string) =>
      allow("ec2:TerminateInstances", arn("ec2", "instance/*"), { StringEquals: { "aws:ResourceTag/owner": value } });
    await setPolicy("r", [tagged("them")]);
    await assert.rejects(end(), { name: "UnauthorizedOperation" });
    await setPolicy("r", [tagged("us")]);
    await end();
  });

  it("may make alarms of the permitted action only, and see alarms where they may see all of them", async () => {
    const iam = cloud.world.service("iam").operations;
    const call = { account: ACCOUNT, region: REGION, accessKeyId: "test", requestId: "0" };
    const actions = ["cloudwatch:PutMetricAlarm", "cloudwatch:DescribeAlarms"];
    const condition = { "ForAllValues:StringLike": { "cloudwatch:AlarmActions": "arn:aws:automate:*:ec2:terminate" } };
    await setPolicy("r", [allow(actions, arn("cloudwatch", "alarm:*-shutdown"), condition)]);
    const cloudwatch = use(new CloudWatch(as("r")));
    const alarm = (AlarmName: string, verb: string) =>
      cloudwatch.putMetricAlarm({
        AlarmName,
        Namespace: "AWS/EC2",
        MetricName: "CPUUtilization",
        Dimensions: [{ Name: "InstanceId", Value: "i-0" }],
        Statistic: "Average",
        Period: 300,
        EvaluationPeriods: 12,
        Threshold: 1,
        ComparisonOperator: "LessThanThreshold",
        AlarmActions: [`arn:aws:automate:${REGION}:ec2:${verb}`],
      });
    // Without the role by which CloudWatch acts, the first such alarm would create it.
    await assert.rejects(alarm("i-0-shutdown", "terminate"), { message: /iam:CreateServiceLinkedRole/ });
    iam.CreateServiceLinkedRole!({ AWSServiceName: "events.amazonaws.com" }, call);
    await alarm("i-0-shutdown", "terminate");
    await assert.rejects(alarm("i-0-shutdown", "stop"), { name: /AccessDenied/ });
    await assert.rejects(alarm("other", "terminate"), { name: /AccessDenied/ });
    const AlarmNames = ["i-0-shutdown"];
    await assert.rejects(cloudwatch.describeAlarms({ AlarmNames }), { message: /alarm:\* because/ });
    await setPolicy("r", [allow("cloudwatch:DescribeAlarms", arn("cloudwatch", "alarm:*"))]);
    assert.equal((await cloudwatch.describeAlarms({ AlarmNames })).MetricAlarms?.length, 1);
  });
});
