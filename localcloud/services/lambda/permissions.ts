import type * as api from "@aws-sdk/client-lambda";
import { AwsError, type Call, type Operation, type World } from "../../service.ts";
import { arnLike } from "../arn.ts";
import { conflict, invalidParameter, notFound, revisionMismatch, validation } from "./errors.ts";
import { type FunctionRecord, type Functions, newRevision } from "./functions.ts";

/** A statement of a function's policy, in the form in which Lambda emits it. */
export interface PermissionStatement {
  readonly Sid: string;
  readonly Effect: "Allow";
  readonly Principal: "*" | { readonly Service: string } | { readonly AWS: string };
  readonly Action: string;
  readonly Resource: string;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** Who wants to invoke a function, as the calling service knows it. */
export interface Invoker {
  readonly functionArn: string;
  /** For instance `s3.amazonaws.com`. */
  readonly principal: string;
  readonly sourceArn: string;
  readonly sourceAccount: string;
}

/** As published: a function's policy holds 20 KB. */
const POLICY_LIMIT_BYTES = 20_480;

export function permissionOperations(functions: Functions, world: World): Record<string, Operation> {
  return {
    AddPermission(input: api.AddPermissionCommandInput, call: Call) {
      const record = functions.named(call, input.FunctionName, input.Qualifier);
      if (input.Qualifier !== undefined)
        throw invalidParameter("We currently do not support adding policies for $LATEST.");
      const statement = statementOf(record, input);
      if (record.permissions.has(statement.Sid)) {
        throw conflict(
          `The statement id (${statement.Sid}) provided already exists. Please provide a new statement id, or remove the existing statement.`,
        );
      }
      if (input.RevisionId !== undefined && input.RevisionId !== record.policyRevisionId) throw revisionMismatch();
      const bytes = Buffer.byteLength(policyText([...record.permissions.values(), statement]));
      if (bytes > POLICY_LIMIT_BYTES) {
        throw new AwsError(
          "PolicyLengthExceededException",
          `The final policy size (${bytes}) is bigger than the limit (${POLICY_LIMIT_BYTES}).`,
        );
      }
      record.permissions.set(statement.Sid, statement);
      record.policyRevisionId = newRevision(world);
      return { Statement: JSON.stringify(statement) };
    },
    RemovePermission(input: api.RemovePermissionCommandInput, call: Call) {
      const record = functions.named(call, input.FunctionName, input.Qualifier);
      if (record.permissions.size === 0) throw noPolicy();
      if (!record.permissions.has(input.StatementId ?? "")) {
        throw notFound(`Statement ${input.StatementId} is not found in resource policy.`);
      }
      if (input.RevisionId !== undefined && input.RevisionId !== record.policyRevisionId) throw revisionMismatch();
      record.permissions.delete(input.StatementId!);
      record.policyRevisionId = newRevision(world);
      return {};
    },
    GetPolicy(input: api.GetPolicyCommandInput, call: Call) {
      const record = functions.named(call, input.FunctionName, input.Qualifier);
      if (record.permissions.size === 0) throw noPolicy();
      return { Policy: policyText([...record.permissions.values()]), RevisionId: record.policyRevisionId };
    },
  };
}

/** What a service asks before it invokes, or before it lets itself be told to invoke. */
export function mayInvoke(record: FunctionRecord | undefined, invoker: Invoker): boolean {
  return [...(record?.permissions.values() ?? [])].some(
    (statement) =>
      ["lambda:InvokeFunction", "lambda:*", "*"].includes(statement.Action) &&
      principalMatches(statement.Principal, invoker.principal) &&
      conditionsHold(statement.Condition ?? {}, invoker),
  );
}

function statementOf(record: FunctionRecord, input: api.AddPermissionCommandInput): PermissionStatement {
  const { StatementId: sid = "", Action: action = "", Principal: principal = "", SourceArn, SourceAccount } = input;
  if (!/^[\w-]{1,100}$/.test(sid)) {
    throw validation("statementId", sid, "satisfy regular expression pattern: ([a-zA-Z0-9-_]+)");
  }
  if (!/^(lambda:(\*|[a-zA-Z]+)|\*)$/.test(action)) {
    throw validation("action", action, "satisfy regular expression pattern: (lambda:[*]|lambda:[a-zA-Z]+|[*])");
  }
  if (!/^\S+$/.test(principal)) throw validation("principal", principal, "satisfy regular expression pattern: [^\\s]+");
  if (SourceArn !== undefined && !/^arn:aws[a-z-]*:[\w-]+:.*$/.test(SourceArn)) {
    throw validation("sourceArn", SourceArn, "satisfy regular expression pattern of an ARN");
  }
  if (SourceAccount !== undefined && !/^\d{12}$/.test(SourceAccount)) {
    throw validation("sourceAccount", SourceAccount, "satisfy regular expression pattern: \\d{12}");
  }
  const equals = {
    ...(SourceAccount !== undefined && { "AWS:SourceAccount": SourceAccount }),
    ...(input.EventSourceToken !== undefined && { "lambda:EventSourceToken": input.EventSourceToken }),
    ...(input.PrincipalOrgID !== undefined && { "aws:PrincipalOrgID": input.PrincipalOrgID }),
  };
  const condition = {
    ...(Object.keys(equals).length > 0 && { StringEquals: equals }),
    ...(SourceArn !== undefined && { ArnLike: { "AWS:SourceArn": SourceArn } }),
  };
  return {
    Sid: sid,
    Effect: "Allow",
    Principal: principalOf(principal),
    Action: action,
    Resource: record.arn,
    ...(Object.keys(condition).length > 0 && { Condition: condition }),
  };
}

function principalOf(principal: string): PermissionStatement["Principal"] {
  if (principal === "*") return "*";
  if (/^\d{12}$/.test(principal)) return { AWS: `arn:aws:iam::${principal}:root` };
  return principal.startsWith("arn:") ? { AWS: principal } : { Service: principal };
}

function principalMatches(principal: PermissionStatement["Principal"], service: string): boolean {
  return principal === "*" || ("Service" in principal && principal.Service === service);
}

/** A condition on what the invoker does not tell does not hold. */
function conditionsHold(condition: NonNullable<PermissionStatement["Condition"]>, invoker: Invoker): boolean {
  const known: Readonly<Record<string, string>> = {
    "aws:sourcearn": invoker.sourceArn,
    "aws:sourceaccount": invoker.sourceAccount,
  };
  return Object.entries(condition).every(([operator, expected]) =>
    Object.entries(expected).every(([key, value]) => {
      const actual = known[key.toLowerCase()];
      if (actual === undefined) return false;
      return operator === "ArnLike" ? arnLike(value, actual) : actual === value;
    }),
  );
}

function policyText(statements: readonly PermissionStatement[]): string {
  return JSON.stringify({ Version: "2012-10-17", Id: "default", Statement: statements });
}

function noPolicy(): AwsError {
  return notFound("The resource you requested does not exist.");
}
