/** What a call costs that is sent by an SDK client as it comes, in milliseconds of this process's time. */
import { GetPublicAccessBlockCommand, S3Client } from "@aws-sdk/client-s3";
import { GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { type Cloud, CREDENTIALS, REGION } from "./cloud.ts";

const PAIRS = 1_000;

/** Half S3, half SQS, one after the other, after a warm-up as long as the measurement. For a cloud of `setUp`. */
export async function bareCallMs({ endpoint }: Cloud): Promise<number> {
  const settings = { endpoint, region: REGION, credentials: CREDENTIALS };
  const s3 = new S3Client({ ...settings, forcePathStyle: true });
  const sqs = new SQSClient({ ...settings, useQueueUrlAsEndpoint: false });
  const QueueUrl = `${endpoint}/123456789012/pw-w0000-grey`;
  const send = async () => {
    for (let pair = 0; pair < PAIRS; pair++) {
      await s3.send(new GetPublicAccessBlockCommand({ Bucket: "bench-w0000-in" }));
      await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }));
    }
  };
  await send();
  const before = process.cpuUsage();
  await send();
  const { user, system } = process.cpuUsage(before);
  s3.destroy();
  sqs.destroy();
  return (user + system) / 1_000 / (2 * PAIRS);
}
