import type { PutMetricAlarmInput } from "@aws-sdk/client-cloudwatch";
import { arn } from "../../services/arn.ts";
import type { Iam } from "../../services/iam.ts";
import { tagsFromList } from "../../services/tags.ts";
import type { Need } from "../policy/evaluate.ts";
import { type Ask, type NeedsOf, requestTags } from "./ask.ts";

const alarm = ({ call }: Ask, name: string) => arn("cloudwatch", call.region, call.account, `alarm:${name}`);
const star = (ask: Ask): Need[] => [{ action: `cloudwatch:${ask.operation}`, resource: "*" }];

export const cloudWatchNeeds: NeedsOf = {
  PutMetricAlarm: (ask) => {
    const input: PutMetricAlarmInput = ask.input;
    const resource = alarm(ask, input.AlarmName ?? "");
    const actions = [input.AlarmActions, input.OKActions, input.InsufficientDataActions].flatMap((list) => list ?? []);
    const tags = tagsFromList(input.Tags);
    return [
      {
        action: "cloudwatch:PutMetricAlarm",
        resource,
        context: { "cloudwatch:alarmactions": actions.length > 0 ? actions : undefined, ...requestTags(tags) },
      },
      ...(tags.size > 0 ? [{ action: "cloudwatch:TagResource", resource, context: requestTags(tags) }] : []),
      ...linkedRoleNeeds(ask, actions),
    ];
  },
  // Refusals name all alarms as the resource, also where the call names some.
  DescribeAlarms: (ask) => [{ action: "cloudwatch:DescribeAlarms", resource: alarm(ask, "*") }],
  DeleteAlarms: (ask) =>
    (ask.input.AlarmNames ?? []).map((name: string) => ({
      action: "cloudwatch:DeleteAlarms",
      resource: alarm(ask, name),
    })),
  PutMetricData: (ask) => [{ ...star(ask)[0]!, context: { "cloudwatch:namespace": [ask.input.Namespace ?? ""] } }],
  GetMetricData: star,
  GetMetricStatistics: star,
  ListMetrics: star,
};

/** CloudWatch ends instances with a role of its own. Where the account lacks it, the first such alarm creates it. */
function linkedRoleNeeds({ world, call }: Ask, actions: readonly string[]): Need[] {
  const service = "events.amazonaws.com";
  const role = `arn:aws:iam::${call.account}:role/aws-service-role/${service}/AWSServiceRoleForCloudWatchEvents`;
  const isOnInstance = actions.some((action) => /:automate:[^:]*:ec2:|:swf:.*AWS_EC2/.test(action));
  if (!isOnInstance || world.service<Iam>("iam").roleId(role) !== undefined) return [];
  return [{ action: "iam:CreateServiceLinkedRole", resource: role, context: { "iam:awsservicename": [service] } }];
}

const onStream = ({ input, call, operation }: Ask): Need[] => [
  {
    action: `logs:${operation}`,
    resource: arn(
      "logs",
      call.region,
      call.account,
      `log-group:${input.logGroupName}:log-stream:${input.logStreamName}`,
    ),
  },
];

export const logsNeeds: NeedsOf = {
  CreateLogStream: onStream,
  PutLogEvents: onStream,
  GetLogEvents: onStream,
};

/** The queue that messages are taken from. */
const moving = ({ input, operation }: Ask): Need[] => [{ action: `sqs:${operation}`, resource: input.SourceArn }];

export const sqsNeeds: NeedsOf = {
  StartMessageMoveTask: (ask) => [
    ...moving(ask),
    ...["ReceiveMessage", "DeleteMessage", "GetQueueAttributes"].map((name) => ({
      action: `sqs:${name}`,
      resource: ask.input.SourceArn,
    })),
  ],
  ListMessageMoveTasks: moving,
};

/** Everybody may ask who they are. */
export const stsNeeds: NeedsOf = { GetCallerIdentity: () => [] };
