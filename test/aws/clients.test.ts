import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { ClientRequest } from "node:http";
import { afterEach, beforeEach, describe, it } from "node:test";
import { DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { GetFunctionCommand } from "@aws-sdk/client-lambda";
import { HeadBucketCommand } from "@aws-sdk/client-s3";
import { DeleteQueueCommand, GetQueueAttributesCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { isWrite } from "../../src/aws/clients.ts";
import { Failure } from "../../src/core/failure.ts";
import { type Asked, type Manner, startAnswering } from "./answering.ts";

type Server = Awaited<ReturnType<typeof startAnswering>>;

const REAL_URL = "https://sqs.us-east-1.amazonaws.com/123456789012/pw-a";

/** Hosts of all requests that this process sends, whether or not they arrive. */
const hosts: string[] = [];
const note = (message: unknown) => {
  const { request } = message as { request: ClientRequest };
  hosts.push(`${request.host}:${(request as unknown as { port?: number }).port ?? request.getHeader("host")}`);
};

let server: Server;
let answer: (asked: Asked, index: number) => Manner;

beforeEach(async () => {
  answer = () => ({});
  server = await startAnswering((asked, index) => answer(asked, index));
  hosts.length = 0;
  subscribe("http.client.request.start", note);
});
afterEach(async () => {
  unsubscribe("http.client.request.start", note);
  await server.stop();
});

const failureFrom = async (call: Promise<unknown>): Promise<Failure> => {
  const error = await call.then(
    () => assert.fail("nothing failed"),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof Failure, String(error));
  return error;
};

describe("requests about a queue", () => {
  it("go to the endpoint, even when the queue's URL names the real service, and nothing leaves for elsewhere", async () => {
    const { clients } = server.connect();
    await clients.sqs.send(new GetQueueAttributesCommand({ QueueUrl: REAL_URL, AttributeNames: ["All"] }));
    await clients.sqs.send(new DeleteQueueCommand({ QueueUrl: REAL_URL }));
    assert.deepEqual(
      server.asked.map((one) => one.target),
      ["AmazonSQS.GetQueueAttributes", "AmazonSQS.DeleteQueue"],
    );
    assert.ok(server.asked.every((one) => one.body.includes(REAL_URL)));
    assert.ok(hosts.length >= 2 && hosts.every((host) => host.startsWith("127.0.0.1")), hosts.join(" "));
  });
});

describe("requests about a queue where the endpoint is the environment's", () => {
  it("go there too, and not to the host of the queue's URL", async () => {
    const elsewhere = await startAnswering(() => ({}));
    process.env.AWS_ENDPOINT_URL_SQS = server.endpoint;
    try {
      const { clients } = server.connect({ endpoint: undefined });
      const QueueUrl = `${elsewhere.endpoint}/123456789012/pw-a`;
      await clients.sqs.send(new GetQueueAttributesCommand({ QueueUrl }));
      assert.deepEqual([server.asked.length, elsewhere.asked.length], [1, 0]);
    } finally {
      delete process.env.AWS_ENDPOINT_URL_SQS;
      await elsewhere.stop();
    }
  });
});

describe("every client", () => {
  it("has the endpoint for its host", async () => {
    const { clients } = server.connect();
    for (const [service, client] of Object.entries(clients)) {
      const endpoint = await (
        client.config as { endpoint?: () => Promise<{ hostname: string; port: number }> }
      ).endpoint?.();
      assert.equal(`http://${endpoint?.hostname}:${endpoint?.port}`, server.endpoint, service);
    }
  });

  it("addresses queues under the endpoint, or under the region's own host", () => {
    assert.equal(server.connect().aws.queueBaseUrl, server.endpoint);
    assert.equal(server.connect({ endpoint: "http://127.0.0.1:1/" }).aws.queueBaseUrl, "http://127.0.0.1:1");
    // Nothing is sent: this is only what a queue would be called.
    const hostIn = (region: string) => server.connect({ region, endpoint: undefined }).aws.queueBaseUrl;
    assert.equal(hostIn("eu-central-1"), "https://sqs.eu-central-1.amazonaws.com");
    assert.equal(hostIn("cn-north-1"), "https://sqs.cn-north-1.amazonaws.com.cn");
  });

  it("names a bucket in the path, since an emulator's buckets have no hosts of their own", async () => {
    await server.connect().clients.s3.send(new HeadBucketCommand({ Bucket: "plants-in" }));
    assert.match(server.asked[0]!.path, /^\/plants-in\/?(\?|$)/);
  });
});

describe("attempts", () => {
  it("are counted one by one, with their HTTP status, and what is retried in the end succeeds", async () => {
    answer = (_asked, index) =>
      index < 2 ? { status: [500, 503][index]!, body: { __type: "ServiceUnavailable" } } : {};
    const { clients, calls } = server.connect();
    await clients.sqs.send(new SendMessageCommand({ QueueUrl: REAL_URL, MessageBody: "m" })).catch(() => {});
    assert.deepEqual(
      calls.map((call) => [call.service, call.operation, call.status]),
      [
        ["sqs", "SendMessage", 500],
        ["sqs", "SendMessage", 503],
        ["sqs", "SendMessage", 200],
      ],
    );
    assert.ok(calls.every((call) => call.seconds >= 0 && call.seconds < 60));
  });

  it("that are refused are counted once: the SDK does not try again what would be refused again", async () => {
    answer = () => ({ status: 400, body: { __type: "com.amazonaws.sqs#InvalidAttributeValue", message: "no" } });
    const { clients, calls } = server.connect();
    await failureFrom(clients.sqs.send(new DeleteQueueCommand({ QueueUrl: REAL_URL })));
    assert.deepEqual(
      calls.map((call) => call.status),
      [400],
    );
  });

  it("that a proxy answers with a page are counted with the status of the page", async () => {
    answer = () => ({ status: 403, headers: { "content-type": "text/html" }, body: "<html>Forbidden</html>" });
    const { clients, calls } = server.connect();
    await failureFrom(clients.sqs.send(new DeleteQueueCommand({ QueueUrl: REAL_URL })));
    assert.deepEqual([...new Set(calls.map((call) => call.status))], [403]);
  });

  it("that nobody answers are counted with status 0", async () => {
    answer = () => "hang up";
    const { clients, calls } = server.connect();
    const failure = await failureFrom(clients.sqs.send(new DeleteQueueCommand({ QueueUrl: REAL_URL })));
    assert.equal(failure.class, "transient");
    assert.ok(calls.length > 1 && calls.every((call) => call.status === 0));
  });

  it("are each let through by the limiter, by service and operation", async () => {
    const taken: string[] = [];
    const limiter = { take: async (service: string, operation: string) => void taken.push(`${service}:${operation}`) };
    answer = (_asked, index) => (index === 0 ? { status: 500 } : {});
    const { clients } = server.connect({ limiter });
    await clients.sqs.send(new DeleteQueueCommand({ QueueUrl: REAL_URL }));
    assert.deepEqual(taken, ["sqs:DeleteQueue", "sqs:DeleteQueue"]);
  });
});

describe("an error", () => {
  it("arrives as a failure that names action, resource and class", async () => {
    answer = () => ({ status: 403, body: { __type: "AccessDeniedException", message: "no" } });
    const failure = await failureFrom(
      server.connect().clients.lambda.send(new GetFunctionCommand({ FunctionName: "pw-a" })),
    );
    assert.deepEqual([failure.class, failure.action, failure.resource], ["denied", "lambda:GetFunction", "pw-a"]);
  });

  it("of S3 without a body is told by its status", async () => {
    answer = () => ({ status: 403, body: "" });
    const failure = await failureFrom(server.connect().clients.s3.send(new HeadBucketCommand({ Bucket: "theirs" })));
    assert.deepEqual(
      [failure.class, failure.action, failure.resource],
      ["denied", "s3:ListBucket", "arn:aws:s3:::theirs"],
    );
  });
});

describe("permission to write", () => {
  it("is asked before each attempt of a write, and never before a read", async () => {
    let asks = 0;
    answer = (asked, index) => (asked.target.endsWith("DeleteQueue") && index < 2 ? { status: 500 } : {});
    const { clients } = server.connect({ mayWrite: () => void asks++ });
    await clients.sqs.send(new GetQueueAttributesCommand({ QueueUrl: REAL_URL }));
    await clients.cloudwatch.send(new DescribeAlarmsCommand({})).catch(() => {});
    assert.equal(asks, 0);
    await clients.sqs.send(new DeleteQueueCommand({ QueueUrl: REAL_URL }));
    assert.equal(asks, server.asked.filter((one) => one.target.endsWith("DeleteQueue")).length);
  });

  it("that is refused lets nothing out, and reads go on", async () => {
    const { clients, calls } = server.connect({
      mayWrite() {
        throw new Error("the lease has run out");
      },
    });
    const failure = await failureFrom(clients.sqs.send(new DeleteQueueCommand({ QueueUrl: REAL_URL })));
    assert.match(failure.message, /the lease has run out/);
    assert.deepEqual([server.asked.length, calls.length], [0, 0]);
    await clients.sqs.send(new GetQueueAttributesCommand({ QueueUrl: REAL_URL }));
    assert.equal(server.asked.length, 1);
  });

  it("that ends while a write waits for its turn stops that write", async () => {
    const turn = Promise.withResolvers<void>();
    let held = true;
    const { clients } = server.connect({
      limiter: { take: () => turn.promise },
      mayWrite() {
        if (!held) throw new Error("the lease has run out");
      },
    });
    const write = failureFrom(clients.sqs.send(new DeleteQueueCommand({ QueueUrl: REAL_URL })));
    held = false;
    turn.resolve();
    assert.match((await write).message, /the lease has run out/);
    assert.equal(server.asked.length, 0);
  });

  it("that ends while a write waits for its connection stops that write, and the next read is sent", async () => {
    let asks = 0;
    const { clients } = server.connect({
      mayWrite() {
        if (asks++ > 0) throw new Error("the lease has run out");
      },
    });
    const failure = await failureFrom(clients.sqs.send(new DeleteQueueCommand({ QueueUrl: REAL_URL })));
    assert.match(failure.message, /the lease has run out/);
    assert.equal(server.asked.length, 0);
    await clients.sqs.send(new GetQueueAttributesCommand({ QueueUrl: REAL_URL }));
    assert.deepEqual([server.asked.length, asks], [1, 2]);
  });

  it("concerns everything but what only looks", () => {
    for (const read of [
      "GetObject",
      "ListQueues",
      "DescribeAlarms",
      "HeadBucket",
      "ReceiveMessage",
      "GetCallerIdentity",
    ])
      assert.ok(!isWrite(read), read);
    for (const write of ["CreateQueue", "PutBucketPolicy", "DeleteRole", "TagResource", "UpdateFunctionCode", "Invoke"])
      assert.ok(isWrite(write), write);
    for (const write of ["RegisterTaskDefinition", "StopTask", "SetQueueAttributes", "AttachRolePolicy", "SendMessage"])
      assert.ok(isWrite(write), write);
  });
});

describe("a request that is not answered in time", () => {
  for (const manner of ["silence", "half"] as const) {
    it(`is given up and tried again: ${manner}`, async () => {
      answer = (_asked, index) => (index === 0 ? manner : {});
      const { clients } = server.connect({ requestTimeoutMs: 250 });
      await clients.sqs.send(new GetQueueAttributesCommand({ QueueUrl: REAL_URL }));
      // A busy machine may be late with the next answer, too.
      assert.ok(server.asked.length >= 2);
    });
  }
});

describe("an answer that is none of AWS's", () => {
  it("goes away by itself, whatever its status says", async () => {
    answer = () => ({ headers: { "content-type": "text/html" }, body: "<html>Please sign in</html>" });
    const { clients } = server.connect();
    const failure = await failureFrom(clients.sqs.send(new GetQueueAttributesCommand({ QueueUrl: REAL_URL })));
    assert.equal(failure.class, "transient");
  });
});

it("what waits for its turn when the program stops is given up, and never sent", { timeout: 60_000 }, async () => {
  const stopping = new AbortController();
  const limiter = {
    take: (_service: string, _operation: string, signal?: AbortSignal) =>
      new Promise<void>((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason))),
  };
  const { clients } = server.connect({ limiter, stopping: stopping.signal });
  const failing = failureFrom(clients.lambda.send(new GetFunctionCommand({ FunctionName: "pw-a" })));
  setImmediate(() => stopping.abort(new Error("stopped")));
  assert.match((await failing).message, /stopped/);
  assert.deepEqual(server.asked, []);
});
