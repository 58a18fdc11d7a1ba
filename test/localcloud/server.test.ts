import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { request } from "node:http";
import { after, beforeEach, describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { startS3Cloud } from "./s3-cloud.ts";

/** What clients in other languages send, byte for byte. */
describe("the server", async () => {
  const { cloud, s3, stop } = await startS3Cloud();
  const { port } = new URL(cloud.endpoint);
  beforeEach(() => cloud.reset());
  after(stop);

  interface Sent {
    readonly method?: string;
    readonly path?: string;
    readonly headers?: Record<string, string>;
    readonly body?: string | Buffer;
  }

  function send({ method = "POST", path = "/", headers = {}, body = "" }: Sent) {
    return new Promise<{ status: number; headers: Record<string, unknown>; body: string }>((resolve, reject) => {
      const sent = request({ host: "127.0.0.1", port, method, path, headers }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk) => chunks.push(chunk));
        answer.on("end", () => {
          resolve({
            status: answer.statusCode!,
            headers: answer.headers,
            body: Buffer.concat(chunks).toString("utf8"),
          });
        });
      });
      sent.on("error", reject);
      sent.end(body);
    });
  }

  const signed = (service: string) => ({
    authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-1/${service}/aws4_request, SignedHeaders=host, Signature=00`,
  });
  const form = { "content-type": "application/x-www-form-urlencoded; charset=utf-8" };

  it("listens on the loopback interface only", () => {
    assert.equal(new URL(cloud.endpoint).hostname, "127.0.0.1");
  });

  it("takes the region from the signature", async () => {
    const headers = { ...signed("sqs"), "x-amz-target": "AmazonSQS.CreateQueue" };
    await send({ headers, body: '{"QueueName":"q"}' });
    assert.equal(cloud.calls.list()[0]?.resource, "arn:aws:sqs:eu-west-1:123456789012:q");
  });

  it("knows an unsigned form by its version, in the body and in the address", async () => {
    const fields = "Action=GetCallerIdentity&Version=2011-06-15";
    const posted = await send({ headers: form, body: fields });
    assert.match(posted.body, /<GetCallerIdentityResult>.*<Account>123456789012<\/Account>/);
    const asked = await send({ method: "GET", path: `/?${fields}` });
    assert.match(asked.body, /<GetCallerIdentityResponse xmlns="https:\/\/sts.amazonaws.com\/doc\/2011-06-15\/">/);
  });

  it("answers SQS's query calls in XML, its JSON calls in JSON, each with the code of its time", async () => {
    const query = await send({ headers: { ...signed("sqs"), ...form }, body: "Action=GetQueueUrl&QueueName=none" });
    assert.equal(query.status, 400);
    assert.match(query.body, /<Code>AWS.SimpleQueueService.NonExistentQueue<\/Code>/);
    const json = await send({
      headers: {
        ...signed("sqs"),
        "content-type": "application/x-amz-json-1.0",
        "x-amz-target": "AmazonSQS.GetQueueUrl",
      },
      body: '{"QueueName":"none"}',
    });
    assert.equal(json.status, 400);
    assert.equal(JSON.parse(json.body).__type, "com.amazonaws.sqs#QueueDoesNotExist");
    assert.equal(json.headers["x-amzn-query-error"], "AWS.SimpleQueueService.NonExistentQueue;Sender");
    assert.equal(json.headers["content-type"], "application/x-amz-json-1.0");
  });

  it("answers EC2's errors in EC2's own form", async () => {
    const body = "Action=DescribeSecurityGroups&Version=2016-11-15&GroupId.1=sg-0123456789abcdef0";
    const answer = await send({ headers: { ...signed("ec2"), ...form }, body });
    assert.equal(answer.status, 400);
    assert.match(answer.body, /<Response><Errors><Error><Code>InvalidGroup.NotFound<\/Code>/);
  });

  it("refuses inputs that do not fit the model", async () => {
    const call = (body: string) =>
      send({ headers: { ...signed("sqs"), "x-amz-target": "AmazonSQS.CreateQueue" }, body });
    for (const body of ["{", "[]", '{"QueueName":7}', '{"QueueName":"q","tags":{"a":1}}', "{}"]) {
      const answer = await call(body);
      assert.equal(answer.status, 400, body);
      assert.match(JSON.parse(answer.body).__type, /#MissingParameter$/, body);
    }
    assert.equal(cloud.calls.count({ write: true }), 5);
  });

  it("refuses bodies that are not of their protocol, in the service's own words", async () => {
    const refusal = async (sent: Sent) => {
      const { status, body } = await send(sent);
      assert.equal(status, 400, body);
      return body;
    };
    const cbor = { ...signed("monitoring"), "smithy-protocol": "rpc-v2-cbor", "content-type": "application/cbor" };
    const path = "/service/GraniteServiceVersion20100801/operation/DescribeAlarms";
    assert.match(await refusal({ path, headers: cbor, body: Buffer.from([0x9f, 0x01]) }), /ValidationError/);
    const functions = { method: "POST", path: "/2015-03-31/functions", headers: signed("lambda") };
    assert.match(await refusal({ ...functions, body: "{" }), /not JSON/);
    await s3.createBucket({ Bucket: "strict" });
    const tagging = { method: "PUT", path: "/strict?tagging" };
    assert.match(await refusal({ ...tagging, body: "<Tagging><TagSet></Tagging>" }), /<Code>MalformedXML<\/Code>/);
    assert.match(await refusal({ method: "PUT", path: "/strict/%zz", body: "x" }), /SerializationException/);
  });

  it("says so when it does not have an operation or a service", async () => {
    const operation = await send({
      headers: { ...signed("sqs"), "x-amz-target": "AmazonSQS.AddPermission" },
      body: '{"QueueUrl":"q","Label":"l","AWSAccountIds":[],"Actions":[]}',
    });
    assert.equal(operation.status, 501);
    assert.match(operation.body, /The local cloud does not implement sqs:AddPermission/);
    const service = await send({ headers: { "x-amz-target": "DynamoDB_20120810.ListTables" }, body: "{}" });
    assert.equal(service.status, 501);
  });

  it("finds the bucket in the host name as in the path", async () => {
    await send({ method: "PUT", path: "/", headers: { host: `in-the-host.localhost:${port}` } });
    await send({ method: "PUT", path: "/", headers: { host: `with-s3.s3.us-east-1.localhost:${port}` } });
    await send({ method: "PUT", path: "/in-the-path", headers: { host: `s3.localhost:${port}` } });
    await send({ method: "PUT", path: "/a/key", headers: { host: `in-the-host.localhost:${port}` }, body: "x" });
    const { Buckets } = await s3.listBuckets({});
    assert.deepEqual(
      Buckets?.map(({ Name }) => Name),
      ["in-the-host", "in-the-path", "with-s3"],
    );
    const read = await send({ method: "GET", path: "/in-the-host/a/key" });
    assert.equal(read.body, "x");
  });

  it("unwraps chunked uploads, and takes the checksum from their trailer", async () => {
    await s3.createBucket({ Bucket: "chunked" });
    const digest = createHash("sha256").update("hello world").digest("base64");
    const upload = (trailer: string, key: string) =>
      send({
        method: "PUT",
        path: `/chunked/${key}`,
        headers: {
          "content-encoding": "gzip,aws-chunked",
          "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
          "x-amz-decoded-content-length": "11",
          "x-amz-trailer": "x-amz-checksum-sha256",
        },
        body: `6;chunk-signature=00\r\nhello \r\n5\r\nworld\r\n0\r\nx-amz-checksum-sha256:${trailer}\r\n\r\n`,
      });
    assert.equal((await upload(digest, "good")).status, 200);
    const got = await s3.getObject({ Bucket: "chunked", Key: "good", ChecksumMode: "ENABLED" });
    assert.equal(await got.Body!.transformToString(), "hello world");
    assert.equal(got.ChecksumSHA256, digest);
    assert.equal(got.ContentEncoding, "gzip");
    assert.match((await upload("AAAA", "bad")).body, /<Code>BadDigest<\/Code>/);
  });

  it("reads compressed calls", async () => {
    const headers = { ...signed("sqs"), "x-amz-target": "AmazonSQS.CreateQueue", "content-encoding": "gzip" };
    const answer = await send({ headers, body: gzipSync('{"QueueName":"zipped"}') });
    assert.match(answer.body, /zipped/);
  });

  it("answers a HEAD without a body, and a wrong region with the right one", async () => {
    await s3.createBucket({ Bucket: "here" });
    const head = await send({ method: "HEAD", path: "/here", headers: signed("s3") });
    assert.deepEqual([head.status, head.body, head.headers["x-amz-bucket-region"]], [301, "", "us-east-1"]);
    const location = await send({ method: "GET", path: "/here?location", headers: signed("s3") });
    assert.match(location.body, /<LocationConstraint xmlns="[^"]+"><\/LocationConstraint>$/);
  });

  it("gives no message to a long poll whose caller has gone", async () => {
    const ask = (operation: string, input: object) => ({
      method: "POST",
      headers: {
        ...signed("sqs"),
        "x-amz-target": `AmazonSQS.${operation}`,
        "content-type": "application/x-amz-json-1.0",
      },
      body: JSON.stringify(input),
    });
    const { QueueUrl } = JSON.parse((await send(ask("CreateQueue", { QueueName: "polled" }))).body);
    const { headers, body } = ask("ReceiveMessage", { QueueUrl, WaitTimeSeconds: 20 });
    const poll = request({ host: "127.0.0.1", port, method: "POST", headers });
    poll.on("error", () => {});
    poll.end(body);
    const isAsked = () => cloud.world.clock.nextDueMs() !== undefined;
    while (!isAsked()) await new Promise((resolve) => setTimeout(resolve, 5));
    poll.destroy();
    while (isAsked()) await new Promise((resolve) => setTimeout(resolve, 5));
    await send(ask("SendMessage", { QueueUrl, MessageBody: "hello" }));
    const input = { QueueUrl, MessageSystemAttributeNames: ["ApproximateReceiveCount"] };
    const { Messages } = JSON.parse((await send(ask("ReceiveMessage", input))).body);
    assert.equal(Messages[0].Attributes.ApproximateReceiveCount, "1");
  });

  it("gives every answer a request id", async () => {
    const ok = await send({ headers: form, body: "Action=GetCallerIdentity&Version=2011-06-15" });
    const id = /<RequestId>([^<]+)<\/RequestId>/.exec(ok.body)?.[1];
    assert.equal(ok.headers["x-amzn-requestid"], id);
    const missing = await send({ method: "GET", path: "/not-there?policy" });
    assert.match(missing.body, new RegExp(`<RequestId>${missing.headers["x-amz-request-id"]}</RequestId>`));
  });
});
