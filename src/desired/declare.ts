/** Puts a spec under its key, with the tags of its owner and the claim that the workflow's file makes on it. */
import { type Ownership, ownerTags, TAG, type Tags } from "../core/owner.ts";
import { type Claim, type Desired, type Key, keyOf, type WithRefs } from "../core/resource.ts";
import type { AlarmSpec } from "../kinds/alarm.ts";
import type { BucketSpec } from "../kinds/bucket.ts";
import type { ClusterSpec } from "../kinds/cluster.ts";
import type { EventInvokeConfigSpec } from "../kinds/event-invoke-config.ts";
import type { FunctionSpec } from "../kinds/function.ts";
import type { FunctionPermissionSpec } from "../kinds/function-permission.ts";
import type { InstanceProfileSpec } from "../kinds/instance-profile.ts";
import type { KeyPairSpec } from "../kinds/key-pair.ts";
import type { LaunchTemplateSpec } from "../kinds/launch-template.ts";
import type { LogGroupSpec } from "../kinds/log-group.ts";
import type { NotificationSpec } from "../kinds/notification.ts";
import type { ObjectSpec } from "../kinds/object.ts";
import type { QueueSpec } from "../kinds/queue.ts";
import type { RoleSpec } from "../kinds/role.ts";
import type { RuleSpec } from "../kinds/rule.ts";
import type { SecurityGroupSpec } from "../kinds/security-group.ts";
import type { ServiceLinkedRoleSpec } from "../kinds/service-linked-role.ts";
import type { SubnetSpec } from "../kinds/subnet.ts";
import type { TaskDefinitionSpec } from "../kinds/task-definition.ts";
import type { WorkerBundleSpec } from "../kinds/worker-bundle.ts";

/** Kinds whose resources carry tags; `declare` adds them. */
interface TaggedSpecs {
  readonly alarm: AlarmSpec;
  readonly bucket: BucketSpec;
  readonly cluster: ClusterSpec;
  readonly function: FunctionSpec;
  readonly "instance-profile": InstanceProfileSpec;
  readonly "launch-template": LaunchTemplateSpec;
  readonly "log-group": LogGroupSpec;
  readonly queue: QueueSpec;
  readonly role: RoleSpec;
  readonly rule: RuleSpec;
  readonly "security-group": SecurityGroupSpec;
  readonly "task-definition": TaskDefinitionSpec;
}

/** Kinds whose resources are part of another, or a person's, or carry no tags of ours. */
interface PlainSpecs {
  readonly "event-invoke-config": EventInvokeConfigSpec;
  readonly "function-permission": FunctionPermissionSpec;
  readonly "key-pair": KeyPairSpec;
  readonly notification: NotificationSpec;
  readonly object: ObjectSpec;
  readonly "service-linked-role": ServiceLinkedRoleSpec;
  readonly subnet: SubnetSpec;
  readonly "worker-bundle": WorkerBundleSpec;
}

interface Relations {
  /** @default [] */
  readonly needs?: readonly Key[];
  /** What holds unless the file says `adopt`. @default "own" */
  readonly claim?: Claim;
}

export interface Declare {
  /** Something with tags of its own; `extraTags` come on top of the owner's. */
  tagged<K extends keyof TaggedSpecs>(
    kind: K,
    name: string,
    spec: WithRefs<Omit<TaggedSpecs[K], "tags">>,
    relations?: Relations & { readonly extraTags?: Tags },
  ): Desired;
  plain<K extends keyof PlainSpecs>(
    kind: K,
    name: string,
    spec: WithRefs<PlainSpecs[K]>,
    relations?: Relations,
  ): Desired;
  /** The owner's tags for what the running pipeline creates itself in the name of a resource. */
  tagsFor(key: Key): Tags;
}

export function declaring(ownership: Ownership, adopt: readonly string[]): Declare {
  const adopted = new Set(adopt);
  const desired = (key: Key, spec: unknown, { needs = [], claim = "own" }: Relations): Desired => ({
    key,
    spec,
    needs: [...new Set(needs)],
    claim: adopted.has(key) ? "adopt" : claim,
  });
  return {
    tagged: (kind, name, spec, { extraTags = {}, ...relations } = {}) => {
      const key = keyOf(kind, name);
      const adoptedTag = adopted.has(key) ? { [TAG.adopted]: "true" } : {};
      const tags = { ...ownerTags(key, ownership), ...extraTags, ...adoptedTag };
      return desired(key, Object.assign({}, spec, { tags }), relations);
    },
    plain: (kind, name, spec, relations = {}) => desired(keyOf(kind, name), spec, relations),
    tagsFor: (key) => ownerTags(key, ownership),
  };
}
