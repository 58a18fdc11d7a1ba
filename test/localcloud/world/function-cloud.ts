import { Lambda } from "@aws-sdk/client-lambda";
import { zipSync } from "fflate";
import type { LocalCloudOptions } from "../../../localcloud/server.ts";
import type { PolicyStatement } from "../../../localcloud/services/policy-document.ts";
import { type RoleCloud, role, startRoleCloud } from "./role-cloud.ts";

export const zip = (files: Record<string, string>) =>
  zipSync(Object.fromEntries(Object.entries(files).map(([path, text]) => [path, Buffer.from(text)])));

export const writesLogs: PolicyStatement = {
  Effect: "Allow",
  Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
  Resource: "*",
};

export interface FunctionCloud extends RoleCloud {
  readonly lambda: Lambda;
  /** A function of one file, with a role of its own name and a log group. */
  makeFunction(name: string, code: string, more?: object): Promise<string>;
  /** Its answer, parsed, and whether it failed. */
  ask(name: string, event?: unknown): Promise<{ answer: unknown; failed: boolean }>;
  /** Invokes it for nobody's answer. */
  tell(name: string, event: unknown): Promise<void>;
  /** All lines of its log. */
  lines(name: string): string[];
}

export async function startFunctionCloud(options: LocalCloudOptions = {}): Promise<FunctionCloud> {
  const base = await startRoleCloud({ run: true, ...options });
  const { cloud, admin, makeRole } = base;
  const lambda = new Lambda(admin);
  const call = { account: "123456789012", region: "us-east-1", accessKeyId: "test", requestId: "0" };
  const logs = () => cloud.world.service("cloudwatch-logs").operations;
  return {
    ...base,
    lambda,
    async makeFunction(name, code, more = {}) {
      await makeRole(name, [writesLogs]);
      logs().CreateLogGroup!({ logGroupName: `/aws/lambda/${name}` }, call);
      const { FunctionArn } = await lambda.createFunction({
        FunctionName: name,
        Runtime: "nodejs24.x",
        Handler: "index.handler",
        Role: role(name),
        Code: { ZipFile: zip({ "index.mjs": code }) },
        ...more,
      });
      return FunctionArn!;
    },
    async ask(name, event = {}) {
      const answer = await lambda.invoke({ FunctionName: name, Payload: JSON.stringify(event) });
      const failed = answer.FunctionError !== undefined;
      return { answer: JSON.parse(answer.Payload!.transformToString()), failed };
    },
    async tell(name, event) {
      await lambda.invoke({ FunctionName: name, InvocationType: "Event", Payload: JSON.stringify(event) });
    },
    lines(name) {
      const found = logs().FilterLogEvents!({ logGroupName: `/aws/lambda/${name}` }, call);
      return (found as { events: { message: string }[] }).events.map(({ message }) => message);
    },
    async stop() {
      lambda.destroy();
      await base.stop();
    },
  };
}
