import { arn } from "../../services/arn.ts";
import { ecsTags } from "../../services/ecs/tags.ts";
import { tagsFromList } from "../../services/tags.ts";
import type { Need } from "../policy/evaluate.ts";
import { type Ask, requestTags } from "./ask.ts";

type Tags = ReadonlyMap<string, string>;
// biome-ignore lint/suspicious/noExplicitAny: every operation has its own input
type Read = (input: any) => Tags;

const asRecord: Read = ({ tags, Tags }) => new Map(Object.entries(tags ?? Tags ?? {}));
const asList: Read = ({ Tags }) => tagsFromList(Tags);
const asSpecifications: Read = ({ TagSpecifications = [] }) =>
  new Map(TagSpecifications.flatMap((one: { Tags?: [] }) => [...tagsFromList(one.Tags)]));

/** What is made with tags: the action that tagging needs besides, and where the request has them. */
const BIRTHS: Readonly<Record<string, readonly [action: string, read: Read]>> = {
  "s3:CreateBucket": ["s3:TagResource", (input) => tagsFromList(input.CreateBucketConfiguration?.Tags)],
  "sqs:CreateQueue": ["sqs:TagQueue", asRecord],
  "lambda:CreateFunction": ["lambda:TagResource", asRecord],
  "cloudwatch-logs:CreateLogGroup": ["logs:TagResource", asRecord],
  "iam:CreateRole": ["iam:TagRole", asList],
  "iam:CreateInstanceProfile": ["iam:TagInstanceProfile", asList],
  "eventbridge:PutRule": ["events:TagResource", asList],
  "ecs:CreateCluster": ["ecs:TagResource", ({ tags }) => ecsTags(tags)],
  "ecs:RegisterTaskDefinition": ["ecs:TagResource", ({ tags }) => ecsTags(tags)],
  "ec2:CreateLaunchTemplate": ["ec2:CreateTags", asSpecifications],
  "ec2:CreateSecurityGroup": ["ec2:CreateTags", asSpecifications],
};

/** The call's own needs with the tags that it sets, and the right to set them on what comes into being. */
export function withBirthTags(ask: Ask, needs: readonly Need[]): readonly Need[] {
  const [action, read] = BIRTHS[`${ask.service.id}:${ask.operation}`] ?? [];
  const tags = read?.(ask.input) ?? new Map();
  const [first, ...rest] = needs;
  if (action === undefined || first === undefined || tags.size === 0) return needs;
  const context = requestTags(tags);
  const creating = { [`${ask.service.id}:createaction`]: [ask.operation] };
  return [
    { ...first, context: { ...first.context, ...context } },
    ...rest,
    { action, resource: newcomer(ask) ?? first.resource, context: { ...context, ...creating } },
  ];
}

/** The ARN of what has none yet, or whose creation is about no resource. */
function newcomer({ operation, input, call }: Ask): string | undefined {
  const own = (service: string, rest: string) => arn(service, call.region, call.account, rest);
  switch (operation) {
    case "CreateCluster":
      return own("ecs", `cluster/${input.clusterName ?? "default"}`);
    case "RegisterTaskDefinition":
      return own("ecs", `task-definition/${input.family}:*`);
    case "CreateLaunchTemplate":
      return own("ec2", "launch-template/*");
    case "CreateSecurityGroup":
      return own("ec2", "security-group/*");
  }
  return undefined;
}
