import { after } from "node:test";
import {
  CreateLogGroupCommand,
  DeleteLogGroupCommand,
  DeleteRetentionPolicyCommand,
  ListTagsForResourceCommand,
  PutRetentionPolicyCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { logGroup } from "../../src/kinds/log-group.ts";
import { startBackend } from "../support/backend.ts";
import type { Stage } from "./case.ts";
import { contract } from "./contract.ts";
import { othersTag, type TagCalls, tagTampers } from "./tags.ts";

const backend = await startBackend();
after(() => backend.stop());

const arnOf = (stage: Stage) => stage.arn("logs", `log-group:${stage.name}`);

const tagCalls: TagCalls = {
  set: (stage, tags) => stage.sdk.logs.send(new TagResourceCommand({ resourceArn: arnOf(stage), tags: { ...tags } })),
  remove: (stage, tagKeys) => stage.sdk.logs.send(new UntagResourceCommand({ resourceArn: arnOf(stage), tagKeys })),
  get: async (stage) =>
    (await stage.sdk.logs.send(new ListTagsForResourceCommand({ resourceArn: arnOf(stage) }))).tags ?? {},
};

contract(backend, {
  kind: "log-group",
  make: logGroup,
  name: ({ unique }) => `/aws/lambda/pw-contract-${unique}`,
  spec: ({ tags }) => ({ retentionInDays: 30, tags }),
  tampers: [
    {
      field: "retentionInDays",
      change: ({ sdk, name }) =>
        sdk.logs.send(new PutRetentionPolicyCommand({ logGroupName: name, retentionInDays: 1 })),
    },
    {
      field: "retentionInDays",
      what: "the retention taken off",
      change: ({ sdk, name }) => sdk.logs.send(new DeleteRetentionPolicyCommand({ logGroupName: name })),
    },
    ...tagTampers(tagCalls),
  ],
  others: [othersTag(tagCalls)],
  remove: ({ sdk, name }) => sdk.logs.send(new DeleteLogGroupCommand({ logGroupName: name })),
  foreign: ({ sdk, name }) =>
    sdk.logs.send(new CreateLogGroupCommand({ logGroupName: name, tags: { colour: "green" } })),
});
