import type * as api from "@aws-sdk/client-iam";
import type { Call, Operation, World } from "../../service.ts";
import type { Place } from "../regions.ts";
import { tagsToList } from "../tags.ts";
import { profileSummary, wholeProfile } from "./answers.ts";
import { deleteConflict, entityAlreadyExists, limitExceeded, noSuchEntity } from "./errors.ts";
import { iamPage } from "./iam-page.ts";
import { setTags } from "./roles.ts";
import { checkedName, checkedPath, type IamState, type ProfileRecord, profileNamed, roleNamed } from "./state.ts";

export function instanceProfileOperations(
  stateOf: (place: Place) => IamState,
  world: World,
): Record<string, Operation> {
  return {
    CreateInstanceProfile(input: api.CreateInstanceProfileCommandInput, call: Call) {
      const state = stateOf(call);
      const name = checkedName("instanceProfileName", input.InstanceProfileName, 128);
      if (state.profiles.has(name.toLowerCase())) throw entityAlreadyExists(`Instance Profile ${name} already exists.`);
      const path = checkedPath(input.Path);
      const profile: ProfileRecord = {
        name,
        path,
        id: world.id("AIPA", 17).toUpperCase(),
        arn: `arn:aws:iam::${state.account}:instance-profile${path}${name}`,
        createdAtMs: world.now(),
        tags: new Map(),
        role: undefined,
      };
      setTags(profile.tags, input.Tags);
      state.profiles.set(name.toLowerCase(), profile);
      return { InstanceProfile: wholeProfile(profile) };
    },
    GetInstanceProfile(input: api.GetInstanceProfileCommandInput, call: Call) {
      return { InstanceProfile: wholeProfile(profileNamed(stateOf(call), input.InstanceProfileName)) };
    },
    ListInstanceProfiles(input: api.ListInstanceProfilesCommandInput, call: Call) {
      const all = [...stateOf(call).profiles.values()];
      const profiles = all.filter((profile) => profile.path.startsWith(input.PathPrefix ?? "/"));
      const { items, ...page } = iamPage(profiles, (profile) => profile.name, input);
      return { InstanceProfiles: items.map(profileSummary), ...page };
    },
    ListInstanceProfilesForRole(input: api.ListInstanceProfilesForRoleCommandInput, call: Call) {
      const state = stateOf(call);
      const role = roleNamed(state, input.RoleName);
      const profiles = [...state.profiles.values()].filter((profile) => profile.role === role);
      const { items, ...page } = iamPage(profiles, (profile) => profile.name, input);
      return { InstanceProfiles: items.map(profileSummary), ...page };
    },
    DeleteInstanceProfile(input: api.DeleteInstanceProfileCommandInput, call: Call) {
      const state = stateOf(call);
      const profile = profileNamed(state, input.InstanceProfileName);
      if (profile.role !== undefined) {
        throw deleteConflict("Cannot delete entity, must remove roles from instance profile first.");
      }
      state.profiles.delete(profile.name.toLowerCase());
      return {};
    },

    AddRoleToInstanceProfile(input: api.AddRoleToInstanceProfileCommandInput, call: Call) {
      const state = stateOf(call);
      const profile = profileNamed(state, input.InstanceProfileName);
      const role = roleNamed(state, input.RoleName);
      if (profile.role !== undefined)
        throw limitExceeded("Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1");
      profile.role = role;
      return {};
    },
    RemoveRoleFromInstanceProfile(input: api.RemoveRoleFromInstanceProfileCommandInput, call: Call) {
      const state = stateOf(call);
      const profile = profileNamed(state, input.InstanceProfileName);
      if (profile.role !== roleNamed(state, input.RoleName)) {
        throw noSuchEntity(`Role ${input.RoleName} in Instance Profile ${profile.name} cannot be found.`);
      }
      profile.role = undefined;
      return {};
    },

    TagInstanceProfile(input: api.TagInstanceProfileCommandInput, call: Call) {
      setTags(profileNamed(stateOf(call), input.InstanceProfileName).tags, input.Tags);
      return {};
    },
    UntagInstanceProfile(input: api.UntagInstanceProfileCommandInput, call: Call) {
      const profile = profileNamed(stateOf(call), input.InstanceProfileName);
      for (const key of input.TagKeys ?? []) profile.tags.delete(key);
      return {};
    },
    ListInstanceProfileTags(input: api.ListInstanceProfileTagsCommandInput, call: Call) {
      const tags = tagsToList(profileNamed(stateOf(call), input.InstanceProfileName).tags);
      const { items, ...page } = iamPage(tags, (tag) => tag.Key, input);
      return { Tags: items, ...page };
    },
  };
}
