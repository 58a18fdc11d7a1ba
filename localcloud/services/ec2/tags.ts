import type {
  CreateTagsRequest,
  DeleteTagsRequest,
  DescribeTagsRequest,
  DescribeTagsResult,
  ResourceType,
  Tag,
  TagSpecification,
} from "@aws-sdk/client-ec2";
import { AwsError, type Call, type Operation } from "../../service.ts";
import type { Regional } from "../regions.ts";
import { tagProblem, tagsFromList } from "../tags.ts";
import { describedPage, filtered } from "./filters.ts";
import type { Ec2State } from "./state.ts";

/** Tags that a thing is born with. Specifications for other types than `types` are refused, as AWS does. */
export function tagsAtBirth(
  specifications: readonly TagSpecification[] | undefined,
  type: ResourceType,
  types: readonly ResourceType[] = [type],
): Map<string, string> {
  const tags = new Map<string, string>();
  for (const specification of specifications ?? []) {
    const wanted = specification.ResourceType;
    if (wanted === undefined || !types.includes(wanted)) {
      throw new AwsError(
        "InvalidParameterValue",
        `'${wanted}' is not a valid taggable resource type for this operation.`,
      );
    }
    if (wanted === type) for (const [key, value] of checkedTags(specification.Tags)) tags.set(key, value);
  }
  return tags;
}

export function tagOperations(states: Regional<Ec2State>): Record<string, Operation> {
  return {
    CreateTags(input: CreateTagsRequest, call: Call) {
      const state = states.in(call);
      const added = checkedTags(input.Tags);
      const records = (input.Resources ?? []).map((id) => taggedRecord(state, id).record);
      for (const { id, tags } of records) {
        const after = new Map([...[...tags].filter(([key]) => !key.startsWith("aws:")), ...added]);
        if (after.size > 50) throw new AwsError("TagLimitExceeded", `More than 50 tags specified for ${id}`);
      }
      for (const { tags } of records) for (const [key, value] of added) tags.set(key, value);
      return {};
    },

    DeleteTags(input: DeleteTagsRequest, call: Call) {
      const state = states.in(call);
      const records = (input.Resources ?? []).map((id) => taggedRecord(state, id).record);
      for (const { tags } of records) {
        const unwanted: readonly Tag[] =
          input.Tags ?? [...tags.keys()].filter((key) => !key.startsWith("aws:")).map((Key) => ({ Key }));
        for (const { Key, Value } of unwanted) {
          // A value narrows the wish: only a tag that has it goes.
          if (Value === undefined || tags.get(Key ?? "") === Value) tags.delete(Key ?? "");
        }
      }
      return {};
    },

    DescribeTags(input: DescribeTagsRequest, call: Call): DescribeTagsResult {
      const state = states.in(call);
      const all = taggedKinds(state).flatMap(({ type, records }) =>
        [...records.values()].flatMap((record) =>
          [...record.tags].map(([key, value]) => ({
            id: `${record.id} ${key}`,
            resourceId: record.id,
            type,
            key,
            value,
            tags: new Map([[key, value]]),
          })),
        ),
      );
      const found = filtered(all, input.Filters, {
        key: (tag) => [tag.key],
        value: (tag) => [tag.value],
        "resource-id": (tag) => [tag.resourceId],
        "resource-type": (tag) => [tag.type],
      });
      const page = describedPage(found, input, { least: 5, most: 1000 });
      return {
        Tags: page.items.map(({ resourceId, type, key, value }) => ({
          ResourceId: resourceId,
          ResourceType: type,
          Key: key,
          Value: value,
        })),
        NextToken: page.next,
      };
    },
  };
}

function checkedTags(list: readonly Tag[] | undefined): Map<string, string> {
  const tags = tagsFromList((list ?? []).map(({ Key, Value }) => ({ Key, Value })));
  const problem = tagProblem(tags);
  if (problem !== undefined) {
    throw new AwsError(tags.size > 50 ? "TagLimitExceeded" : "InvalidParameterValue", problem);
  }
  return tags;
}

interface TaggedRecord {
  readonly id: string;
  readonly tags: Map<string, string>;
}

interface TaggedKind {
  readonly prefix: string;
  readonly type: ResourceType;
  readonly absent: string;
  readonly noun: string;
  readonly records: ReadonlyMap<string, TaggedRecord>;
}

function taggedKinds(state: Ec2State): TaggedKind[] {
  return [
    {
      prefix: "i-",
      type: "instance",
      absent: "InvalidInstanceID.NotFound",
      noun: "instance",
      records: state.instances,
    },
    {
      prefix: "sg-",
      type: "security-group",
      absent: "InvalidGroup.NotFound",
      noun: "security group",
      records: state.securityGroups,
    },
    {
      prefix: "lt-",
      type: "launch-template",
      absent: "InvalidLaunchTemplateId.NotFound",
      noun: "launch template",
      records: state.launchTemplates,
    },
    { prefix: "key-", type: "key-pair", absent: "InvalidKeyPair.NotFound", noun: "key pair", records: state.keyPairs },
    { prefix: "subnet-", type: "subnet", absent: "InvalidSubnetID.NotFound", noun: "subnet", records: state.subnets },
    { prefix: "vpc-", type: "vpc", absent: "InvalidVpcID.NotFound", noun: "vpc", records: state.vpcs },
  ];
}

function taggedRecord(state: Ec2State, id: string): { type: ResourceType; record: TaggedRecord } {
  const kind = taggedKinds(state).find(({ prefix }) => id.startsWith(prefix));
  if (kind === undefined) throw new AwsError("InvalidID", `The ID '${id}' is not valid`);
  const record = kind.records.get(id);
  if (record === undefined) throw new AwsError(kind.absent, `The ${kind.noun} ID '${id}' does not exist`);
  return { type: kind.type, record };
}
