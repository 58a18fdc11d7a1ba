import { callerArn } from "../../caller.ts";
import { AwsError, type Call } from "../../service.ts";
import { listOf, type PolicyStatement, parsePolicy } from "../policy-document.ts";
import { arnOf } from "./buckets.ts";
import type { Bucket } from "./state.ts";

/** Longest policy that a bucket takes, in bytes. */
const LIMIT_BYTES = 20 * 1024;

/** @throws AwsError MalformedPolicy, or AccessDenied where the policy is public and the bucket blocks that. */
export function checkBucketPolicy(bucket: Bucket, text: string, call: Call): void {
  if (!text.trimStart().startsWith("{")) {
    throw malformed("Policies must be valid JSON and the first byte must be '{'");
  }
  if (Buffer.byteLength(text) > LIMIT_BYTES) throw malformed("Policy exceeds the maximum allowed document size.");
  const policy = parsePolicy(text, "resource");
  if ("problem" in policy) throw malformed(policy.problem);
  for (const statement of policy.Statement) {
    if (!listOf(statement.Resource).every((resource) => isOfBucket(resource, bucket))) {
      throw malformed("Policy has invalid resource");
    }
    if (statement.Resource === undefined && statement.NotResource === undefined) {
      throw malformed("Missing required field Resource");
    }
  }
  if (bucket.publicAccessBlock?.BlockPublicPolicy && policy.Statement.some(isPublic)) {
    const what = `User: ${callerArn(call)} is not authorized to perform: s3:PutBucketPolicy on resource: "${arnOf(bucket.name)}"`;
    const why = "because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.";
    throw new AwsError("AccessDenied", `${what} ${why}`, { status: 403 });
  }
}

function isOfBucket(resource: string, bucket: Bucket): boolean {
  const arn = arnOf(bucket.name);
  return resource === arn || resource.startsWith(`${arn}/`) || resource === `${arn}*`;
}

/** Allows everybody something, whoever and wherever they are. */
function isPublic(statement: PolicyStatement): boolean {
  const { Effect, Principal, Condition } = statement;
  if (Effect !== "Allow" || Condition !== undefined || Principal === undefined) return false;
  return Principal === "*" || Object.values(Principal).some((names) => listOf(names).includes("*"));
}

function malformed(message: string): AwsError {
  return new AwsError("MalformedPolicy", message);
}
