/** CloudWatch Logs groups. */
import {
  CreateLogGroupCommand,
  DeleteLogGroupCommand,
  ListTagsForResourceCommand,
  type LogGroup,
  PutRetentionPolicyCommand,
  paginateDescribeLogGroups,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { z } from "zod";
import { arnOf } from "../aws/arn.ts";
import type { Aws } from "../aws/aws.ts";
import { is, orUndefined } from "../aws/errors.ts";
import { createSeats } from "../aws/seats.ts";
import { BATCH_MAX_AGE_MS } from "../aws/tags.ts";
import { field } from "../core/compare.ts";
import { inventoried, isOurs, type Tags, tagChanges } from "../core/owner.ts";
import type { Change, Pass, Resource } from "../core/resource.ts";
import { touches, writeTags } from "./changes.ts";
import { byTags } from "./inventory.ts";

export const logGroupSchema = z.strictObject({
  retentionInDays: z.int(),
  tags: z.record(z.string(), z.string()),
});
export type LogGroupSpec = z.infer<typeof logGroupSchema>;

export interface LogGroupActual {
  /** null: kept for ever. */
  readonly retentionInDays: number | null;
  readonly tags: Tags | undefined;
}

const GONE = "ResourceNotFoundException";
/** How names of ours begin: of functions', and of tasks'. */
const OURS = ["/aws/lambda/pw-", "/pipewright/"];

export function logGroup(aws: Aws): Resource<LogGroupSpec, LogGroupActual> {
  const { logs } = aws.clients;
  // The tag API takes the ARN without the `:*` that DescribeLogGroups shows.
  const tagArnOf = (name: string, pass: Pass) => arnOf("logs", `log-group:${name}`, pass);

  const groups = createSeats<LogGroup>({
    clock: aws.clock,
    seats: 50,
    maxAgeMs: BATCH_MAX_AGE_MS,
    async load(names) {
      const found = new Map<string, LogGroup>();
      // All pages: who does not know `logGroupIdentifiers` answers every group there is, which is right, only slower.
      for await (const page of paginateDescribeLogGroups({ client: logs }, { logGroupIdentifiers: [...names] })) {
        for (const group of page.logGroups ?? []) found.set(group.logGroupName ?? "", group);
      }
      return found;
    },
  });

  const tagsOf = async (name: string, pass: Pass): Promise<Tags | undefined> => {
    const answer = await orUndefined(
      logs.send(new ListTagsForResourceCommand({ resourceArn: tagArnOf(name, pass) }), { abortSignal: pass.signal }),
      GONE,
    );
    return answer && (answer.tags ?? {});
  };

  const forget = (name: string, pass: Pass) => {
    groups.forget(name);
    aws.tags.forget(tagArnOf(name, pass));
  };

  return {
    kind: "log-group",
    schema: logGroupSchema,

    async read(name, pass) {
      const reading = groups.get(name, pass.fresh);
      const [group, tags] = await Promise.all([
        reading,
        aws.tags.of(tagArnOf(name, pass), pass, () => tagsOf(name, pass), reading),
      ]);
      if (!group) return { is: "absent" };
      const actual = { retentionInDays: group.retentionInDays ?? null, tags };
      return { is: isOurs(tags, pass.owner) ? "owned" : "foreign", actual };
    },

    diff(spec, { retentionInDays, tags }): Change[] {
      return [...field("retentionInDays", spec.retentionInDays, retentionInDays), ...tagChanges(spec.tags, tags)];
    },

    async create(name, spec, pass) {
      try {
        await logs.send(new CreateLogGroupCommand({ logGroupName: name, tags: { ...spec.tags } }), {
          abortSignal: pass.signal,
        });
      } catch (error) {
        if (!is(error, "ResourceAlreadyExistsException")) throw error;
      }
      forget(name, pass);
    },

    async update(name, spec, _actual, changes, pass) {
      const options = { abortSignal: pass.signal };
      if (touches(changes, "retentionInDays")) {
        const { retentionInDays } = spec;
        await logs.send(new PutRetentionPolicyCommand({ logGroupName: name, retentionInDays }), options);
      }
      const resourceArn = tagArnOf(name, pass);
      await writeTags(changes, {
        set: (tags) => logs.send(new TagResourceCommand({ resourceArn, tags: { ...tags } }), options),
        remove: (tagKeys) => logs.send(new UntagResourceCommand({ resourceArn, tagKeys }), options),
      });
      forget(name, pass);
    },

    async delete(name, _actual, pass) {
      await orUndefined(
        logs.send(new DeleteLogGroupCommand({ logGroupName: name }), { abortSignal: pass.signal }),
        GONE,
      );
      forget(name, pass);
    },

    async *list(pass) {
      yield* byTags({
        listed: () => aws.tags.list("logs:log-group", pass),
        nameOf: (arn) => arn.replace(/^.*:log-group:/, "").replace(/:\*$/, ""),
        async *native() {
          for (const logGroupNamePrefix of OURS) {
            for await (const page of paginateDescribeLogGroups({ client: logs }, { logGroupNamePrefix })) {
              for (const { logGroupName = "" } of page.logGroups ?? []) {
                const tags = await tagsOf(logGroupName, pass);
                if (tags && isOurs(tags, pass.owner)) yield inventoried(logGroupName, tags);
              }
            }
          }
        },
      });
    },
  };
}
