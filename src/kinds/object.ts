/**
 * Small objects in the control bucket. Name = bucket/key. Files ask for `steps/<cluster>/<workflow>/<step>.json`; how far a
 * back-fill has come, `backfill/<workflow>.json`, nobody asks for, and it goes with its workflow.
 */
import { GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { z } from "zod";
import type { Aws } from "../aws/aws.ts";
import { orUndefined } from "../aws/errors.ts";
import { FOLDER } from "../aws/objects.ts";
import { field } from "../core/compare.ts";
import type { OnDelete, Pass, Resource } from "../core/resource.ts";
import { NO_SUCH_BUCKET } from "./bucket-tags.ts";
import { withChanges } from "./changes.ts";
import { deleteObject, keysUnder, objectPlace, ourControlBucket } from "./control-object.ts";
import { ourFunctions } from "./functions.ts";

export const objectSchema = z.strictObject({ body: z.string(), contentType: z.string() });
export type ObjectSpec = z.infer<typeof objectSchema>;

export interface ObjectActual extends ObjectSpec {
  /** The id of the folder that it was last written for. Never compared. */
  readonly folder: string | undefined;
}

export function object(aws: Aws): Resource<ObjectSpec, ObjectActual> {
  const { s3 } = aws.clients;
  /** Whoever acts for no folder leaves it to the one that has it. */
  const put = (name: string, { body, contentType }: ObjectSpec, pass: Pass, before?: string) => {
    const folder = pass.folder || before;
    const metadata = folder ? { Metadata: { [FOLDER]: folder } } : {};
    const command = new PutObjectCommand({
      ...objectPlace(name, pass),
      Body: body,
      ContentType: contentType,
      ...metadata,
    });
    return s3.send(command, { abortSignal: pass.signal });
  };

  return {
    kind: "object",
    schema: objectSchema,

    async read(name, pass) {
      const answer = await orUndefined(
        s3.send(new GetObjectCommand(objectPlace(name, pass)), { abortSignal: pass.signal }),
        "NoSuchKey",
        ...NO_SUCH_BUCKET,
      );
      if (!answer?.Body) return { is: "absent" };
      const { ContentType: contentType = "", Metadata = {} } = answer;
      return {
        is: "owned",
        actual: { body: await answer.Body.transformToString(), contentType, folder: Metadata[FOLDER] },
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
      await put(name, withChanges<ObjectSpec>(actual, spec, changes), pass, actual.folder);
    },

    delete: (name, _actual, pass) => deleteObject(aws, name, pass),

    async *list(pass) {
      // First of all, so that it shares the listing of the other kinds.
      const wishes = new Map<string, OnDelete>();
      for await (const row of ourFunctions(aws, pass)) wishes.set(row.workflow, row.onDelete);
      const bucket = await ourControlBucket(aws, pass);
      if (bucket === undefined) return;
      for (const { prefix, workflowOf, ...more } of LISTED) {
        for await (const key of keysUnder(aws, bucket, prefix, pass)) {
          const workflow = workflowOf(key);
          // The wish of the workflow stands on its functions; where these are gone, nothing is left to keep it for.
          const onDelete = wishes.get(workflow) ?? "retain-data";
          yield { name: `${bucket}/${key}`, workflow, onDelete, adopted: false, ...more };
        }
      }
    },
  };
}

/** Whose an object is, its key tells. */
const LISTED: readonly { prefix: string; workflowOf(key: string): string; runtime?: true }[] = [
  { prefix: "steps/", workflowOf: (key) => key.split("/")[2] ?? "" },
  { prefix: "backfill/", workflowOf: (key) => key.slice("backfill/".length, -".json".length), runtime: true },
];
