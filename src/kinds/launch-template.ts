/**
 * EC2 launch templates. Versions are immutable: a difference makes a new default version. What counts is the default
 * version: the one from which instances are launched. Name = template name.
 */
import {
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  CreateTagsCommand,
  DeleteLaunchTemplateCommand,
  DeleteLaunchTemplateVersionsCommand,
  DeleteTagsCommand,
  DescribeLaunchTemplatesCommand,
  type LaunchTemplate,
  type LaunchTemplateVersion,
  ModifyLaunchTemplateCommand,
  paginateDescribeLaunchTemplates,
  paginateDescribeLaunchTemplateVersions,
} from "@aws-sdk/client-ec2";
import { z } from "zod";
import type { Aws } from "../aws/aws.ts";
import { is, orUndefined } from "../aws/errors.ts";
import { createSeats } from "../aws/seats.ts";
import { BATCH_MAX_AGE_MS, tagList, tagsOf } from "../aws/tags.ts";
import { same } from "../core/compare.ts";
import { inventoried, isAdopted, isOurs, TAG, type Tags, tagChanges } from "../core/owner.ts";
import type { Change, Pass, Resource } from "../core/resource.ts";
import { tidyUp, touchesMoreThanTags, writeTags } from "./changes.ts";
import {
  changedContent,
  contentChanges,
  contentOf,
  type LaunchContent,
  readContent,
  requestFor,
} from "./launch-template-content.ts";

export const launchTemplateSchema = z.strictObject({
  /** `resolve:ssm:PARAMETER`. */
  imageId: z.string(),
  instanceType: z.string(),
  keyName: z.string().nullable(),
  /** Name of the instance profile. */
  instanceProfile: z.string(),
  securityGroupIds: z.array(z.string()),
  /** Plain text; base64 on the wire. */
  userData: z.string(),
  /** What becomes of an instance that shuts itself down: as EC2 has it, it would stand stopped, and its disc be paid for. */
  shutdownBehavior: z.literal("terminate"),
  /** IMDSv2: tokens required, one hop. */
  metadata: z.strictObject({ httpTokens: z.literal("required"), httpPutResponseHopLimit: z.literal(1) }),
  /** Tags of the instances and volumes that are launched from it. */
  instanceTags: z.record(z.string(), z.string()),
  tags: z.record(z.string(), z.string()),
});
export type LaunchTemplateSpec = z.infer<typeof launchTemplateSchema>;

export interface LaunchTemplateActual {
  readonly id: string;
  readonly defaultVersion: number;
  /** Of the default version. */
  readonly content: LaunchContent;
  readonly tags: Tags;
}

/** So many versions stay, for those who want to look back. */
const VERSIONS_KEPT = 5;

/** The names of the model, and those that EC2 has been seen to send. */
const GONE = [
  "InvalidLaunchTemplateId.NotFound",
  "InvalidLaunchTemplateId.NotFoundException",
  "InvalidLaunchTemplateName.NotFoundException",
];

