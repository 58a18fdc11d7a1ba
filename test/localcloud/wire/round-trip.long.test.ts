import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { EC2Client } from "@aws-sdk/client-ec2";
import { ECSClient } from "@aws-sdk/client-ecs";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { IAMClient } from "@aws-sdk/client-iam";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { ResourceGroupsTaggingAPIClient } from "@aws-sdk/client-resource-groups-tagging-api";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import { STSClient } from "@aws-sdk/client-sts";
import { AwsQueryProtocol, AwsSmithyRpcV2CborProtocol } from "@aws-sdk/core/protocols";
import { type LocalCloud, startLocalCloud } from "../../../localcloud/server.ts";
import { loadSchemas, type ServiceId } from "../../../localcloud/wire/catalog.ts";
import type { Member } from "../../../localcloud/wire/shape.ts";
import { plain } from "./plain.ts";
import { sampleOf } from "./sample.ts";

/**
 * Every operation of every client, filled to the last member: the SDK writes the input and reads the output, the wire reads
 * the input and writes the output. A new version of the SDK that changes its schemas is found here.
 */
type Send = (command: unknown) => Promise<Record<string, unknown>>;

type CreateClient = (config: object) => { send: Send; destroy(): void };

const clients: readonly [title: string, id: ServiceId, createClient: CreateClient][] = [
  ["s3", "s3", (config) => new S3Client({ ...config, forcePathStyle: true }) as never],
  ["sts", "sts", (config) => new STSClient(config) as never],
  ["sqs", "sqs", (config) => new SQSClient({ ...config, ...SQS }) as never],
  ["sqs as older clients speak it", "sqs", (config) => new SQSClient({ ...config, ...SQS, ...AS_QUERY }) as never],
  ["iam", "iam", (config) => new IAMClient(config) as never],
  ["lambda", "lambda", (config) => new LambdaClient(config) as never],
  ["eventbridge", "eventbridge", (config) => new EventBridgeClient(config) as never],
  ["ecs", "ecs", (config) => new ECSClient(config) as never],
  ["ec2", "ec2", (config) => new EC2Client(config) as never],
  ["cloudwatch", "cloudwatch", (config) => new CloudWatchClient(config) as never],
  ["cloudwatch as boto3 speaks it", "cloudwatch", (config) => new CloudWatchClient({ ...config, ...AS_CBOR }) as never],
  [
    "cloudwatch as older clients speak it",
    "cloudwatch",
    (config) => new CloudWatchClient({ ...config, ...AS_QUERY }) as never,
  ],
  ["cloudwatch-logs", "cloudwatch-logs", (config) => new CloudWatchLogsClient(config) as never],
  [
    "resource-groups-tagging-api",
    "resource-groups-tagging-api",
    (config) => new ResourceGroupsTaggingAPIClient(config) as never,
  ],
];

const SQS = { useQueueUrlAsEndpoint: false, md5: false } as const;
const AS_QUERY = { protocol: AwsQueryProtocol } as const;
const AS_CBOR = { protocol: AwsSmithyRpcV2CborProtocol } as const;

/**
 * Members that the SDK's own middleware computes, checks or turns into a host name; and one that in SQS's query model has
 * the wire name of another.
 */
const NOT_CARRIED: Readonly<Record<string, RegExp>> = {
  s3: /^(Checksum|ContentMD5|ContentLength|SSECustomer|CopySourceSSECustomer|Expires|MpuObjectSize)/,
  "sqs as older clients speak it": /^MessageSystemAttributeNames$/,
  eventbridge: /^EndpointId$/,
  ec2: /^(PresignedUrl|DestinationRegion)$/,
};

describe("the wire", () => {
  let cloud: LocalCloud;
  const calls: { operation: string; input: Record<string, unknown> }[] = [];
  let answer: unknown;

  before(async () => {
    cloud = await startLocalCloud();
    const operations = new Proxy(
      {},
      {
        get: (_, operation: string) => (input: Record<string, unknown>) => {
          calls.push({ operation, input });
          return answer;
        },
      },
    );
    cloud.world.find = (id) => ({ id, operations });
  });

  after(() => cloud.stop());

  for (const [title, id, createClient] of clients) {
    it(`carries every operation of ${title} there and back`, async () => {
      const client = createClient({
        endpoint: cloud.endpoint,
        region: "us-east-1",
        credentials: { accessKeyId: "test", secretAccessKey: "test" },
        disableHostPrefix: true,
        maxAttempts: 1,
      });
      const commands: Record<string, new (input: object) => unknown> = await importClient(id);
      const isLeftOut = (name: string) => NOT_CARRIED[title]?.test(name) ?? false;
      const skip = (member: Member) => isLeftOut(member.name);
      const without = (value: object) => Object.fromEntries(Object.entries(value).filter(([name]) => !isLeftOut(name)));
      const { operations } = await loadSchemas(id);
      assert.deepEqual([...operations.keys()].sort(), operationsOf(commands), "what the client can send");
      const spoken = [...operations.values()].filter(({ name }) => !NOT_SPOKEN[id]?.includes(name));
      for (const operation of spoken) {
        const input = operation.input ? sampleOf(operation.input, skip) : {};
        const output = operation.output ? sampleOf(operation.output, skip) : {};
        if (input.Bucket !== undefined && id === "s3") input.Bucket = "sample-bucket";
        // The status is the one member that must not be a number of the sample's choosing.
        const status = operation.output?.members.find((member) => member.traits.httpResponseCode);
        if (status) output[status.name] = 200;
        answer = output;
        const { $metadata, ...received } = await client.send(new commands[`${operation.name}Command`]!({ ...input }));
        const seen = calls.pop();
        assert.equal(seen?.operation, operation.name);
        assert.deepEqual(await plain(without(seen.input)), await plain(input), `input of ${operation.name}`);
        assert.deepEqual(await plain(without(received)), await plain(output), `output of ${operation.name}`);
      }
      client.destroy();
    });
  }
});

/** Event streams; and what S3's client sends to services of their own, S3 Express and S3 Object Lambda. */
const NOT_SPOKEN: Readonly<Record<string, readonly string[]>> = {
  s3: ["SelectObjectContent", "CreateSession", "ListDirectoryBuckets", "WriteGetObjectResponse"],
  lambda: ["InvokeWithResponseStream"],
  "cloudwatch-logs": ["GetLogObject", "StartLiveTail"],
};

/** By the client's own commands, whatever our reading of its schemas says. */
function operationsOf(client: Readonly<Record<string, unknown>>): string[] {
  const commands = Object.keys(client).filter((name) => /^[A-Z]\w+Command$/.test(name));
  return commands.map((name) => name.slice(0, -"Command".length)).sort();
}

function importClient(id: ServiceId): Promise<never> {
  return import(`@aws-sdk/client-${id}`) as Promise<never>;
}
