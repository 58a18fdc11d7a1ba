import { after } from "node:test";
import {
  AddPermissionCommand,
  type AddPermissionCommandInput,
  GetPolicyCommand,
  RemovePermissionCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-lambda";
import { TAG } from "../../src/core/owner.ts";
import { functionPermission } from "../../src/kinds/function-permission.ts";
import { startBackend } from "../support/backend.ts";
import { makeFunction } from "../support/hangers-on.ts";
import type { Stage } from "./case.ts";
import { contract } from "./contract.ts";

const backend = await startBackend();
after(() => backend.stop());

const SID = "PipewrightUploads";

const ours = ({ account, name }: Stage): AddPermissionCommandInput => ({
  FunctionName: name,
  StatementId: SID,
  Action: "lambda:InvokeFunction",
  Principal: "s3.amazonaws.com",
  SourceArn: "arn:aws:s3:::pw-contract",
  SourceAccount: account.account,
});

const add = (stage: Stage, fields: Partial<AddPermissionCommandInput>) =>
  stage.sdk.lambda.send(new AddPermissionCommand({ ...ours(stage), ...fields }));
const remove = ({ sdk, name }: Stage, StatementId: string) =>
  sdk.lambda.send(new RemovePermissionCommand({ FunctionName: name, StatementId }));

async function instead(stage: Stage, fields: Partial<AddPermissionCommandInput>) {
  if ((await sidsOf(stage)).includes(SID)) await remove(stage, SID);
  await add(stage, fields);
}

const sidsOf = async ({ sdk, name }: Stage): Promise<string[]> => {
  const { Policy } = await sdk.lambda.send(new GetPolicyCommand({ FunctionName: name }));
  return JSON.parse(Policy!).Statement.map((statement: { Sid: string }) => statement.Sid);
};

contract(backend, {
  kind: "function-permission",
  make: functionPermission,
  spec: ({ account }) => ({
    statements: [
      {
        sid: SID,
        principal: "s3.amazonaws.com",
        sourceArn: "arn:aws:s3:::pw-contract",
        sourceAccount: account.account,
      },
    ],
  }),
  prepare: (stage) => makeFunction(stage, stage.name, stage.tags),
  writtenAlong: { [`statements.${SID}`]: "once the others are gone there is no policy left, and a whole one is made" },
  tampers: [
    {
      field: "statements[].sid",
      what: "a statement that an intruder added",
      change: (stage) => add(stage, { StatementId: "Intruder" }),
      paths: ["statements.Intruder"],
    },
    {
      field: "statements[].sid",
      what: "our statement under another id",
      change: (stage) => instead(stage, { StatementId: "Renamed" }),
      paths: [`statements.${SID}`, "statements.Renamed"],
    },
    {
      field: "statements[].principal",
      change: (stage) => instead(stage, { Principal: "sns.amazonaws.com" }),
      paths: [`statements.${SID}`],
    },
    {
      field: "statements[].sourceArn",
      change: (stage) => instead(stage, { SourceArn: "arn:aws:s3:::elsewhere" }),
      paths: [`statements.${SID}`],
    },
    {
      field: "statements[].sourceAccount",
      change: (stage) => instead(stage, { SourceAccount: undefined }),
      paths: [`statements.${SID}`],
    },
  ],
  async remove(stage) {
    for (const sid of await sidsOf(stage)) await remove(stage, sid);
  },
  async foreign(stage) {
    const Resource = stage.arn("lambda", `function:${stage.name}`);
    await stage.sdk.lambda.send(new UntagResourceCommand({ Resource, TagKeys: [TAG.owner] }));
    await add(stage, { StatementId: "Theirs" });
  },
  createOverwrites: "where the function is someone else's, the planner stops at the function",
  adopted: { none: "it is adopted with its function" },
  copies: async (stage) => (await sidsOf(stage).catch(() => [])).length,
  listedAs: "its function",
});
