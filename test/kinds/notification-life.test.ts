import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { AddPermissionCommand, DeleteFunctionCommand } from "@aws-sdk/client-lambda";
import {
  CreateBucketCommand,
  GetBucketNotificationConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
} from "@aws-sdk/client-s3";
import { type NotificationSpec, notification } from "../../src/kinds/notification.ts";
import { makeFunction } from "../support/hangers-on.ts";
import { type InCloud, startInCloud } from "./in-cloud.ts";

let place: InCloud;
before(async () => {
  place = await startInCloud();
});
after(() => place.stop());

const functionArn = (name: string) => `arn:aws:lambda:us-east-1:123456789012:function:${name}`;

async function invokedFunction(name: string, Bucket: string): Promise<string> {
  const { cloud, aws, pass } = place;
  const world = { sdk: aws.clients, account: pass.account, passTime: (ms: number) => cloud.world.clock.step(ms) };
  await makeFunction(world, name, {});
  const permission = { StatementId: "Uploads", Action: "lambda:InvokeFunction", Principal: "s3.amazonaws.com" };
  const SourceArn = `arn:aws:s3:::${Bucket}`;
  await aws.clients.lambda.send(new AddPermissionCommand({ FunctionName: name, ...permission, SourceArn }));
  return functionArn(name);
}

const entriesOf = async (Bucket: string) => {
  const answer = await place.aws.clients.s3.send(new GetBucketNotificationConfigurationCommand({ Bucket }));
  return answer.LambdaFunctionConfigurations ?? [];
};

const specFor = (functionArn: string, filter: Partial<NotificationSpec> = {}): NotificationSpec => ({
  ...{ id: "pw-plants-grey", functionArn, events: ["s3:ObjectCreated:*"], prefix: "", suffix: "" },
  ...filter,
});

it("a filter stands in the bucket as S3 wants it written, and a second pass writes nothing", async () => {
  const Bucket = "odd-names";
  await place.aws.clients.s3.send(new CreateBucketCommand({ Bucket }));
  const kind = notification(place.aws);
  const spec = specFor(await invokedFunction("pw-odd", Bucket), { prefix: "day 1/run=7/", suffix: " ü.tif" });
  await place.converge(kind, Bucket, spec);
  const [entry] = await entriesOf(Bucket);
  const values = entry?.Filter?.Key?.FilterRules?.map(({ Value }) => Value);
  assert.deepEqual(values, ["day+1/run%3D7/", "+%C3%BC.tif"]);
  assert.deepEqual(await place.converge(kind, Bucket, spec), []);
});

it("a filter of ours that was written plainly, which no upload fits, is written anew", async () => {
  const Bucket = "plainly";
  const { s3 } = place.aws.clients;
  await s3.send(new CreateBucketCommand({ Bucket }));
  const spec = specFor(await invokedFunction("pw-plain", Bucket), { prefix: "day 1/" });
  const { functionArn: LambdaFunctionArn, id: Id } = spec;
  const Filter = { Key: { FilterRules: [{ Name: "prefix" as const, Value: spec.prefix }] } };
  const entry = { Id, LambdaFunctionArn, Events: ["s3:ObjectCreated:*" as const], Filter };
  const NotificationConfiguration = { LambdaFunctionConfigurations: [entry] };
  await s3.send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration }));
  const kind = notification(place.aws);
  await place.converge(kind, Bucket, spec);
  const [standing] = await entriesOf(Bucket);
  assert.equal(standing?.Filter?.Key?.FilterRules?.[0]?.Value, "day+1/");
  assert.deepEqual(await place.converge(kind, Bucket, spec), []);
});

it("our entry goes though another's names a function that is no more", async () => {
  const Bucket = "with-a-stranger";
  const { s3, lambda } = place.aws.clients;
  await s3.send(new CreateBucketCommand({ Bucket }));
  const kind = notification(place.aws);
  const spec = specFor(await invokedFunction("pw-grey", Bucket), { prefix: "in/" });
  const theirs = {
    Id: "theirs",
    LambdaFunctionArn: await invokedFunction("theirs", Bucket),
    Events: ["s3:ObjectCreated:*" as const],
    Filter: { Key: { FilterRules: [{ Name: "prefix" as const, Value: "theirs/" }] } },
  };
  const NotificationConfiguration = { LambdaFunctionConfigurations: [theirs] };
  await s3.send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration }));
  await place.converge(kind, Bucket, spec);
  await lambda.send(new DeleteFunctionCommand({ FunctionName: "theirs" }));
  const observed = await place.read(kind, Bucket);
  assert.equal(observed.is, "owned");
  if (observed.is === "owned") await kind.delete?.(Bucket, observed.actual, place.pass);
  assert.deepEqual(
    (await entriesOf(Bucket)).map(({ Id }) => Id),
    ["theirs"],
  );
});

it("an entry whose function S3 may not invoke is refused by its name", async () => {
  const Bucket = "without-permission";
  await place.aws.clients.s3.send(new CreateBucketCommand({ Bucket }));
  const creating = async () => notification(place.aws).create?.(Bucket, specFor(functionArn("nowhere")), place.pass);
  await assert.rejects(
    creating,
    /destination configurations \(arn:aws:lambda:.*:function:nowhere, null: Not authorized/,
  );
});
