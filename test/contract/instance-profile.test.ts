import { after } from "node:test";
import {
  AddRoleToInstanceProfileCommand,
  CreateInstanceProfileCommand,
  DeleteInstanceProfileCommand,
  GetInstanceProfileCommand,
  RemoveRoleFromInstanceProfileCommand,
  TagInstanceProfileCommand,
  UntagInstanceProfileCommand,
} from "@aws-sdk/client-iam";
import { tagList, tagsOf } from "../../src/aws/tags.ts";
import { instanceProfile } from "../../src/kinds/instance-profile.ts";
import { startBackend } from "../support/backend.ts";
import { inReverse, makeRole } from "../support/hangers-on.ts";
import type { Stage } from "./case.ts";
import { contract } from "./contract.ts";
import { othersTag, type TagCalls, tagTampers } from "./tags.ts";

const backend = await startBackend();
after(() => backend.stop());

const ours = ({ unique }: Stage) => `pw-contract-ours-${unique}`;
const theirs = ({ unique }: Stage) => `pw-contract-theirs-${unique}`;

const tagCalls: TagCalls = {
  set: ({ sdk, name }, tags) =>
    sdk.iam.send(new TagInstanceProfileCommand({ InstanceProfileName: name, Tags: tagList(tags) })),
  remove: ({ sdk, name }, TagKeys) =>
    sdk.iam.send(new UntagInstanceProfileCommand({ InstanceProfileName: name, TagKeys })),
  get: async ({ sdk, name }) =>
    tagsOf((await sdk.iam.send(new GetInstanceProfileCommand({ InstanceProfileName: name }))).InstanceProfile?.Tags),
};

const letGo = async ({ sdk, name }: Stage) => {
  const { InstanceProfile } = await sdk.iam.send(new GetInstanceProfileCommand({ InstanceProfileName: name }));
  for (const { RoleName } of InstanceProfile?.Roles ?? []) {
    await sdk.iam.send(new RemoveRoleFromInstanceProfileCommand({ InstanceProfileName: name, RoleName }));
  }
};

contract(backend, {
  kind: "instance-profile",
  make: instanceProfile,
  name: ({ unique, account }) => `pw-contract-${unique}-${account.region}`,
  spec: (stage) => ({ path: "/", role: ours(stage), tags: stage.tags }),
  prepare: async (stage) =>
    inReverse(
      await makeRole(stage, ours(stage), "ec2.amazonaws.com"),
      await makeRole(stage, theirs(stage), "ec2.amazonaws.com"),
    ),
  tampers: [
    { field: "role", what: "the role taken out", change: letGo },
    {
      field: "role",
      what: "another role in its place",
      async change(stage) {
        await letGo(stage);
        await stage.sdk.iam.send(
          new AddRoleToInstanceProfileCommand({ InstanceProfileName: stage.name, RoleName: theirs(stage) }),
        );
      },
    },
    ...tagTampers(tagCalls),
  ],
  writtenAtBirth: { path: "a profile made by hand may stand under another path, and AWS cannot move it" },
  others: [othersTag(tagCalls)],
  async remove(stage) {
    await letGo(stage);
    await stage.sdk.iam.send(new DeleteInstanceProfileCommand({ InstanceProfileName: stage.name }));
  },
  foreign: ({ sdk, name }) =>
    sdk.iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: name, Tags: tagList({ colour: "green" }) })),
});
