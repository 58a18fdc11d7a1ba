import assert from "node:assert/strict";
import { after, it } from "node:test";
import { AddPermissionCommand } from "@aws-sdk/client-lambda";
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  GetBucketNotificationConfigurationCommand,
  type LambdaFunctionConfiguration,
  type NotificationConfiguration,
  PutBucketNotificationConfigurationCommand,
} from "@aws-sdk/client-s3";
import { type NotificationSpec, notification } from "../../src/kinds/notification.ts";
import { startBackend } from "../support/backend.ts";
import { inReverse, makeFunction } from "../support/hangers-on.ts";
import type { Case, Stage, Tamper } from "./case.ts";
import { contract } from "./contract.ts";
import { openTheatre } from "./stage.ts";

const backend = await startBackend();
after(() => backend.stop());

const OURS = "pw-contract";
const enqueuer = ({ unique }: Stage) => `pw-contract-enqueuer-${unique}`;
const stranger = ({ unique }: Stage) => `pw-contract-stranger-${unique}`;
const arnOf = (stage: Stage, name: string) => stage.arn("lambda", `function:${name}`);

async function makeInvokedFunction(stage: Stage, name: string) {
  const gone = await makeFunction(stage, name, name === enqueuer(stage) ? stage.tags : {});
  await stage.sdk.lambda.send(
    new AddPermissionCommand({
      FunctionName: name,
      StatementId: "Uploads",
      Action: "lambda:InvokeFunction",
      Principal: "s3.amazonaws.com",
      SourceArn: `arn:aws:s3:::${stage.name}`,
      SourceAccount: stage.account.account,
    }),
  );
  return gone;
}

const now = ({ sdk, name }: Stage) => sdk.s3.send(new GetBucketNotificationConfigurationCommand({ Bucket: name }));
const entriesNow = async (stage: Stage) => (await now(stage)).LambdaFunctionConfigurations ?? [];

async function change(stage: Stage, change: (standing: NotificationConfiguration) => NotificationConfiguration) {
  const { $metadata: _, ...standing } = await now(stage);
  await stage.sdk.s3.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket: stage.name,
      NotificationConfiguration: change(standing),
    }),
  );
}

const changeEntries = (
  stage: Stage,
  of: (entry: LambdaFunctionConfiguration) => readonly LambdaFunctionConfiguration[],
) =>
  change(stage, (standing) => ({
    ...standing,
    LambdaFunctionConfigurations: standing.LambdaFunctionConfigurations?.flatMap((entry) =>
      entry.Id?.startsWith("pw-") ? of(entry) : [entry],
    ),
  }));

const tamper = (field: keyof NotificationSpec, of: (stage: Stage) => Partial<LambdaFunctionConfiguration>): Tamper => ({
  field,
  change: (stage) => changeEntries(stage, (entry) => [{ ...entry, ...of(stage) }]),
});

const filter = (prefix: string, suffix: string): LambdaFunctionConfiguration["Filter"] => ({
  Key: {
    FilterRules: [
      { Name: "prefix", Value: prefix },
      { Name: "suffix", Value: suffix },
    ],
  },
});

const entryOfTheirs = (stage: Stage, prefix: string): LambdaFunctionConfiguration => ({
  Id: "theirs",
  LambdaFunctionArn: arnOf(stage, stranger(stage)),
  Events: ["s3:ObjectCreated:*"],
  Filter: filter(prefix, ".csv"),
});
const putTheirs = (stage: Stage, prefix: string) =>
  change(stage, ({ LambdaFunctionConfigurations = [], ...standing }) => ({
    ...standing,
    LambdaFunctionConfigurations: [...LambdaFunctionConfigurations, entryOfTheirs(stage, prefix)],
  }));

const ofNotifications: Case<NotificationSpec> = {
  kind: "notification",
  make: notification,
  spec: (stage) => ({
    id: OURS,
    functionArn: arnOf(stage, enqueuer(stage)),
    events: ["s3:ObjectCreated:*"],
    prefix: "in/",
    suffix: ".csv",
  }),
  async prepare(stage) {
    const Bucket = stage.name;
    await stage.sdk.s3.send(new CreateBucketCommand({ Bucket }));
    return inReverse(
      () => stage.sdk.s3.send(new DeleteBucketCommand({ Bucket })),
      await makeInvokedFunction(stage, enqueuer(stage)),
      await makeInvokedFunction(stage, stranger(stage)),
    );
  },
  tampers: [
    tamper("id", () => ({ Id: "pw-renamed" })),
    tamper("functionArn", (stage) => ({ LambdaFunctionArn: arnOf(stage, stranger(stage)) })),
    tamper("events", () => ({ Events: ["s3:ObjectCreated:Put"] })),
    tamper("prefix", () => ({ Filter: filter("elsewhere/", ".csv") })),
    tamper("suffix", () => ({ Filter: filter("in/", ".txt") })),
    {
      field: "id",
      what: "a copy of our entry",
      change: (stage) =>
        changeEntries(stage, (entry) => [entry, { ...entry, Id: "pw-copy", Filter: filter("else/", ".csv") }]),
    },
  ],
  others: [
    {
      what: "an entry for another function",
      put: (stage) => putTheirs(stage, "theirs/"),
      stands: async (stage) => (await entriesNow(stage)).some(({ Id }) => Id === "theirs"),
    },
    {
      what: "events for EventBridge",
      put: (stage) => change(stage, (standing) => ({ ...standing, EventBridgeConfiguration: {} })),
      stands: async (stage) => (await now(stage)).EventBridgeConfiguration !== undefined,
      skip: ({ cannot }) => cannot("bucket-events-for-eventbridge"),
    },
  ],
  outlivedByOthers: true,
  remove: (stage) => changeEntries(stage, () => []),
  foreign: { none: "an entry is ours by its id; all others are left alone" },
  adopted: { none: "an entry is ours by its id; all others are left alone" },
  copies: async (stage) => (await entriesNow(stage)).filter(({ Id }) => Id?.startsWith("pw-")).length,
};

contract(backend, ofNotifications);

it("a notification that would overlap with someone else's is refused before anything is written", async () => {
  const { stage, keeper, close } = await openTheatre(backend, ofNotifications);
  try {
    await putTheirs(stage, "in/deeper/");
    const refused = keeper();
    const [step] = await refused.plan();
    assert.equal(step?.do, "refuse");
    assert.match(step?.do === "refuse" ? step.why : "", /S3 refuses both/);
    assert.deepEqual(refused.product.writes, []);
  } finally {
    await close();
  }
});
