import type * as api from "@aws-sdk/client-lambda";
import { createIam } from "../../localcloud/services/iam.ts";
import { createLambda, type Lambda } from "../../localcloud/services/lambda.ts";
import { invoke, stubWorld } from "./stub-world.ts";

export const ARN = "arn:aws:lambda:us-east-1:000000000000:function:";
export const ROLE = "arn:aws:iam::000000000000:role/lambda_exec_role";
/** As far as the local cloud looks into a zip: its signature. */
export const zip = (text: string) => Buffer.from(`PK\u0003\u0004${text}`);

/** A world with a role and functions, and short words for what is asked of them. */
export function cloud(options: { lags?: boolean; role?: boolean } = {}) {
  const world = stubWorld([createIam, createLambda], options);
  const lambda = world.service<Lambda>("lambda");
  const run = <Output>(operation: string, input: object = {}) => invoke<Output>(lambda, operation, input);
  const role = (RoleName: string, service = "lambda.amazonaws.com") =>
    invoke(world.service("iam"), "CreateRole", {
      RoleName,
      AssumeRolePolicyDocument: JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" }],
      }),
    });
  if (options.role !== false) {
    role("lambda_exec_role");
    world.step(60_000);
  }
  const create = (FunctionName: string, more: object = {}) =>
    run<api.CreateFunctionCommandOutput>("CreateFunction", {
      FunctionName,
      Runtime: "nodejs24.x",
      Handler: "index.handler",
      Role: ROLE,
      Code: { ZipFile: zip("one") },
      ...more,
    });
  const get = (FunctionName: string) => run<api.GetFunctionCommandOutput>("GetFunction", { FunctionName });
  return { world, lambda, run, role, create, get };
}
