/** ECS task definition families. Revisions are immutable: a difference registers a new one. Name = family. */
import {
  DeleteTaskDefinitionsCommand,
  DeregisterTaskDefinitionCommand,
  DescribeTaskDefinitionCommand,
  type ListTaskDefinitionsCommandInput,
  paginateListTaskDefinitions,
  RegisterTaskDefinitionCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-ecs";
import { z } from "zod";
import type { Aws } from "../aws/aws.ts";
import { orUndefined } from "../aws/errors.ts";
import { createListing } from "../aws/seats.ts";
import { BATCH_MAX_AGE_MS, lowerTagList, tagsOf } from "../aws/tags.ts";
import { Failure } from "../core/failure.ts";
import { inventoried, isAdopted, isOurs, TAG, type Tags, tagChanges } from "../core/owner.ts";
import type { Change, Pass, Resource } from "../core/resource.ts";
import { specHash } from "../core/spec-hash.ts";
import { tidyUp, touches, touchesMoreThanTags, withEntries, writeTags } from "./changes.ts";
import {
  changedContent,
  contentChanges,
  contentOf,
  registration,
  type StandingContent,
  standingContent,
  type TaskDefinitionContent,
} from "./task-definition-content.ts";

const containerSchema = z.strictObject({
  name: z.string(),
  image: z.string(),
  essential: z.boolean(),
  entryPoint: z.array(z.string()),
  command: z.array(z.string()),
  /** CPU units (1,024 a vCPU). */
  cpu: z.int(),
  /** Hard limit, MiB. */
  memory: z.int(),
  /** Reservation, MiB. */
  memoryReservation: z.int(),
  /** The container's own. With none it sees none, whatever the instance has. */
  gpus: z.int(),
  environment: z.record(z.string(), z.string()),
  portMappings: z.array(
    z.strictObject({ containerPort: z.int(), hostPort: z.int(), protocol: z.enum(["tcp", "udp"]) }),
  ),
  mountPoints: z.array(z.strictObject({ sourceVolume: z.string(), containerPath: z.string(), readOnly: z.boolean() })),
  dependsOn: z.array(
    z.strictObject({ containerName: z.string(), condition: z.enum(["START", "COMPLETE", "SUCCESS"]) }),
  ),
  /** Never: it would be root on the instance. */
  privileged: z.literal(false),
  /** A small init is the first process: it hands signals on and buries processes that nobody waits for. */
  initProcess: z.boolean(),
  /** Seconds between SIGTERM and SIGKILL, at most 120. */
  stopTimeout: z.int(),
  /** awslogs driver. */
  logs: z.strictObject({ group: z.string(), region: z.string(), streamPrefix: z.string() }),
  /** ARN of a Secrets Manager secret for a private registry. */
  repositoryCredentials: z.string().nullable(),
});

export const taskDefinitionSchema = z.strictObject({
  taskRoleArn: z.string(),
  executionRoleArn: z.string(),
  networkMode: z.literal("bridge"),
  architecture: z.enum(["X86_64", "ARM64"]),
  containers: z.array(containerSchema),
  /** Host folders: volume name → path on the instance. */
  volumes: z.record(z.string(), z.string()),
  tags: z.record(z.string(), z.string()),
});
export type TaskDefinitionSpec = z.infer<typeof taskDefinitionSchema>;

/** A family's newest active revision. */
export interface TaskDefinitionActual {
  readonly arn: string;
  readonly content: StandingContent;
  readonly tags: Tags | undefined;
}

type Described = TaskDefinitionActual & { readonly active: boolean };

/** Active revisions that stay behind the newest: what was placed from them may still be starting. */
const OLD_REVISIONS_KEPT = 5;
/** Revisions that one DeleteTaskDefinitions takes. */
const DELETED_A_CALL = 10;
/** In place of the SDK's middleware of this name. */
const NO_RETRY = { name: "retryMiddleware", step: "finalizeRequest", priority: "high", override: true } as const;
/** "Unable to describe task definition." */
const GONE = "ClientException";

export function taskDefinition(aws: Aws): Resource<TaskDefinitionSpec, TaskDefinitionActual> {
  const { ecs } = aws.clients;
  /** Content of each family's newest revision: it never changes, so it is asked for once. */
  const contents = new Map<string, { readonly arn: string; readonly content: StandingContent }>();

  /** ARNs of active revisions by family, newest first. */
  const listed = async (input: ListTaskDefinitionsCommandInput, abortSignal?: AbortSignal) => {
    const families = new Map<string, string[]>();
    const pages = paginateListTaskDefinitions(
      { client: ecs, pageSize: 100 },
      { ...input, status: "ACTIVE" },
      { abortSignal },
    );
    for await (const page of pages) {
      for (const arn of page.taskDefinitionArns ?? []) {
        const arns = families.get(familyOf(arn));
        if (arns) arns.push(arn);
        else families.set(familyOf(arn), [arn]);
      }
    }
    for (const arns of families.values()) arns.sort((one, other) => revisionOf(other) - revisionOf(one));
    return families;
  };
  const everyFamily = createListing({ clock: aws.clock, maxAgeMs: BATCH_MAX_AGE_MS, load: () => listed({}) });

  const revisionsNow = async (family: string, pass: Pass): Promise<readonly string[]> =>
    (await listed({ familyPrefix: family }, pass.signal)).get(family) ?? [];

  /** @param taskDefinition ARN of a revision, or a family: its newest active one */
  const describe = async (taskDefinition: string, pass: Pass): Promise<Described | undefined> => {
    const answer = await orUndefined(
      ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition, include: ["TAGS"] }), { abortSignal: pass.signal }),
      GONE,
    );
    const definition = answer?.taskDefinition;
    const arn = definition?.taskDefinitionArn ?? "";
    const active = (definition?.status ?? "ACTIVE") === "ACTIVE";
    return definition && { arn, active, content: standingContent(definition), tags: tagsOf(answer.tags) };
  };

  /** Not every cloud keeps what is no longer active out of the answer for a family. */
  const newestNow = async (family: string, pass: Pass): Promise<TaskDefinitionActual | undefined> => {
    const found = await describe(family, pass);
    if (!found || found.active) return found;
    const [newest] = await revisionsNow(family, pass);
    return newest === undefined ? undefined : describe(newest, pass);
  };

  const revisionTags = (arn: string, pass: Pass): Promise<Tags | undefined> =>
    aws.tags.of(arn, pass, async () => (await describe(arn, pass))?.tags);

  /** Content and tags; only what is not known yet, or can have changed, is asked. */
  const newestOf = async (family: string, arn: string, pass: Pass): Promise<TaskDefinitionActual | undefined> => {
    const known = contents.get(family);
    if (known?.arn === arn) return { ...known, tags: await revisionTags(arn, pass) };
    const described = await describe(arn, pass);
    if (described) contents.set(family, { arn, content: described.content });
    return described;
  };

  const anyOurs = async (arns: readonly string[], pass: Pass): Promise<boolean> => {
    for (const arn of arns) if (isOurs(await revisionTags(arn, pass), pass.owner)) return true;
    return false;
  };

  const register = async (family: string, content: TaskDefinitionContent, tags: Tags, pass: Pass) => {
    const command = new RegisterTaskDefinitionCommand({ ...registration(family, content), tags: lowerTagList(tags) });
    // The SDK would send again what is not answered, though it may have taken place: the next pass looks first.
    command.middlewareStack.add((next) => next, NO_RETRY);
    await ecs.send(command, { abortSignal: pass.signal });
    everyFamily.forget();
  };

  /** Tasks that run from a revision go on; after this nothing can be started from it. */
  const retire = async (arns: readonly string[], pass: Pass) => {
    const options = { abortSignal: pass.signal };
    await Promise.all(
      arns.map((taskDefinition) =>
        orUndefined(ecs.send(new DeregisterTaskDefinitionCommand({ taskDefinition }), options), GONE),
      ),
    );
    for (let start = 0; start < arns.length; start += DELETED_A_CALL) {
      const taskDefinitions = arns.slice(start, start + DELETED_A_CALL);
      await ecs.send(new DeleteTaskDefinitionsCommand({ taskDefinitions }), options).catch((error) => {
        // Not allowed, or not known there: it stays INACTIVE, which is gone for everyone.
        if (!(error instanceof Failure) || error.retry) throw error;
      });
    }
    everyFamily.forget();
  };

  return {
    kind: "task-definition",
    schema: taskDefinitionSchema,

    async read(name, pass) {
      const listed = pass.fresh ? undefined : ((await everyFamily.get(false)).get(name) ?? []);
      const actual = listed ? listed[0] && (await newestOf(name, listed[0], pass)) : await newestNow(name, pass);
      if (!actual) return { is: "absent" };
      if (isOurs(actual.tags, pass.owner)) return { is: "owned", actual };
      const [, ...older] = listed ?? (await revisionsNow(name, pass));
      return { is: (await anyOurs(older, pass)) ? "owned" : "foreign", actual };
    },

    diff(spec, { arn, content, tags }): Change[] {
      if (!isOurs(tags, spec.tags[TAG.owner] ?? "")) {
        return [{ path: "revision", want: "registered by us", have: revisionOf(arn) }];
      }
      const changes = contentChanges(contentOf(spec), content);
      // Another content has another hash: that goes without saying.
      return [...changes, ...tagChanges(tagsFor(spec), tags, changes.length > 0 ? [TAG.spec] : [])];
    },

    async create(name, spec, pass) {
      // No name stands in the way of a second revision: one that came since the read, which a listing told, is looked for.
      if (await newestNow(name, pass)) everyFamily.forget();
      else await register(name, contentOf(spec), tagsFor(spec), pass);
    },

    async update(name, spec, { arn: resourceArn, content, tags }, changes, pass) {
      const options = { abortSignal: pass.signal };
      if (touchesMoreThanTags(changes)) {
        if (touches(changes, "revision")) await register(name, contentOf(spec), tagsFor(spec), pass);
        else {
          const kept = { ...withEntries("tags", tags ?? {}, changes), [TAG.spec]: specHash(contentOf(spec)) };
          await register(name, changedContent(content, changes), kept, pass);
        }
        // Of an adopted family all that was there before us stays.
        if (isAdopted(spec.tags) || isAdopted(tags)) return;
        return tidyUp(`old revisions of ${name} stay`, async () => {
          await retire((await revisionsNow(name, pass)).slice(1 + OLD_REVISIONS_KEPT), pass);
        });
      }
      await writeTags(changes, {
        set: (tags) => ecs.send(new TagResourceCommand({ resourceArn, tags: lowerTagList(tags) }), options),
        remove: (tagKeys) => ecs.send(new UntagResourceCommand({ resourceArn, tagKeys }), options),
      });
      aws.tags.forget(resourceArn);
    },

    async delete(name, _actual, pass) {
      await retire(await revisionsNow(name, pass), pass);
      contents.delete(name);
    },

    /** By name: the tagging API would also show revisions that are no longer active. Of those that are, it knows the tags. */
    async *list(pass) {
      const batched = { ...pass, fresh: false };
      const families = [...(await everyFamily.get(pass.fresh))].filter(([family]) => family.startsWith("pw-"));
      const rows = families.map(async ([family, arns]) => {
        for (const arn of arns) {
          const tags = await revisionTags(arn, batched);
          if (tags && isOurs(tags, pass.owner)) return inventoried(family, tags);
        }
        return undefined;
      });
      for (const row of await Promise.all(rows)) if (row) yield row;
    },
  };
}

const tagsFor = (spec: TaskDefinitionSpec): Tags => ({ ...spec.tags, [TAG.spec]: specHash(contentOf(spec)) });

/** `…:task-definition/FAMILY:REVISION` */
const nameAndRevision = (arn: string): string => arn.slice(arn.lastIndexOf("/") + 1);
const familyOf = (arn: string): string => nameAndRevision(arn).split(":")[0] ?? "";
const revisionOf = (arn: string): number => Number(nameAndRevision(arn).split(":")[1]);
