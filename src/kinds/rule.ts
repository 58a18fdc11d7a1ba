/** EventBridge rules on the default bus, with their targets. */
import {
  DeleteRuleCommand,
  DescribeRuleCommand,
  type DescribeRuleCommandOutput,
  EventBridgeServiceException,
  ListRulesCommand,
  ListTagsForResourceCommand,
  ListTargetsByRuleCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
  TagResourceCommand,
  type Target,
  UntagResourceCommand,
} from "@aws-sdk/client-eventbridge";
import { z } from "zod";
import { arnOf } from "../aws/arn.ts";
import type { Aws } from "../aws/aws.ts";
import { failureOf, orUndefined } from "../aws/errors.ts";
import { tagList, tagsOf } from "../aws/tags.ts";
import { field } from "../core/compare.ts";
import { inventoried, isAdopted, isOurs, type Tags, tagChanges } from "../core/owner.ts";
import type { Change, Pass, Resource } from "../core/resource.ts";
import { entryChanges, touches, withChanges, writeTags } from "./changes.ts";

export const ruleSchema = z.strictObject({
  description: z.string(),
  scheduleExpression: z.string().nullable(),
  /** JSON document. */
  eventPattern: z.record(z.string(), z.unknown()).nullable(),
  state: z.literal("ENABLED"),
  /** Owned whole: other targets are removed. */
  targets: z.array(z.strictObject({ id: z.string(), arn: z.string() })),
  tags: z.record(z.string(), z.string()),
});
export type RuleSpec = z.infer<typeof ruleSchema>;

/** What PutRule replaces, as it stands, in the words of the spec. */
type RuleFields = Omit<RuleSpec, "state" | "targets" | "tags"> & { state: string };

export interface RuleActual {
  readonly arn: string;
  readonly fields: RuleFields;
  readonly targets: readonly Target[];
  readonly tags: Tags | undefined;
}

const GONE = "ResourceNotFoundException";

