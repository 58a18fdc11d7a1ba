import { after } from "node:test";
import {
  DeleteFunctionEventInvokeConfigCommand,
  type DestinationConfig,
  type FunctionEventInvokeConfig,
  GetFunctionEventInvokeConfigCommand,
  PutFunctionEventInvokeConfigCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-lambda";
import { CreateQueueCommand, DeleteQueueCommand } from "@aws-sdk/client-sqs";
import { TAG } from "../../src/core/owner.ts";
import { eventInvokeConfig } from "../../src/kinds/event-invoke-config.ts";
import { startBackend } from "../support/backend.ts";
import { allowFunction, inReverse, makeFunction } from "../support/hangers-on.ts";
import type { Stage, Tamper } from "./case.ts";
import { contract } from "./contract.ts";

const backend = await startBackend();
after(() => backend.stop());

const undelivered = (stage: Stage) => `pw-contract-undelivered-${stage.unique}`;
const elsewhere = (stage: Stage) => `pw-contract-elsewhere-${stage.unique}`;

async function makeQueue({ sdk, backend, account }: Stage, QueueName: string) {
  await sdk.sqs.send(new CreateQueueCommand({ QueueName }));
  const QueueUrl = `${backend.endpoint}/${account.account}/${QueueName}`;
  return () => sdk.sqs.send(new DeleteQueueCommand({ QueueUrl }));
}

const configOf = ({ name: FunctionName, sdk }: Stage) =>
  sdk.lambda.send(new GetFunctionEventInvokeConfigCommand({ FunctionName }));

/** As it stands, but for some fields. */
async function put(stage: Stage, fields: FunctionEventInvokeConfig) {
  const { name: FunctionName, sdk } = stage;
  const { DestinationConfig, MaximumEventAgeInSeconds, MaximumRetryAttempts } = await configOf(stage);
  const whole = { DestinationConfig, MaximumEventAgeInSeconds, MaximumRetryAttempts, ...fields };
  await sdk.lambda.send(new PutFunctionEventInvokeConfigCommand({ FunctionName, ...whole }));
}

const send = async (stage: Stage, where: DestinationConfig) =>
  put(stage, { DestinationConfig: { ...(await configOf(stage)).DestinationConfig, ...where } });

contract(backend, {
  kind: "event-invoke-config",
  make: eventInvokeConfig,
  spec: (stage) => ({
    maximumEventAgeSeconds: 3_600,
    maximumRetryAttempts: 1,
    onFailureArn: stage.arn("sqs", undelivered(stage)),
  }),
  prepare: async (stage) =>
    inReverse(
      await makeQueue(stage, undelivered(stage)),
      await makeQueue(stage, elsewhere(stage)),
      await makeFunction(stage, stage.name, stage.tags),
      await allowFunction(stage, stage.name, "sqs:SendMessage"),
    ),
  tampers: tampers([
    { field: "maximumEventAgeSeconds", change: (stage) => put(stage, { MaximumEventAgeInSeconds: 60 }) },
    { field: "maximumRetryAttempts", change: (stage) => put(stage, { MaximumRetryAttempts: 0 }) },
    {
      field: "onFailureArn",
      change: (stage) => send(stage, { OnFailure: { Destination: stage.arn("sqs", elsewhere(stage)) } }),
    },
    {
      field: "onFailureArn",
      what: "the destination of failures taken off",
      change: (stage) => send(stage, { OnFailure: undefined }),
    },
  ]),
  others: [
    {
      what: "a destination of what succeeded",
      put: (stage) => send(stage, { OnSuccess: { Destination: stage.arn("sqs", elsewhere(stage)) } }),
      stands: async (stage) =>
        (await configOf(stage)).DestinationConfig?.OnSuccess?.Destination === stage.arn("sqs", elsewhere(stage)),
      skip: ({ cannot }) => cannot("invoke-config-replaced"),
    },
  ],
  remove: ({ sdk, name }) => sdk.lambda.send(new DeleteFunctionEventInvokeConfigCommand({ FunctionName: name })),
  async foreign(stage) {
    const Resource = stage.arn("lambda", `function:${stage.name}`);
    await stage.sdk.lambda.send(new UntagResourceCommand({ Resource, TagKeys: [TAG.owner] }));
    await stage.sdk.lambda.send(
      new PutFunctionEventInvokeConfigCommand({ FunctionName: stage.name, MaximumRetryAttempts: 0 }),
    );
  },
  createOverwrites: "where the function is someone else's, the planner stops at the function",
  adopted: { none: "it is adopted with its function" },
  listedAs: "its function",
});

function tampers(changes: readonly Tamper[]): Tamper[] {
  return changes.map((one) => ({ ...one, skip: ({ cannot }) => cannot("invoke-config-replaced") }));
}
