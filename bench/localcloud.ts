/** What the local cloud costs: from nothing to its first answer, memory, and answers a second. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { heading, line } from "./support/figures.ts";

const MAIN = join(import.meta.dirname, "../localcloud/main.ts");
const STARTS = 5;
const PARALLEL = 16;
const MEASURE_MS = 5_000;
const credentials = { accessKeyId: "local", secretAccessKey: "local" };

async function start() {
  const fromMs = performance.now();
  const child = spawn(process.execPath, [MAIN, "--stdin"], { stdio: ["pipe", "pipe", "inherit"] });
  const [said] = await once(createInterface({ input: child.stdout }), "line");
  const { endpoint } = JSON.parse(said) as { endpoint: string };
  const readyMs = performance.now() - fromMs;
  const residentMib = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))![1]) / 1024;
  const stop = async () => {
    child.stdin.end();
    await once(child, "exit");
  };
  return { endpoint, readyMs, residentMib, stop };
}

/** Answers a second, of so many callers that each wait for their own. */
async function perSecond(call: () => Promise<unknown>): Promise<number> {
  const untilMs = performance.now() + MEASURE_MS;
  let answers = 0;
  const caller = async () => {
    for (; performance.now() < untilMs; answers += 1) await call();
  };
  await Promise.all(Array.from({ length: PARALLEL }, caller));
  return Math.round(answers / (MEASURE_MS / 1000));
}

const startsMs: number[] = [];
for (let run = 0; run < STARTS; run += 1) {
  const cloud = await start();
  startsMs.push(cloud.readyMs);
  await cloud.stop();
}
const median = startsMs.toSorted((left, right) => left - right)[Math.floor(STARTS / 2)]!;
heading("the local cloud");
line(`process started until it listens, median of ${STARTS}`, `${Math.round(median)} ms`);

const cloud = await start();
line("resident memory once it listens", `${Math.round(cloud.residentMib())} MiB`);
const sqs = new SQSClient({ endpoint: cloud.endpoint, region: "us-east-1", credentials, useQueueUrlAsEndpoint: false });
const QueueUrl = `${cloud.endpoint}/123456789012/bench`;
const headers = {
  "content-type": "application/x-amz-json-1.0",
  authorization: "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/sqs/aws4_request",
};
const agent = new Agent({ keepAlive: true, maxSockets: PARALLEL });
const bare = (operation: string, input: object) =>
  new Promise<void>((resolve, reject) => {
    const sent = request(cloud.endpoint, {
      ...{ agent, method: "POST" },
      headers: { ...headers, "x-amz-target": `AmazonSQS.${operation}` },
    });
    sent.on("error", reject);
    sent.on("response", (answer) => answer.resume().on("end", resolve));
    sent.end(JSON.stringify(input));
  });
await bare("CreateQueue", { QueueName: "bench" });
const asked = { QueueUrl, AttributeNames: ["All" as const] };
line("GetQueueAttributes with bare HTTP", `${await perSecond(() => bare("GetQueueAttributes", asked))} a second`);
const bySdk = await perSecond(() => sqs.send(new GetQueueAttributesCommand(asked)));
line("GetQueueAttributes with the SDK, whose process is the limit", `${bySdk} a second`);
line("resident memory afterwards", `${Math.round(cloud.residentMib())} MiB`);
agent.destroy();
sqs.destroy();
await cloud.stop();
