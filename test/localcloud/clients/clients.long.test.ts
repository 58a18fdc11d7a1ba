/** boto3 and the `aws` command take the walk that the SDK takes, and read the same; and what people do with them by hand. */
import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type LocalCloud, startLocalCloud } from "../../../localcloud/server.ts";
import { zipOf } from "../../support/hangers-on.ts";
import { type Answers, assertSame, byPython, bySdk } from "./answers.ts";
import { type Bridge, pythonWith, startBridge } from "./bridge.ts";

const boto3 = pythonWith("boto3");
const aws = pythonWith("boto3", "awscli");
const withoutBoto3 = boto3 ? false : "there is no Python with boto3 here";
const withoutAws = aws ? false : "there is no Python with awscli here";

describe("on the walk, what the SDK reads", () => {
  let sdk: Answers;
  before(async () => {
    sdk = await bySdk();
  });

  it("the SDK reads again in another cloud", async () => {
    assertSame(await bySdk(), sdk);
  });

  it("boto3 reads too", { skip: withoutBoto3 }, async () => {
    assertSame(await byPython(boto3!, "boto3"), sdk);
  });

  it("the aws command prints", { skip: withoutAws }, async () => {
    assertSame(await byPython(aws!, "aws"), sdk);
  });
});

describe("boto3 by hand", { skip: withoutBoto3 }, () => {
  const KEY = "day 1/a+b ü%.txt";
  const stage = openStage(boto3);

  it("finds buckets in the host's name, as it does on AWS", async () => {
    const done = await stage.python(`
s3 = boto3.client("s3", endpoint_url=ENDPOINT.replace("127.0.0.1", "localhost"), config=Config(s3={"addressing_style": "virtual"}))
s3.create_bucket(Bucket="in-host")
s3.put_object(Bucket="in-host", Key=${JSON.stringify(KEY)}, Body=b"hello")
answer = [s3.get_object(Bucket="in-host", Key=one["Key"])["Body"].read().decode() + " " + one["Key"] for one in s3.list_objects_v2(Bucket="in-host")["Contents"]]
`);
    assert.deepEqual(done, [`hello ${KEY}`]);
  });

  it("uploads in parts and in chunks, and downloads the same bytes", async () => {
    const done = await stage.python(`
s3 = boto3.client("s3", endpoint_url=ENDPOINT)
s3.create_bucket(Bucket="in-parts")
content = os.urandom(20 * 1024 * 1024)
s3.upload_fileobj(io.BytesIO(content), "in-parts", "large")
back = io.BytesIO()
s3.download_fileobj("in-parts", "large", back)
s3.copy({"Bucket": "in-parts", "Key": "large"}, "in-parts", "copied")
answer = [back.getvalue() == content, s3.head_object(Bucket="in-parts", Key="copied")["ContentLength"]]
`);
    assert.deepEqual(done, [true, 20 * 1024 * 1024]);
  });

  it("signs addresses that anybody may open", async () => {
    const done = await stage.python(`
s3 = boto3.client("s3", endpoint_url=ENDPOINT)
s3.create_bucket(Bucket="signed")
name = {"Bucket": "signed", "Key": ${JSON.stringify(KEY)}}
put = urllib.request.Request(s3.generate_presigned_url("put_object", Params=name), data=b"hello", method="PUT")
answer = [urllib.request.urlopen(put).status, urllib.request.urlopen(s3.generate_presigned_url("get_object", Params=name)).read().decode()]
`);
    assert.deepEqual(done, [200, "hello"]);
  });

  it("knows the errors by their classes, and what is not implemented by its name", async () => {
    const done = await stage.python(`
sqs, s3 = boto3.client("sqs", endpoint_url=ENDPOINT), boto3.client("s3", endpoint_url=ENDPOINT)
answer = []
try: sqs.get_queue_url(QueueName="none")
except sqs.exceptions.QueueDoesNotExist as error: answer.append(error.response["Error"]["Code"])
try: s3.get_object(Bucket="none-at-all", Key="none")
except s3.exceptions.NoSuchBucket as error: answer.append(error.response["Error"]["Code"])
try: s3.get_bucket_acl(Bucket="none-at-all")
except botocore.exceptions.ClientError as error: answer.append(error.response["Error"]["Code"])
`);
    assert.deepEqual(done, ["AWS.SimpleQueueService.NonExistentQueue", "NoSuchBucket", "NotImplemented"]);
  });
});