export function launchTemplate(aws: Aws): Resource<LaunchTemplateSpec, LaunchTemplateActual> {
  const { ec2 } = aws.clients;

  const templates = createSeats<LaunchTemplate>({
    clock: aws.clock,
    seats: 100,
    maxAgeMs: BATCH_MAX_AGE_MS,
    async load(names) {
      // By filter: one name that does not exist would fail the whole call otherwise.
      const Filters = [{ Name: "launch-template-name", Values: [...names] }];
      const answer = await ec2.send(new DescribeLaunchTemplatesCommand({ Filters, MaxResults: 200 }));
      return new Map((answer.LaunchTemplates ?? []).map((one) => [one.LaunchTemplateName ?? "", one]));
    },
  });

  /** Content of the default version last seen, by template: a version never changes. */
  const contents = new Map<string, { readonly version: number; readonly content: LaunchContent }>();

  async function versionsOf(id: string, pass: Pass, versions?: string[]): Promise<LaunchTemplateVersion[]> {
    const found: LaunchTemplateVersion[] = [];
    const input = { LaunchTemplateId: id, ...(versions ? { Versions: versions } : {}) };
    for await (const page of paginateDescribeLaunchTemplateVersions({ client: ec2 }, input, {
      abortSignal: pass.signal,
    })) {
      found.push(...(page.LaunchTemplateVersions ?? []));
    }
    return found;
  }

  async function contentAt(id: string, version: number, pass: Pass): Promise<LaunchContent | undefined> {
    const known = contents.get(id);
    if (known?.version === version) return known.content;
    const [found] = (await orUndefined(versionsOf(id, pass, [String(version)]), ...GONE)) ?? [];
    if (!found) return undefined;
    const content = readContent(found.LaunchTemplateData);
    contents.set(id, { version, content });
    return content;
  }

  return {
    kind: "launch-template",
    schema: launchTemplateSchema,

    async read(name, pass) {
      const template = await templates.get(name, pass.fresh);
      if (!template) return { is: "absent" };
      const { LaunchTemplateId: id = "", DefaultVersionNumber: defaultVersion = 1 } = template;
      const content = await contentAt(id, defaultVersion, pass);
      if (!content) return { is: "absent" };
      const tags = tagsOf(template.Tags);
      const actual = { id, defaultVersion, content, tags };
      return { is: isOurs(tags, pass.owner) ? "owned" : "foreign", actual };
    },

    diff(spec, { content, tags }): Change[] {
      const othersStay = isAdopted(spec.tags) || isAdopted(tags);
      return [...contentChanges(spec, content, othersStay), ...tagChanges(spec.tags, tags)];
    },

    async create(name, spec, pass) {
      templates.forget(name);
      const command = new CreateLaunchTemplateCommand({
        LaunchTemplateName: name,
        LaunchTemplateData: requestFor(contentOf(spec)),
        TagSpecifications: [{ ResourceType: "launch-template", Tags: tagList(spec.tags) }],
      });
      try {
        await ec2.send(command, { abortSignal: pass.signal });
      } catch (error) {
        if (!is(error, "InvalidLaunchTemplateName.AlreadyExistsException")) throw error;
      }
      templates.forget(name);
    },

    async update(name, spec, { id, content }, changes, pass) {
      const options = { abortSignal: pass.signal };
      const old = touchesMoreThanTags(changes) ? await renew(id, changedContent(spec, content, changes), pass) : [];
      await writeTags(changes, {
        set: (tags) => ec2.send(new CreateTagsCommand({ Resources: [id], Tags: tagList(tags) }), options),
        remove: (names) =>
          ec2.send(new DeleteTagsCommand({ Resources: [id], Tags: names.map((Key) => ({ Key })) }), options),
      });
      templates.forget(name);
      if (old.length === 0) return;
      const command = new DeleteLaunchTemplateVersionsCommand({ LaunchTemplateId: id, Versions: old.map(String) });
      await tidyUp(`old versions of ${name} stay`, () => ec2.send(command, options));
    },

    async delete(name, { id }, pass) {
      await orUndefined(
        ec2.send(new DeleteLaunchTemplateCommand({ LaunchTemplateId: id }), { abortSignal: pass.signal }),
        ...GONE,
      );
      contents.delete(id);
      templates.forget(name);
    },

    async *list(pass) {
      const Filters = [{ Name: `tag:${TAG.owner}`, Values: [pass.owner] }];
      const pages = paginateDescribeLaunchTemplates({ client: ec2 }, { Filters }, { abortSignal: pass.signal });
      for await (const page of pages) {
        for (const { LaunchTemplateName = "", Tags } of page.LaunchTemplates ?? []) {
          yield inventoried(LaunchTemplateName, tagsOf(Tags));
        }
      }
    },
  };

  /**
   * Makes the content the default: by a version that has it already (a crash may have left it), or by a new one.
   * Answers the versions that may go.
   */
  async function renew(LaunchTemplateId: string, content: LaunchContent, pass: Pass): Promise<number[]> {
    const options = { abortSignal: pass.signal };
    const versions = await versionsOf(LaunchTemplateId, pass);
    const fitting = versions.find((one) => same(readContent(one.LaunchTemplateData), content));
    const wanted = fitting?.VersionNumber ?? (await addVersion(LaunchTemplateId, content, pass));
    await ec2.send(new ModifyLaunchTemplateCommand({ LaunchTemplateId, DefaultVersion: String(wanted) }), options);
    return versions
      .map((one) => one.VersionNumber ?? 0)
      .filter((version) => version !== wanted)
      .sort((one, other) => other - one)
      .slice(VERSIONS_KEPT - 1);
  }

  async function addVersion(LaunchTemplateId: string, content: LaunchContent, pass: Pass): Promise<number> {
    const LaunchTemplateData = requestFor(content);
    const command = new CreateLaunchTemplateVersionCommand({ LaunchTemplateId, LaunchTemplateData });
    const answer = await ec2.send(command, { abortSignal: pass.signal });
    const version = answer.LaunchTemplateVersion?.VersionNumber;
    if (version === undefined) throw new Error("ec2:CreateLaunchTemplateVersion answered without a version");
    return version;
  }
}
