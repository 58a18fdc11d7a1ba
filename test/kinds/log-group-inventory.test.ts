import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { CreateLogGroupCommand } from "@aws-sdk/client-cloudwatch-logs";
import { functionLogs, stepNames } from "../../src/desired/names.ts";
import { logGroup } from "../../src/kinds/log-group.ts";
import { type InCloud, startInCloud } from "./in-cloud.ts";

let place: InCloud;
before(async () => {
  place = await startInCloud();
});
after(() => place.stop());

it("log groups of functions and of tasks are found, though the tagging API does not answer", async () => {
  const workflow = { name: "plants", compute: { cluster: "pipewright" } } as Parameters<typeof stepNames>[0];
  const { enqueuerLogs, taskLogs } = stepNames(workflow, { name: "grey" });
  const ours = [enqueuerLogs, functionLogs("pw-scaler-pipewright"), taskLogs].sort();
  const { logs } = place.aws.clients;
  for (const logGroupName of ours) {
    await logs.send(new CreateLogGroupCommand({ logGroupName, tags: place.tags(`log-group/${logGroupName}`) }));
  }
  await logs.send(new CreateLogGroupCommand({ logGroupName: "/aws/lambda/somebody-else" }));

  const tags = { ...place.aws.tags, list: () => Promise.reject(new Error("the tagging API is down")) };
  const rows = await place.rows(logGroup({ ...place.aws, tags }));
  assert.deepEqual(rows.map((row) => row.name).sort(), ours);
});
