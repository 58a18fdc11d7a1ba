/** What resources hang on, made by hand with the plain SDK. Each answers how to take it away again. */
import { createHash } from "node:crypto";
import {
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  PutRolePolicyCommand,
} from "@aws-sdk/client-iam";
import {
  CreateFunctionCommand,
  DeleteFunctionCommand,
  waitUntilFunctionActiveV2,
  waitUntilFunctionUpdatedV2,
} from "@aws-sdk/client-lambda";
import { zipSync } from "fflate";
import type { Tags } from "../../src/core/owner.ts";
import type { World } from "./world.ts";

type TearDown = () => Promise<unknown>;

export const roleArn = ({ account }: Pick<World, "account">, name: string): string =>
  `arn:${account.partition}:iam::${account.account}:role/${name}`;

export async function makeRole({ sdk }: World, RoleName: string, service: string): Promise<TearDown> {
  const AssumeRolePolicyDocument = JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" }],
  });
  await sdk.iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
  return () => sdk.iam.send(new DeleteRoleCommand({ RoleName }));
}

/** Lets the role of a function of `makeFunction` do one thing, wherever. */
export async function allowFunction({ sdk }: World, functionName: string, Action: string): Promise<TearDown> {
  const policy = { RoleName: roleOf(functionName), PolicyName: "allowed" };
  const Statement = [{ Effect: "Allow", Action, Resource: "*" }];
  const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
  await sdk.iam.send(new PutRolePolicyCommand({ ...policy, PolicyDocument }));
  return () => sdk.iam.send(new DeleteRolePolicyCommand(policy));
}

const roleOf = (functionName: string): string => `${functionName}-role`;

/** A function with a role of its own. */
export async function makeFunction(world: World, FunctionName: string, tags: Tags): Promise<TearDown> {
  const role = roleOf(FunctionName);
  const withoutRole = await makeRole(world, role, "lambda.amazonaws.com");
  await world.sdk.lambda.send(
    new CreateFunctionCommand({
      FunctionName,
      Role: roleArn(world, role),
      Runtime: "nodejs24.x",
      Handler: "index.handler",
      Code: { ZipFile: zipOf("one").zip },
      Tags: { ...tags },
    }),
  );
  await functionSettled(world, FunctionName);
  return async () => {
    await world.sdk.lambda.send(new DeleteFunctionCommand({ FunctionName }));
    await withoutRole();
  };
}

/** Lambda takes its time after a creation or an update, and refuses the next one until then. */
export async function functionSettled({ passTime, sdk }: World, FunctionName: string): Promise<void> {
  passTime(60_000);
  const often = { client: sdk.lambda, maxWaitTime: 60, minDelay: 0.05, maxDelay: 1 };
  await waitUntilFunctionActiveV2(often, { FunctionName });
  await waitUntilFunctionUpdatedV2(often, { FunctionName });
}

export function zipOf(text: string): { readonly zip: Uint8Array; readonly codeSha256: string } {
  const body = new TextEncoder().encode(`exports.handler = async () => ${JSON.stringify(text)};\n`);
  const zip = zipSync({ "index.js": [body, { mtime: new Date(1980, 0, 1) }] });
  return { zip, codeSha256: createHash("sha256").update(zip).digest("base64") };
}

/** Takes things away in the reverse order of their making. */
export const inReverse =
  (...tearDowns: readonly TearDown[]): TearDown =>
  async () => {
    for (const tearDown of [...tearDowns].reverse()) await tearDown();
  };
