import type {
  DeleteTaskDefinitionsRequest,
  DeleteTaskDefinitionsResponse,
  DeregisterTaskDefinitionRequest,
  DeregisterTaskDefinitionResponse,
  DescribeTaskDefinitionRequest,
  DescribeTaskDefinitionResponse,
  Failure,
  ListTaskDefinitionFamiliesRequest,
  ListTaskDefinitionFamiliesResponse,
  ListTaskDefinitionsRequest,
  ListTaskDefinitionsResponse,
  RegisterTaskDefinitionRequest,
  RegisterTaskDefinitionResponse,
  TaskDefinition,
} from "@aws-sdk/client-ecs";
import { callerArn } from "../../caller.ts";
import type { Call, Operation, World } from "../../service.ts";
import { parseArn } from "../arn.ts";
import type { Regional } from "../regions.ts";
import { clientException, invalidParameter } from "./errors.ts";
import { ecsArn, listed } from "./lookup.ts";
import { checkedRole } from "./roles.ts";
import type { EcsState, FamilyRecord, TaskDefinitionRecord } from "./state.ts";
import { ecsTagList, ecsTags } from "./tags.ts";
import { checkTaskDefinition } from "./task-definition-checks.ts";
import { withDefaults } from "./task-definition-defaults.ts";

/** How long a revision whose deletion was asked for can still be described, where no task of it lives. */
const DELETION_MS = 60_000;

export function taskDefinitionOperations(states: Regional<EcsState>, world: World): Record<string, Operation> {
  return {
    RegisterTaskDefinition(input: RegisterTaskDefinitionRequest, call: Call): RegisterTaskDefinitionResponse {
      const state = states.in(call);
      checkTaskDefinition(input);
      const tags = ecsTags(input.tags);
      const roles = {
        taskRoleArn: checkedRole(world, input.taskRoleArn, call),
        executionRoleArn: checkedRole(world, input.executionRoleArn, call),
      };
      const content = withDefaults({ ...input, ...roles });
      const family = state.families.get(input.family!) ?? newFamily(state, input.family!);
      const revision = ++family.latestRevision;
      const arn = ecsArn(call, `task-definition/${family.name}:${revision}`);
      const record: TaskDefinitionRecord = {
        arn,
        family: family.name,
        revision,
        tags,
        status: "ACTIVE",
        deregisteredAtMs: undefined,
        deleteRequestedAtMs: undefined,
        content: {
          ...content,
          taskDefinitionArn: arn,
          revision,
          registeredAt: new Date(world.now()),
          registeredBy: callerArn(call),
        },
      };
      family.revisions.set(revision, record);
      return { taskDefinition: answered(record), tags: ecsTagList(tags) };
    },

    DescribeTaskDefinition(input: DescribeTaskDefinitionRequest, call: Call): DescribeTaskDefinitionResponse {
      const record = taskDefinition(states.in(call), input.taskDefinition ?? "", world.now());
      if (record === undefined) throw clientException("Unable to describe task definition.");
      const tags = input.include?.includes("TAGS") ? ecsTagList(record.tags) : [];
      return { taskDefinition: answered(record), tags };
    },

    /** `familyPrefix` is, in spite of its name, a whole family. */
    ListTaskDefinitions(input: ListTaskDefinitionsRequest, call: Call): ListTaskDefinitionsResponse {
      const status = input.status ?? "ACTIVE";
      const state = states.in(call);
      const records = [...state.families.values()]
        .filter(({ name }) => (input.familyPrefix ?? name) === name)
        .flatMap((family) => revisionsOf(state, family, world.now()).filter((record) => record.status === status));
      const keys = sortKeys(records, input.sort === "DESC");
      const page = listed(records, (record) => keys.get(record)!, input);
      return { taskDefinitionArns: page.items.map(({ arn }) => arn), nextToken: page.nextToken };
    },

    ListTaskDefinitionFamilies(
      input: ListTaskDefinitionFamiliesRequest,
      call: Call,
    ): ListTaskDefinitionFamiliesResponse {
      const wanted = input.status ?? "ALL";
      const state = states.in(call);
      const names = [...state.families.values()]
        .filter(({ name }) => name.startsWith(input.familyPrefix ?? ""))
        .filter((family) => {
          const revisions = revisionsOf(state, family, world.now());
          if (revisions.length === 0) return false;
          return wanted === "ALL" || (wanted === "ACTIVE") === revisions.some(({ status }) => status === "ACTIVE");
        })
        .map(({ name }) => name);
      const page = listed(names, (name) => name, input);
      return { families: [...page.items], nextToken: page.nextToken };
    },

    /** Needs the revision: a family alone would be whichever is the newest by then. */
    DeregisterTaskDefinition(input: DeregisterTaskDefinitionRequest, call: Call): DeregisterTaskDefinitionResponse {
      const reference = input.taskDefinition ?? "";
      if (!/:\d+$/.test(reference)) throw clientException("Invalid revision number. Number: null");
      const record = taskDefinition(states.in(call), reference, world.now());
      if (record === undefined || record.status === "DELETE_IN_PROGRESS") {
        throw clientException("The specified task definition does not exist.");
      }
      if (record.status === "ACTIVE") {
        record.status = "INACTIVE";
        record.deregisteredAtMs = world.now();
      }
      return { taskDefinition: answered(record) };
    },

    DeleteTaskDefinitions(input: DeleteTaskDefinitionsRequest, call: Call): DeleteTaskDefinitionsResponse {
      const references = input.taskDefinitions ?? [];
      if (references.length === 0) throw invalidParameter("References cannot be empty.");
      if (references.length > 10) throw invalidParameter("The number of task definitions cannot exceed 10.");
      const taskDefinitions: TaskDefinition[] = [];
      const failures: Failure[] = [];
      for (const reference of references) {
        const record = /:\d+$/.test(reference) ? taskDefinition(states.in(call), reference, world.now()) : undefined;
        if (record === undefined) {
          failures.push({
            arn: reference,
            reason: "The specified task definition identifier is invalid or does not exist.",
          });
        } else if (record.status === "ACTIVE") {
          const reason =
            "The specified task definition is still in ACTIVE status. Please deregister the target and try again.";
          failures.push({ arn: record.arn, reason });
        } else {
          record.status = "DELETE_IN_PROGRESS";
          record.deleteRequestedAtMs ??= world.now();
          taskDefinitions.push(answered(record));
        }
      }
      return { taskDefinitions, failures };
    },
  };
}