describe("the aws command by hand", { skip: withoutAws }, () => {
  const stage = openStage(aws);
  const run = async (...words: string[]) => {
    const { code, out, err } = await stage.bridge().command(...words);
    assert.equal(code, 0, `aws ${words.join(" ")}: ${err}`);
    return out.trim();
  };

  it("s3: cp, sync, ls, mv, rm, rb", async () => {
    const { folder } = stage;
    await mkdir(join(folder(), "tree", "sub"), { recursive: true });
    await writeFile(join(folder(), "tree", "a b+ü.txt"), "one");
    await writeFile(join(folder(), "tree", "sub", "large"), Buffer.alloc(9 * 1024 ** 2, "x"));
    await run("s3", "mb", "s3://by-hand");
    await run("s3", "sync", "tree", "s3://by-hand/tree", "--no-progress");
    assert.equal(await run("s3", "sync", "tree", "s3://by-hand/tree", "--no-progress"), "", "nothing is left to do");
    await run("s3", "cp", "s3://by-hand/tree/sub/large", "s3://by-hand/copied", "--no-progress");
    await run("s3", "mv", "s3://by-hand/copied", "s3://by-hand/moved", "--no-progress");
    await run("s3", "sync", "s3://by-hand/tree", "back", "--no-progress");
    assert.equal(await readFile(join(folder(), "back", "a b+ü.txt"), "utf8"), "one");
    const listed = await run("s3", "ls", "s3://by-hand", "--recursive");
    const names = listed.split("\n").map((line) => line.replace(/^\S+ \S+ +\d+ /, ""));
    assert.deepEqual(names, ["moved", "tree/a b+ü.txt", "tree/sub/large"]);
    await run("s3", "rm", "s3://by-hand/tree", "--recursive");
    const refused = await stage.bridge().command("s3", "rb", "s3://by-hand");
    assert.match(refused.err, /BucketNotEmpty/);
    await run("s3", "rb", "s3://by-hand", "--force");
  });

  it("sqs: a message there and back", async () => {
    const made = JSON.parse(await run("sqs", "create-queue", "--queue-name", "by-hand"));
    const at = ["--queue-url", made.QueueUrl];
    await run("sqs", "send-message", ...at, "--message-body", "hello");
    const got = JSON.parse(await run("sqs", "receive-message", ...at, "--attribute-names", "All"));
    assert.equal(got.Messages[0].Body, "hello");
    await run("sqs", "delete-message", ...at, "--receipt-handle", got.Messages[0].ReceiptHandle);
  });

  it("lambda: create, wait, invoke, with its log in logs", async () => {
    await writeFile(join(stage.folder(), "f.zip"), zipOf("from the function").zip);
    const trust = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}`;
    await run("iam", "create-role", "--role-name", "by-hand", "--assume-role-policy-document", trust);
    const allow = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"logs:*","Resource":"*"}]}`;
    await run("iam", "put-role-policy", "--role-name", "by-hand", "--policy-name", "logs", "--policy-document", allow);
    const role = "arn:aws:iam::123456789012:role/by-hand";
    const code = ["--runtime", "nodejs24.x", "--handler", "index.handler", "--zip-file", "fileb://f.zip"];
    await run("lambda", "create-function", "--function-name", "by-hand", "--role", role, ...code);
    await run("lambda", "wait", "function-active-v2", "--function-name", "by-hand");
    await run("lambda", "invoke", "--function-name", "by-hand", "--payload", "{}", "out.json");
    assert.equal(await readFile(join(stage.folder(), "out.json"), "utf8"), '"from the function"');
    // What `aws logs tail` of the second version asks.
    const log = JSON.parse(
      await run("logs", "filter-log-events", "--log-group-name", "/aws/lambda/by-hand", "--interleaved"),
    );
    assert.match(log.events.at(-1).message, /^REPORT/);
  });
});

/** A cloud, a Python and a folder for the tests of a suite. */
function openStage(python: string | undefined) {
  let cloud: LocalCloud;
  let bridge: Bridge;
  let folder: string;
  before(async () => {
    cloud = await startLocalCloud({ run: true });
    folder = await mkdtemp(join(tmpdir(), "pipewright-clients-"));
    bridge = await startBridge(python!, cloud.endpoint, folder);
  });
  after(async () => {
    await bridge.stop();
    await cloud.stop();
    await rm(folder, { recursive: true, force: true });
  });
  return {
    bridge: () => bridge,
    folder: () => folder,
    python: (program: string) => bridge.python(program),
  };
}
