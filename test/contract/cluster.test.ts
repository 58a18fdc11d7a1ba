import { after } from "node:test";
import {
  CreateClusterCommand,
  DeleteClusterCommand,
  ListTagsForResourceCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-ecs";
import { lowerTagList, tagsOf } from "../../src/aws/tags.ts";
import { cluster } from "../../src/kinds/cluster.ts";
import { startBackend } from "../support/backend.ts";
import type { Stage } from "./case.ts";
import { contract } from "./contract.ts";
import { othersTag, type TagCalls, tagTampers } from "./tags.ts";

const backend = await startBackend();
after(() => backend.stop());

const arnOf = (stage: Stage) => stage.arn("ecs", `cluster/${stage.name}`);

const tagCalls: TagCalls = {
  set: (stage, tags) =>
    stage.sdk.ecs.send(new TagResourceCommand({ resourceArn: arnOf(stage), tags: lowerTagList(tags) })),
  remove: (stage, tagKeys) => stage.sdk.ecs.send(new UntagResourceCommand({ resourceArn: arnOf(stage), tagKeys })),
  get: async (stage) =>
    tagsOf((await stage.sdk.ecs.send(new ListTagsForResourceCommand({ resourceArn: arnOf(stage) }))).tags),
};

contract(backend, {
  kind: "cluster",
  make: cluster,
  spec: ({ tags }) => ({ tags }),
  tampers: tagTampers(tagCalls),
  others: [othersTag(tagCalls)],
  skip: ({ cannot }) => ({ "late creation": cannot("cluster-created-twice") }),
  remove: ({ sdk, name }) => sdk.ecs.send(new DeleteClusterCommand({ cluster: name })),
  foreign: ({ sdk, name }) =>
    sdk.ecs.send(new CreateClusterCommand({ clusterName: name, tags: lowerTagList({ colour: "green" }) })),
});
