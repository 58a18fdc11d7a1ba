import * as sqs from "@aws-sdk/client-sqs";
import { attribute, queue } from "./made.ts";
import type { Probe } from "./probe.ts";

const SQS = "SQS API Reference";

export const sqsProbes: readonly Probe[] = [
  {
    operation: "sqs:CreateQueue",
    question: "redrive-allow policy given at birth is there",
    aws: "kept",
    source: `${SQS}, CreateQueue`,
    async ask(sdk) {
      const RedriveAllowPolicy = JSON.stringify({ redrivePermission: "denyAll" });
      const at = await queue(sdk, "probe-allow", { RedriveAllowPolicy });
      return (await attribute(sdk, at, "RedriveAllowPolicy")) === "absent" ? "dropped" : "kept";
    },
  },
  {
    operation: "sqs:CreateQueue",
    question: "of a name that is there, with other attributes",
    aws: "QueueNameExists",
    source: `${SQS}, CreateQueue`,
    async ask(sdk) {
      await queue(sdk, "probe-twice", { VisibilityTimeout: "30" });
      await queue(sdk, "probe-twice", { VisibilityTimeout: "31" });
      return "accepted";
    },
  },
  {
    operation: "sqs:GetQueueAttributes",
    question: "MaximumMessageSize of a new queue",
    aws: "1048576",
    source: `${SQS}, CreateQueue (since August 2025)`,
    ask: async (sdk) => attribute(sdk, await queue(sdk, "probe-size"), "MaximumMessageSize"),
  },
  {
    operation: "sqs:SetQueueAttributes",
    question: "a policy stays when another attribute is set",
    aws: "kept",
    source: `${SQS}, SetQueueAttributes`,
    async ask(sdk) {
      const at = await queue(sdk, "probe-policy");
      const Resource = await attribute(sdk, at, "QueueArn");
      const Statement = [{ Effect: "Allow", Principal: { AWS: "*" }, Action: "sqs:SendMessage", Resource }];
      const Policy = JSON.stringify({ Version: "2012-10-17", Statement });
      await sdk.sqs.send(new sqs.SetQueueAttributesCommand({ ...at, Attributes: { Policy } }));
      await sdk.sqs.send(new sqs.SetQueueAttributesCommand({ ...at, Attributes: { VisibilityTimeout: "31" } }));
      return (await attribute(sdk, at, "Policy")) === "absent" ? "dropped" : "kept";
    },
  },
  {
    operation: "sqs:SetQueueAttributes",
    question: "a redrive policy that names no queue",
    aws: "InvalidParameterValue",
    source: "SQS Developer Guide, dead-letter queues",
    async ask(sdk) {
      const at = await queue(sdk, "probe-redrive");
      const deadLetterTargetArn = `${await attribute(sdk, at, "QueueArn")}-none`;
      const RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 3 });
      await sdk.sqs.send(new sqs.SetQueueAttributesCommand({ ...at, Attributes: { RedrivePolicy } }));
      return "accepted";
    },
  },
  {
    operation: "sqs:StartMessageMoveTask",
    question: "from a dead-letter queue back to its source",
    aws: "started",
    source: `${SQS}, StartMessageMoveTask`,
    async ask(sdk) {
      const SourceArn = await attribute(sdk, await queue(sdk, "probe-dead"), "QueueArn");
      const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: SourceArn, maxReceiveCount: 1 });
      await queue(sdk, "probe-source", { RedrivePolicy });
      await sdk.sqs.send(new sqs.StartMessageMoveTaskCommand({ SourceArn }));
      return "started";
    },
  },
  {
    operation: "sqs:DeleteMessage",
    question: "with an older receipt: the message stays",
    aws: "stays",
    source: `${SQS}, DeleteMessage`,
    async ask(sdk) {
      const at = await queue(sdk, "probe-receipt");
      await sdk.sqs.send(new sqs.SendMessageCommand({ ...at, MessageBody: "x" }));
      const receive = () => sdk.sqs.send(new sqs.ReceiveMessageCommand({ ...at, VisibilityTimeout: 0 }));
      const old = (await receive()).Messages![0]!;
      await receive();
      await sdk.sqs.send(new sqs.DeleteMessageCommand({ ...at, ReceiptHandle: old.ReceiptHandle! }));
      return (await receive()).Messages?.length ? "stays" : "gone";
    },
  },
];
