import assert from "node:assert/strict";
import { after, beforeEach, describe, it } from "node:test";
import { IAM } from "@aws-sdk/client-iam";
import { S3 } from "@aws-sdk/client-s3";
import { SQS } from "@aws-sdk/client-sqs";
import { startFunctionCloud, writesLogs } from "./function-cloud.ts";
import { ACCOUNT, role } from "./role-cloud.ts";

const QUEUE = `arn:aws:sqs:us-east-1:${ACCOUNT}:failed`;
const COUNTER = "let count = 0; export const handler = async () => (count += 1);";
const FAILS = 'export const handler = async (event) => { throw new TypeError("no " + event.what); };';

describe("a function", async () => {
  const { cloud, admin, lambda, makeFunction, makeRole, setPolicy, ask, tell, lines, stop } =
    await startFunctionCloud();
  const sqs = new SQS({ ...admin, useQueueUrlAsEndpoint: false });
  const s3 = new S3(admin);
  const iam = new IAM(admin);
  beforeEach(() => cloud.reset());
  after(async () => {
    sqs.destroy();
    s3.destroy();
    iam.destroy();
    await stop();
  });

  const step = cloud.advance;
  const received = async (QueueUrl: string | undefined) => {
    const { Messages = [] } = await sqs.receiveMessage({ QueueUrl, MaxNumberOfMessages: 10 });
    return Messages.map(({ Body }) => JSON.parse(Body!));
  };

  it("runs in a process of its own and answers, with its own environment and this cloud as the endpoint", async () => {
    const code =
      "export const handler = async (event, context) => ({ event, context, pid: process.pid, env: process.env });";
    await makeFunction("f", code, { Environment: { Variables: { COLOUR: "grey" } }, MemorySize: 256 });
    const { answer, failed } = await ask("f", { a: 1 });
    // biome-ignore lint/suspicious/noExplicitAny: what the function answered
    const { event, context, pid, env } = answer as any;
    assert.equal(failed, false);
    assert.deepEqual(event, { a: 1 });
    assert.notEqual(pid, process.pid);
    assert.equal(context.functionName, "f");
    assert.equal(env.COLOUR, "grey");
    assert.equal(env.AWS_ENDPOINT_URL, cloud.endpoint);
    assert.equal(env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE, "256");
    assert.equal(env.AWS_REGION, "us-east-1");
    assert.equal(env.HOME, undefined);
  });

  it("is kept warm, until its code changes or it has waited for long", async () => {
    await makeFunction("f", COUNTER);
    assert.equal((await ask("f")).answer, 1);
    assert.equal((await ask("f")).answer, 2);
    await lambda.updateFunctionConfiguration({ FunctionName: "f", Timeout: 5 });
    assert.equal((await ask("f")).answer, 1);
    await step(301_000);
    assert.equal((await ask("f")).answer, 1);
  });

  it("has its files written once: a process that starts does not find them half there", async () => {
    const code = `import { statSync } from "node:fs";
      const written = (file) => String(statSync(file, { bigint: true }).ctimeNs);
      // Busy for long enough that the next one, however slowly it comes, needs a process of its own.
      const busy = () => new Promise((done) => setTimeout(done, 500));
      export const handler = async () => (
        await busy(), { pid: process.pid, at: [process.argv[1], import.meta.filename].map(written) }
      );`;
    await makeFunction("f", code);
    const answers = [await ask("f"), ...(await Promise.all([ask("f"), ask("f")]))];
    const told = answers.map(({ answer }) => answer as { pid: number; at: string[] });
    assert.equal(new Set(told.map(({ pid }) => pid)).size, 2);
    assert.equal(new Set(told.map(({ at }) => at.join())).size, 1);
  });

  it("cannot read its environment once its role was made anew, until it is given the role again", async () => {
    const code = "export const handler = async () => process.env.COLOUR;";
    await makeFunction("f", code, { Environment: { Variables: { COLOUR: "grey" } } });
    await makeFunction("plain", "export const handler = async () => 1;", { Role: role("f") });
    await makeRole("other", []);
    await iam.deleteRolePolicy({ RoleName: "f", PolicyName: "inline" });
    await iam.deleteRole({ RoleName: "f" });
    await makeRole("f", [writesLogs]);
    await assert.rejects(ask("f"), { name: "KMSAccessDeniedException" });
    assert.equal((await ask("plain")).answer, 1);
    await lambda.updateFunctionConfiguration({ FunctionName: "f", Role: role("f") });
    await assert.rejects(ask("f"), { name: "KMSAccessDeniedException" });
    for (const name of ["other", "f"])
      await lambda.updateFunctionConfiguration({ FunctionName: "f", Role: role(name) });
    assert.equal((await ask("f")).answer, "grey");
  });

  it("writes its lines to its log group, if its role may", async () => {
    await makeFunction(
      "f",
      'export const handler = async () => { console.log("hello", { a: 1 }); process.stdout.write("raw\\n"); };',
    );
    await ask("f");
    assert.match(lines("f").join("\n"), /^START RequestId: [\w-]+ Version: \$LATEST\n/);
    assert.match(lines("f").join("\n"), /Z\t[\w-]+\tINFO\thello \{"a":1\}\n/);
    await setPolicy("f", [{ ...writesLogs, Action: "logs:CreateLogStream" }]);
    const before = lines("f").length;
    await ask("f");
    assert.equal(lines("f").length, before);
  });

  it("writes JSON where its log is of that format", async () => {
    const code = 'export const handler = async () => console.warn(JSON.stringify({ message: "low" }));';
    await makeFunction("f", code, { LoggingConfig: { LogFormat: "JSON" } });
    await ask("f");
    const { level, message } = JSON.parse(lines("f")[0]!);
    assert.deepEqual({ level, message }, { level: "WARN", message: { message: "low" } });
  });

  it("sees the world's time", async () => {
    await makeFunction(
      "f",
      "export const handler = async () => [Date.now(), new Date().getTime(), performance.now()];",
    );
    const [first] = (await ask("f")).answer as number[];
    await step(3_600_000);
    const [later, date] = (await ask("f")).answer as number[];
    assert.ok(later! - first! >= 3_600_000 && date! - first! >= 3_600_000);
    assert.ok(Math.abs(later! - cloud.world.now()) < 10_000);
  });

  it("answers its failures as Lambda does: thrown, not loaded, not found, crashed, too late", async () => {
    const failure = async (code: string, more?: object) => {
      cloud.reset();
      await makeFunction("f", code, more);
      const { answer, failed } = await ask("f", { what: "thing" });
      assert.equal(failed, true);
      return answer as { errorType: string; errorMessage: string };
    };
    const thrown = await failure(FAILS);
    assert.deepEqual([thrown.errorType, thrown.errorMessage], ["TypeError", "no thing"]);
    assert.equal((await failure("export const handler = ;")).errorType, "SyntaxError");
    assert.equal((await failure("export const other = 1;")).errorType, "Runtime.HandlerNotFound");
    assert.equal((await failure(COUNTER, { Handler: "none.handler" })).errorType, "Runtime.ImportModuleError");
    const crashed = await failure("export const handler = async () => process.exit(3);");
    assert.match(crashed.errorMessage, /^RequestId: [\w-]+ Error: Runtime exited with error: exit status 3$/);
    const hangs = "export const handler = () => new Promise((resolve) => setTimeout(resolve, 60_000));";
    assert.match((await failure(hangs, { Timeout: 1 })).errorMessage, / Task timed out after 1\.00 seconds$/);
  });

  it("calls this cloud with its role's keys, and may do what the role may", async () => {
    const code = `export const handler = async () => {
      const { AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID: id } = process.env;
      const authorization = \`AWS4-HMAC-SHA256 Credential=\${id}/20260101/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=0\`;
      const headers = { authorization, "x-amz-target": "AmazonSQS.CreateQueue" };
      const answer = await fetch(AWS_ENDPOINT_URL, { method: "POST", headers, body: '{"QueueName":"pw-q"}' });
      return answer.json();
    };`;
    await makeFunction("f", code);
    assert.match(
      JSON.stringify((await ask("f")).answer),
      /assumed-role\/f\/f is not authorized to perform: sqs:CreateQueue/,
    );
    await setPolicy("f", [writesLogs, { Effect: "Allow", Action: "sqs:*", Resource: "*" }]);
    assert.match(JSON.stringify((await ask("f")).answer), /QueueUrl/);
  });

  it("that is invoked for no answer runs again after a minute and after two, then tells its destination", async () => {
    const { QueueUrl } = await sqs.createQueue({ QueueName: "failed" });
    await makeFunction("f", FAILS);
    await setPolicy("f", [writesLogs, { Effect: "Allow", Action: "sqs:SendMessage", Resource: QUEUE }]);
    await lambda.putFunctionEventInvokeConfig({
      FunctionName: "f",
      DestinationConfig: { OnFailure: { Destination: QUEUE } },
    });
    await tell("f", { what: "luck" });
    const runs = () => lines("f").filter((line) => line.startsWith("START")).length;
    await step(0);
    assert.equal(runs(), 1);
    await step(59_000);
    assert.equal(runs(), 1);
    await step(2_000);
    assert.equal(runs(), 2);
    assert.deepEqual(await received(QueueUrl), []);
    await step(120_000);
    assert.equal(runs(), 3);
    const [record] = await received(QueueUrl);
    assert.equal(record.requestContext.condition, "RetriesExhausted");
    assert.equal(record.requestContext.approximateInvokeCount, 3);
    assert.deepEqual(record.requestPayload, { what: "luck" });
    assert.equal(record.responsePayload.errorMessage, "no luck");
    await step(3_600_000);
    assert.equal(runs(), 3);
  });

  it("that has no room waits in its queue until its age, and is throttled where an answer is waited for", async () => {
    const { QueueUrl } = await sqs.createQueue({ QueueName: "failed" });
    await makeFunction("f", COUNTER);
    await setPolicy("f", [{ Effect: "Allow", Action: "sqs:SendMessage", Resource: QUEUE }]);
    await lambda.putFunctionConcurrency({ FunctionName: "f", ReservedConcurrentExecutions: 0 });
    const config = { MaximumEventAgeInSeconds: 60, DestinationConfig: { OnFailure: { Destination: QUEUE } } };
    await lambda.putFunctionEventInvokeConfig({ FunctionName: "f", ...config });
    await assert.rejects(ask("f"), {
      name: "TooManyRequestsException",
      Reason: "ReservedFunctionConcurrentInvocationLimitExceeded",
    });
    await tell("f", { n: 1 });
    await tell("f", { n: 2 });
    await step(10_000);
    assert.deepEqual(await received(QueueUrl), []);
    await step(70_000);
    const records = await received(QueueUrl);
    assert.deepEqual(
      records.map((one) => [one.requestContext.condition, one.responsePayload]),
      [
        ["EventAgeExceeded", undefined],
        ["EventAgeExceeded", undefined],
      ],
    );
  });

  it("of reserved concurrency 1 never runs twice at a time", async () => {
    const code = `let running = 0; let most = 0;
      export const handler = async () => {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setTimeout(resolve, 30));
        running -= 1;
        return [process.pid, most];
      };`;
    await makeFunction("f", code);
    await lambda.putFunctionConcurrency({ FunctionName: "f", ReservedConcurrentExecutions: 1 });
    const answers = await Promise.allSettled([ask("f"), ask("f"), ask("f")]);
    assert.equal(answers.filter(({ status }) => status === "fulfilled").length, 1);
  });

  it("that is told to crash has done its work, and is run again", async () => {
    await makeFunction("f", 'export const handler = async () => console.log("worked");');
    cloud.world.mishaps.add({ kind: "function-crash", where: { function: "f" }, count: 1 });
    await tell("f", {});
    await step(61_000);
    assert.equal(lines("f").filter((line) => line.endsWith("worked")).length, 2);
    assert.equal(lines("f").filter((line) => line.endsWith("signal: killed")).length, 1);
  });

  describe("that a bucket notifies", () => {
    const notify = async (functionArn: string, more: object = {}) => {
      await s3.createBucket({ Bucket: "input" });
      await lambda.addPermission({
        FunctionName: functionArn,
        StatementId: "s3",
        Action: "lambda:InvokeFunction",
        Principal: "s3.amazonaws.com",
        SourceArn: "arn:aws:s3:::input",
      });
      await s3.putBucketNotificationConfiguration({
        Bucket: "input",
        NotificationConfiguration: {
          LambdaFunctionConfigurations: [
            { Id: "pw", LambdaFunctionArn: functionArn, Events: ["s3:ObjectCreated:*"], ...more },
          ],
        },
      });
    };
    const put = (Key: string) => s3.putObject({ Bucket: "input", Key, Body: "x" });
    const LOGS_KEYS =
      'export const handler = async ({ Records }) => console.log("KEY " + Records[0].s3.object.key + " " + Records[0].s3.object.size);';
    const keys = () => lines("f").flatMap((line) => /KEY (.*)$/.exec(line)?.[1] ?? []);

    it("runs for each object that passes the filter, its key encoded", async () => {
      const Filter = {
        Key: {
          FilterRules: [
            { Name: "prefix", Value: "pics/" },
            { Name: "suffix", Value: ".png" },
          ],
        },
      };
      await notify(await makeFunction("f", LOGS_KEYS), { Filter });
      await put("pics/a b+ü.png");
      await put("pics/a.txt");
      await put("other/a.png");
      await step(0);
      assert.deepEqual(keys(), ["pics/a+b%2B%C3%BC.png 1"]);
    });

    it("runs for what a filter says in the way of URLs, not for what it says plainly", async () => {
      const filter = (Value: string) => ({ Filter: { Key: { FilterRules: [{ Name: "prefix", Value }] } } });
      const arn = await makeFunction("f", LOGS_KEYS);
      await notify(arn, filter("day+1/run%3D7/"));
      await put("day 1/run=7/a");
      const entry = { Id: "plain", LambdaFunctionArn: arn, Events: ["s3:ObjectCreated:*" as const] };
      await s3.putBucketNotificationConfiguration({
        Bucket: "input",
        NotificationConfiguration: { LambdaFunctionConfigurations: [{ ...entry, ...filter("day 1/") }] as never },
      });
      await put("day 1/b");
      await step(0);
      assert.deepEqual(keys(), ["day+1/run%3D7/a 1"]);
    });

    it("does not run once S3 may no longer invoke it", async () => {
      await notify(await makeFunction("f", LOGS_KEYS));
      await lambda.removePermission({ FunctionName: "f", StatementId: "s3" });
      await put("a");
      await step(0);
      assert.deepEqual(keys(), []);
    });

    it("hears twice, or late, where that is ordered", async () => {
      await notify(await makeFunction("f", LOGS_KEYS));
      cloud.world.mishaps.add({ kind: "duplicate-notification", where: { key: "twice" } });
      cloud.world.mishaps.add({ kind: "late-notification", where: { key: "late" } });
      await put("late");
      await put("twice");
      await step(0);
      assert.deepEqual(keys(), ["twice 1", "twice 1"]);
      await step(61_000);
      assert.deepEqual(keys(), ["twice 1", "twice 1", "late 1"]);
    });
  });
});

describe("a world that is emptied", () => {
  it("takes with it what its functions were doing: a new one of the name hears nothing of it", async () => {
    const { cloud, makeFunction, tell, lines, stop } = await startFunctionCloud();
    await makeFunction("f", "export const handler = () => new Promise(() => {});");
    await tell("f", {});
    cloud.reset();
    await makeFunction("f", 'export const handler = async () => console.log("ran");');
    await cloud.advance(600_000);
    assert.deepEqual(lines("f"), []);
    await stop();
  });
});