/** By family (its newest active revision), by `family:revision`, or by ARN. */
export function taskDefinition(state: EcsState, reference: string, now: number): TaskDefinitionRecord | undefined {
  const path = reference.startsWith("arn:")
    ? /^task-definition\/(.+)$/.exec(parseArn(reference)?.resource ?? "")?.[1]
    : reference;
  const [name = "", revision] = (path ?? "").split(":");
  const family = state.families.get(name);
  if (family === undefined) return undefined;
  const records = revisionsOf(state, family, now);
  if (revision !== undefined) return records.find((record) => record.revision === Number(revision));
  return records.filter(({ status }) => status === "ACTIVE").at(-1);
}

/** All revisions that can be seen, the oldest first. */
function revisionsOf(state: EcsState, family: FamilyRecord, now: number): TaskDefinitionRecord[] {
  return [...family.revisions.values()].filter(
    (record) =>
      record.deleteRequestedAtMs === undefined ||
      now - record.deleteRequestedAtMs < DELETION_MS ||
      hasTasks(state, record),
  );
}

function hasTasks({ clusters }: EcsState, { arn }: TaskDefinitionRecord): boolean {
  return [...clusters.values()].some(({ tasks }) =>
    [...tasks.values()].some(({ definition, task }) => definition.arn === arn && task.lastStatus !== "STOPPED"),
  );
}

function newFamily(state: EcsState, name: string): FamilyRecord {
  const family: FamilyRecord = { name, latestRevision: 0, revisions: new Map() };
  state.families.set(name, family);
  return family;
}

/** Families by name and revisions by number, or both the other way round. */
function sortKeys(records: readonly TaskDefinitionRecord[], descending: boolean): Map<TaskDefinitionRecord, string> {
  const sorted = [...records].sort((a, b) =>
    a.family === b.family ? a.revision - b.revision : a.family < b.family ? -1 : 1,
  );
  if (!descending)
    return new Map(sorted.map((record) => [record, `${record.family} ${String(record.revision).padStart(9, "0")}`]));
  // Characters count down, and a shorter name comes after what it begins.
  const inverted = (text: string) =>
    [...text].map((c) => String.fromCharCode(0x7f - c.charCodeAt(0))).join("") + "\x7f";
  return new Map(
    sorted.map((record) => [record, `${inverted(record.family)}:${String(1e9 - record.revision).padStart(10, "0")}`]),
  );
}

function answered(record: TaskDefinitionRecord): TaskDefinition {
  const { deregisteredAtMs, deleteRequestedAtMs } = record;
  return {
    ...structuredClone(record.content),
    status: record.status,
    deregisteredAt: deregisteredAtMs === undefined ? undefined : new Date(deregisteredAtMs),
    deleteRequestedAt: deleteRequestedAtMs === undefined ? undefined : new Date(deleteRequestedAtMs),
  };
}
