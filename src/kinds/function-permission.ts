/** Who may invoke a function: its whole resource policy is ours, as the function is. Name = function name. */
import { AddPermissionCommand, GetPolicyCommand, RemovePermissionCommand } from "@aws-sdk/client-lambda";
import { z } from "zod";
import type { Aws } from "../aws/aws.ts";
import { is, orUndefined } from "../aws/errors.ts";
import { isAdopted, isOurs } from "../core/owner.ts";
import { readPolicy, type Statement, sameStatement } from "../core/policy.ts";
import type { Change, Pass, Resource } from "../core/resource.ts";
import { bucketArn } from "./bucket-tags.ts";
import { entryChanges } from "./changes.ts";
import { FUNCTION_GONE, functionArn, functionTags, ourFunctions } from "./functions.ts";
import { bucketsIn, removeEntriesFor } from "./notification-entries.ts";

export const functionPermissionSchema = z.strictObject({
  statements: z.array(
    z.strictObject({
      sid: z.string(),
      /** Service principal, `s3.amazonaws.com`. */
      principal: z.string(),
      sourceArn: z.string(),
      sourceAccount: z.string().nullable(),
    }),
  ),
});
export type FunctionPermissionSpec = z.infer<typeof functionPermissionSchema>;
type Permission = FunctionPermissionSpec["statements"][number];

export interface FunctionPermissionActual {
  /** Each has a Sid: AddPermission demands one. */
  readonly statements: readonly Statement[];
  /** Ours and not adopted: what others added goes. */
  readonly whole: boolean;
}

export function functionPermission(aws: Aws): Resource<FunctionPermissionSpec, FunctionPermissionActual> {
  const { lambda } = aws.clients;
  /** Parallel AddPermission and RemovePermission on one function lose statements: one after the other. */
  const oneAtATime = (name: string, work: () => Promise<void>) => aws.exclusive(`function-permission/${name}`, work);

  /** undefined: a function without a policy, or no function at all; the answer is the same. */
  const statementsOf = async (name: string, pass: Pass): Promise<readonly Statement[] | undefined> => {
    const answer = await orUndefined(
      lambda.send(new GetPolicyCommand({ FunctionName: name }), { abortSignal: pass.signal }),
      FUNCTION_GONE,
    );
    return readPolicy(answer?.Policy)?.Statement;
  };

  const add = async (name: string, permission: Permission, pass: Pass) => {
    try {
      await lambda.send(
        new AddPermissionCommand({
          FunctionName: name,
          StatementId: permission.sid,
          Action: "lambda:InvokeFunction",
          Principal: permission.principal,
          SourceArn: permission.sourceArn,
          ...(permission.sourceAccount === null ? {} : { SourceAccount: permission.sourceAccount }),
        }),
        { abortSignal: pass.signal },
      );
    } catch (error) {
      // "The statement id (…) provided already exists": the next read judges what it says.
      if (!(is(error, "ResourceConflictException") && /already exists/i.test((error as Error).message))) throw error;
    }
  };

  const remove = async (name: string, sid: string, pass: Pass) => {
    await orUndefined(
      lambda.send(new RemovePermissionCommand({ FunctionName: name, StatementId: sid }), { abortSignal: pass.signal }),
      FUNCTION_GONE,
    );
  };

  return {
    kind: "function-permission",
    schema: functionPermissionSchema,

    async read(name, pass) {
      const reading = statementsOf(name, pass);
      const [statements, tags] = await Promise.all([reading, functionTags(aws, name, pass, reading)]);
      if (!statements || statements.length === 0) return { is: "absent" };
      const ours = isOurs(tags, pass.owner);
      return { is: ours ? "owned" : "foreign", actual: { statements, whole: ours && !isAdopted(tags) } };
    },

    diff(spec, { statements, whole }): Change[] {
      const want = Object.fromEntries(spec.statements.map((one) => [one.sid, statementFor(one)]));
      const have = Object.fromEntries(statements.map((one) => [one.Sid ?? "", one]));
      return entryChanges("statements", want, have, !whole, (one: Statement, other: Statement | undefined) =>
        other ? sameStatement(one, asWritten(other)) : false,
      );
    },

    create: (name, spec, pass) =>
      oneAtATime(name, async () => {
        for (const permission of spec.statements) await add(name, permission, pass);
      }),

    update: (name, spec, _actual, changes, pass) =>
      oneAtATime(name, async () => {
        // An entry may call us only as long as the permission names its bucket: a file that names another one leaves it.
        const wanted = spec.statements.map((one) => one.sourceArn);
        const going = changes.flatMap(({ have }) => (have === null ? [] : [have as Statement]));
        const left = bucketsIn(going).filter((bucket) => !wanted.includes(bucketArn(bucket, pass)));
        for (const bucket of left) await removeEntriesFor(aws, bucket, functionArn(name, pass), pass);
        for (const { path, want, have } of changes) {
          const sid = path.slice("statements.".length);
          const permission = spec.statements.find((one) => one.sid === sid);
          if (have !== null) await remove(name, sid, pass);
          if (want !== null && permission) await add(name, permission, pass);
        }
      }),

    delete: (name, _actual, pass) =>
      oneAtATime(name, async () => {
        for (const { Sid = "" } of (await statementsOf(name, pass)) ?? []) await remove(name, Sid, pass);
      }),

    /** A row for each function of ours: whether one has a policy, the read tells. */
    list: (pass) => ourFunctions(aws, pass),
  };
}

/** The statement that AddPermission makes of a permission. */
const statementFor = ({ sid, principal, sourceArn, sourceAccount }: Permission): Statement => ({
  Sid: sid,
  Effect: "Allow",
  Principal: { Service: principal },
  Action: "lambda:InvokeFunction",
  Condition: {
    ArnLike: { "AWS:SourceArn": sourceArn },
    ...(sourceAccount === null ? {} : { StringEquals: { "AWS:SourceAccount": sourceAccount } }),
  },
});

/** A function's policy can be about nothing but the function: the resource that Lambda writes into it says nothing. */
function asWritten({ Resource: _, ...statement }: Statement): Statement {
  return statement;
}
