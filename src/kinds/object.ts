/**
 * Small objects in the control bucket. Name = bucket/key. Files ask for `steps/<cluster>/<workflow>/<step>.json`; how far a
 * back-fill has come, `backfill/<workflow>.json`, nobody asks for, and it goes with its workflow.
 */
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand, paginateListObjectsV2 } from "@aws-sdk/client-s3";
import { z } from "zod";
import type { Aws } from "../aws/aws.ts";
import { orUndefined } from "../aws/errors.ts";
import { field } from "../core/compare.ts";
import { isOurs } from "../core/owner.ts";
import type { OnDelete, Pass, Resource } from "../core/resource.ts";
import { bucketTags, NO_SUCH_BUCKET } from "./bucket-tags.ts";
import { withChanges } from "./changes.ts";
import { ourFunctions } from "./functions.ts";

export const objectSchema = z.strictObject({ body: z.string(), contentType: z.string() });
export type ObjectSpec = z.infer<typeof objectSchema>;

export type ObjectActual = ObjectSpec;

/** What stands in our own bucket is ours: objects carry no tags. */
export function object(aws: Aws): Resource<ObjectSpec, ObjectActual> {
  const { s3 } = aws.clients;
  const placeOf = (name: string, pass: Pass) => {
    const slash = name.indexOf("/");
    return {
      Bucket: name.slice(0, slash),
      Key: name.slice(slash + 1),
      ExpectedBucketOwner: pass.account.account,
    };
  };
  const put = (name: string, spec: ObjectSpec, pass: Pass) =>
    s3.send(new PutObjectCommand({ ...placeOf(name, pass), Body: spec.body, ContentType: spec.contentType }), {
      abortSignal: pass.signal,
    });

  return {
    kind: "object",
    schema: objectSchema,

    async read(name, pass) {
      const answer = await orUndefined(
        s3.send(new GetObjectCommand(placeOf(name, pass)), { abortSignal: pass.signal }),
        "NoSuchKey",
        ...NO_SUCH_BUCKET,
      );
      if (!answer?.Body) return { is: "absent" };
      return {
        is: "owned",
        actual: { body: await answer.Body.transformToString(), contentType: answer.ContentType ?? "" },
      };
    },

    diff: (spec, actual) => [
      ...field("body", spec.body, actual.body),
      ...field("contentType", spec.contentType, actual.contentType),
    ],

    async create(name, spec, pass) {
      await put(name, spec, pass);
    },

    async update(name, spec, actual, changes, pass) {
      await put(name, withChanges(actual, spec, changes), pass);
    },

    async delete(name, _actual, pass) {
      await orUndefined(
        s3.send(new DeleteObjectCommand(placeOf(name, pass)), { abortSignal: pass.signal }),
        "NoSuchKey",
        ...NO_SUCH_BUCKET,
      );
    },

    async *list(pass) {
      // First of all, so that it shares the listing of the other kinds.
      const wishes = new Map<string, OnDelete>();
      for await (const row of ourFunctions(aws, pass)) wishes.set(row.workflow, row.onDelete);
      const Bucket = `pipewright-${pass.account.account}-${pass.account.region}`;
      const tags = await bucketTags(aws, Bucket, pass);
      if (!isOurs(tags, pass.owner)) return;
      for (const { Prefix, workflowOf, ...more } of LISTED) {
        const where = { Bucket, Prefix, ExpectedBucketOwner: pass.account.account };
        for await (const page of paginateListObjectsV2({ client: s3 }, where, { abortSignal: pass.signal })) {
          for (const { Key = "" } of page.Contents ?? []) {
            const workflow = workflowOf(Key);
            // The wish of the workflow stands on its functions; where these are gone, nothing is left to keep it for.
            const onDelete = wishes.get(workflow) ?? "retain-data";
            yield { name: `${Bucket}/${Key}`, workflow, onDelete, adopted: false, ...more };
          }
        }
      }
    },
  };
}

/** Whose an object is, its key tells. */
const LISTED: readonly { Prefix: string; workflowOf(key: string): string; runtime?: true }[] = [
  { Prefix: "steps/", workflowOf: (key) => key.split("/")[2] ?? "" },
  { Prefix: "backfill/", workflowOf: (key) => key.slice("backfill/".length, -".json".length), runtime: true },
];