export function rule(aws: Aws): Resource<RuleSpec, RuleActual> {
  const { events } = aws.clients;
  const ruleArn = (name: string, pass: Pass) => arnOf("events", `rule/${name}`, pass);

  const targetsOf = async (name: string, pass: Pass): Promise<Target[]> => {
    const targets: Target[] = [];
    let NextToken: string | undefined;
    do {
      const page = await orUndefined(
        events.send(new ListTargetsByRuleCommand({ Rule: name, NextToken }), { abortSignal: pass.signal }),
        GONE,
      );
      targets.push(...(page?.Targets ?? []));
      NextToken = page?.NextToken;
    } while (NextToken);
    return targets;
  };

  const nativeTags = async (name: string, pass: Pass): Promise<Tags | undefined> => {
    const answer = await orUndefined(
      events.send(new ListTagsForResourceCommand({ ResourceARN: ruleArn(name, pass) }), { abortSignal: pass.signal }),
      GONE,
    );
    return answer && tagsOf(answer.Tags);
  };

  const put = async (name: string, fields: RuleFields, tags: Tags | undefined, pass: Pass) => {
    await events.send(
      new PutRuleCommand({
        Name: name,
        Description: fields.description,
        // What is left out is emptied.
        ...(fields.scheduleExpression === null ? {} : { ScheduleExpression: fields.scheduleExpression }),
        ...(fields.eventPattern === null ? {} : { EventPattern: JSON.stringify(fields.eventPattern) }),
        State: fields.state as RuleSpec["state"],
        ...(tags ? { Tags: tagList(tags) } : {}),
      }),
      { abortSignal: pass.signal },
    );
  };

  const removeTargets = async (name: string, ids: readonly string[], pass: Pass) => {
    if (ids.length === 0) return;
    const input = { Rule: name, Ids: [...ids] };
    const answer = await orUndefined(events.send(new RemoveTargetsCommand(input), { abortSignal: pass.signal }), GONE);
    failOn(answer?.FailedEntries, "RemoveTargets", input);
  };

  const putTargets = async (name: string, targets: RuleSpec["targets"], pass: Pass) => {
    if (targets.length === 0) return;
    const input = { Rule: name, Targets: targets.map(({ id, arn }) => ({ Id: id, Arn: arn })) };
    const answer = await events.send(new PutTargetsCommand(input), { abortSignal: pass.signal });
    failOn(answer.FailedEntries, "PutTargets", input);
  };

  return {
    kind: "rule",
    schema: ruleSchema,

    async read(name, pass) {
      const arn = ruleArn(name, pass);
      const reading = orUndefined(
        events.send(new DescribeRuleCommand({ Name: name }), { abortSignal: pass.signal }),
        GONE,
      );
      const [found, targets, tags] = await Promise.all([
        reading,
        targetsOf(name, pass),
        aws.tags.of(arn, pass, () => nativeTags(name, pass), reading),
      ]);
      if (!found) return { is: "absent" };
      return {
        is: isOurs(tags, pass.owner) ? "owned" : "foreign",
        actual: { arn, fields: fieldsOf(found), targets, tags },
      };
    },

    diff(spec, { fields, targets, tags }): Change[] {
      const want = Object.fromEntries(spec.targets.map(({ id, arn }) => [id, { arn }]));
      const have = Object.fromEntries(targets.map((target) => [target.Id ?? "", ownedPartOf(target)]));
      return [
        ...field("description", spec.description, fields.description),
        ...field("scheduleExpression", spec.scheduleExpression, fields.scheduleExpression),
        ...field("eventPattern", spec.eventPattern, fields.eventPattern),
        ...field("state", spec.state, fields.state),
        ...entryChanges("targets", want, have, isAdopted(spec.tags) || isAdopted(tags)),
        ...tagChanges(spec.tags, tags),
      ];
    },

    async create(name, spec, pass) {
      await put(name, spec, spec.tags, pass);
      aws.tags.forget(ruleArn(name, pass));
    },

    async update(name, spec, { arn: ResourceARN, fields }, changes, pass) {
      const options = { abortSignal: pass.signal };
      if (touches(changes, ...Object.keys(fields))) {
        await put(name, withChanges<RuleFields>(fields, spec, changes), undefined, pass);
      }
      const gone = changes.filter(({ path, want }) => path.startsWith("targets.") && want === null);
      await removeTargets(
        name,
        gone.map(({ path }) => path.slice("targets.".length)),
        pass,
      );
      await putTargets(
        name,
        spec.targets.filter(({ id }) => touches(changes, `targets.${id}`)),
        pass,
      );
      // PutRule takes tags only at birth.
      await writeTags(changes, {
        set: (tags) => events.send(new TagResourceCommand({ ResourceARN, Tags: tagList(tags) }), options),
        remove: (TagKeys) => events.send(new UntagResourceCommand({ ResourceARN, TagKeys }), options),
      });
      aws.tags.forget(ResourceARN);
    },

    async delete(name, _actual, pass) {
      const targets = await targetsOf(name, pass);
      await removeTargets(
        name,
        targets.map(({ Id = "" }) => Id),
        pass,
      );
      await orUndefined(events.send(new DeleteRuleCommand({ Name: name }), { abortSignal: pass.signal }), GONE);
      aws.tags.forget(ruleArn(name, pass));
    },

    /** By name: rules are few (one a cluster), and not every tagging API knows them. */
    async *list(pass) {
      let NextToken: string | undefined;
      do {
        const page = await events.send(new ListRulesCommand({ NamePrefix: "pw-", NextToken }), {
          abortSignal: pass.signal,
        });
        for (const { Name = "" } of page.Rules ?? []) {
          const tags = await nativeTags(Name, pass);
          if (tags && isOurs(tags, pass.owner)) yield inventoried(Name, tags);
        }
        NextToken = page.NextToken;
      } while (NextToken);
    },
  };
}

const fieldsOf = (found: DescribeRuleCommandOutput): RuleFields => ({
  description: found.Description ?? "",
  scheduleExpression: found.ScheduleExpression || null,
  eventPattern: found.EventPattern ? JSON.parse(found.EventPattern) : null,
  state: found.State ?? "ENABLED",
});

/** Where a target sends what: an input that someone put in place of the event is a change too. */
const ownedPartOf = ({ Arn, Input, InputPath, InputTransformer }: Target) => ({
  arn: Arn,
  input: Input,
  inputPath: InputPath,
  inputTransformer: InputTransformer,
});

/** These two calls answer 200 with the entries that failed. */
function failOn(
  failed: readonly { ErrorCode?: string; ErrorMessage?: string }[] | undefined,
  operation: string,
  input: object,
): void {
  const first = failed?.[0];
  if (!first) return;
  const error = new EventBridgeServiceException({
    name: first.ErrorCode ?? "Unknown",
    message: first.ErrorMessage ?? "an entry failed",
    $fault: "client",
    $metadata: { httpStatusCode: 400 },
  });
  throw failureOf(error, "events", operation, input);
}
