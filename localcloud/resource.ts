import type { Call } from "./service.ts";

type Input = Readonly<Record<string, unknown>>;

/** The ARN that a call is about, as far as its input tells; undefined where it names nothing (lists, creations by id). */
export function resourceOf(service: string, input: Input, call: Pick<Call, "account" | "region">): string | undefined {
  const { account, region } = call;
  const arn = (name: string, resource: string) => `arn:aws:${name}:${region}:${account}:${resource}`;
  const given = text(input, ...ARN_MEMBERS);
  if (given?.startsWith("arn:")) return given;
  switch (service) {
    case "s3": {
      const bucket = text(input, "Bucket");
      const key = text(input, "Key");
      return bucket && `arn:aws:s3:::${bucket}${key ? `/${key}` : ""}`;
    }
    case "sqs": {
      const queue = text(input, "QueueName") ?? text(input, "QueueUrl")?.split("/").at(-1);
      return queue && arn("sqs", queue);
    }
    case "iam":
      return named(
        input,
        // A role that is put into a profile: the call is about the profile.
        { InstanceProfileName: "instance-profile", RoleName: "role", PolicyName: "policy" },
        (path) => `arn:aws:iam::${account}:${path}`,
      );
    case "lambda":
      return named(input, { FunctionName: "function:" }, (path) => arn("lambda", path));
    case "eventbridge":
      return named({ Name: input.Name ?? input.Rule }, { Name: "rule" }, (path) => arn("events", path));
    case "cloudwatch":
      return named({ Name: input.AlarmName ?? first(input.AlarmNames) }, { Name: "alarm:" }, (path) =>
        arn("cloudwatch", path),
      );
    case "cloudwatch-logs":
      return named(input, { logGroupName: "log-group:" }, (path) => arn("logs", path));
    case "ecs":
      return named(
        { ...input, cluster: input.cluster ?? input.clusterName ?? first(input.clusters) },
        { taskDefinition: "task-definition", family: "task-definition", task: "task", cluster: "cluster" },
        (path) => arn("ecs", path),
      );
    case "ec2":
      return named(
        { ...input, InstanceId: first(input.InstanceIds) },
        {
          GroupId: "security-group",
          GroupName: "security-group",
          LaunchTemplateId: "launch-template",
          LaunchTemplateName: "launch-template",
          InstanceId: "instance",
          KeyName: "key-pair",
        },
        (path) => arn("ec2", path),
      );
    default:
      return undefined;
  }
}

const ARN_MEMBERS = ["resourceArn", "ResourceARN", "Resource", "resource", "FunctionName", "cluster", "taskDefinition"];

function named(
  input: Input,
  kinds: Readonly<Record<string, string>>,
  arn: (path: string) => string,
): string | undefined {
  for (const [member, kind] of Object.entries(kinds)) {
    const name = text(input, member);
    if (name === undefined) continue;
    if (name.startsWith("arn:")) return name;
    return arn(kind.endsWith(":") ? kind + name : `${kind}/${name}`);
  }
  return undefined;
}

function text(input: Input, ...members: string[]): string | undefined {
  for (const member of members) {
    const value = input[member];
    if (typeof value === "string" && value !== "") return value;
  }
  return undefined;
}

function first(list: unknown): unknown {
  return Array.isArray(list) ? list[0] : undefined;
}
