import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, beforeEach, describe, it } from "node:test";
import { AddPermissionCommand, GetFunctionCommand, GetPolicyCommand } from "@aws-sdk/client-lambda";
import { type FunctionSpec, lambdaFunction } from "../../src/kinds/function.ts";
import { functionPermission } from "../../src/kinds/function-permission.ts";
import { type InCloud, startInCloud } from "./in-cloud.ts";

const NAME = "pw-plants-grey";
const first = zipped("export const handler = () => 1;");
const second = zipped("export const handler = () => 2;");

describe("a function, written", () => {
  let place: InCloud;
  let role: string;
  before(async () => {
    const code = new Map([first, second].map(({ sha256, bytes }) => [sha256, bytes]));
    // With AWS's lags: Pending after birth, InProgress after an update, a role too young.
    place = await startInCloud({ lags: true, code });
  });
  beforeEach(async () => {
    place.cloud.reset();
    role = await place.role("lambda_exec_role", "lambda.amazonaws.com");
  });
  after(() => place.stop());

  const spec = (changed: Partial<FunctionSpec> = {}): FunctionSpec => ({
    runtime: "nodejs24.x",
    handler: "index.handler",
    architecture: "x86_64",
    memorySize: 256,
    timeoutSeconds: 30,
    environment: { QUEUE: "q" },
    role,
    codeSha256: first.sha256,
    loggingConfig: { logGroup: `/aws/lambda/${NAME}`, logFormat: "Text" },
    reservedConcurrency: null,
    tags: place.tags(`function/${NAME}`),
    ...changed,
  });
  const standing = () => place.aws.clients.lambda.send(new GetFunctionCommand({ FunctionName: NAME }));
  const permission = (sid: string, bucket = sid) => ({
    sid,
    principal: "s3.amazonaws.com",
    sourceArn: `arn:aws:s3:::${bucket}`,
    sourceAccount: place.pass.account.account,
  });
  const sids = async () => {
    const { Policy = "{}" } = await place.aws.clients.lambda.send(new GetPolicyCommand({ FunctionName: NAME }));
    return JSON.parse(Policy)
      .Statement.map((statement: { Sid: string }) => statement.Sid)
      .sort();
  };

  it("stands once its role can be assumed, and is left alone after that", async () => {
    const kind = lambdaFunction(place.aws);
    await place.converge(kind, NAME, spec());
    assert.equal((await standing()).Configuration?.CodeSha256, first.sha256);
    assert.deepEqual(await place.converge(kind, NAME, spec()), []);
  });

  it("gets its code first and its configuration once that is in place", async () => {
    const kind = lambdaFunction(place.aws);
    await place.converge(kind, NAME, spec());
    const changed = { codeSha256: second.sha256, memorySize: 512, environment: { QUEUE: "r" } };
    const writes = await place.converge(kind, NAME, spec(changed));
    assert.deepEqual(writes, ["UpdateFunctionCode", "UpdateFunctionConfiguration"]);
    const { Configuration } = await standing();
    assert.equal(Configuration?.CodeSha256, second.sha256);
    assert.equal(Configuration?.MemorySize, 512);
    assert.deepEqual(Configuration?.Environment?.Variables, { QUEUE: "r" });
  });

  it("has the concurrency reserved that it wants, and gives it back", async () => {
    const kind = lambdaFunction(place.aws);
    await place.converge(kind, NAME, spec({ reservedConcurrency: 1 }));
    assert.equal((await standing()).Concurrency?.ReservedConcurrentExecutions, 1);
    await place.converge(kind, NAME, spec());
    assert.equal((await standing()).Concurrency, undefined);
  });

  it("loses no statement of its policy when two write it at once, and an intruder's goes", async () => {
    await place.converge(lambdaFunction(place.aws), NAME, spec());
    const kind = functionPermission(place.aws);
    assert.equal((await place.read(kind, NAME)).is, "absent");
    await Promise.all(
      [1, 2, 3, 4].map((number) => kind.create!(NAME, { statements: [permission(`pw-${number}`)] }, place.pass)),
    );
    assert.deepEqual(await sids(), ["pw-1", "pw-2", "pw-3", "pw-4"]);

    const intruder = { FunctionName: NAME, StatementId: "evil", Action: "lambda:InvokeFunction", Principal: "*" };
    await place.aws.clients.lambda.send(new AddPermissionCommand(intruder));
    const wanted = { statements: [permission("pw-1"), permission("pw-2", "elsewhere")] };
    await place.converge(kind, NAME, wanted);
    assert.deepEqual(await sids(), ["pw-1", "pw-2"]);
    assert.deepEqual(await place.converge(kind, NAME, wanted), []);
  });
});

interface Zip {
  readonly bytes: Uint8Array;
  readonly sha256: string;
}

/** Nothing runs here: what begins like a zip will do. */
function zipped(text: string): Zip {
  const bytes = Buffer.from(`PK\u0003\u0004${text}`);
  return { bytes, sha256: createHash("sha256").update(bytes).digest("base64") };
}
