import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CreateLogGroupCommand, CreateLogStreamCommand, PutLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import type { LogLine, LogRequest } from "../../src/data/data.ts";
import { functionLogs } from "../../src/desired/names.ts";
import { createLog } from "../../worker/log.ts";
import { ODD_KEYS, openStage, type Stage } from "./stage.ts";

/** A group with one stream; what is written is as old as said. */
async function openLog(stage: Stage, logGroupName: string) {
  const { logs } = stage.sdk;
  const logStreamName = "algorithm/algorithm/0123";
  await logs.send(new CreateLogGroupCommand({ logGroupName }));
  await logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
  return async (message: string, ageMs = 0) => {
    const logEvents = [{ timestamp: stage.clock.now() - ageMs, message }];
    await logs.send(new PutLogEventsCommand({ logGroupName, logStreamName, logEvents }));
  };
}

/** A line as the worker writes it. */
function workerLine(stage: Stage, file: string, message: string, fields: object = {}): string {
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  createLog({ clock: stage.clock, write }, { file, attempt: 1 }).info(fields, message);
  return lines.join("");
}

async function linesOf(stage: Stage, request: LogRequest): Promise<LogLine[]> {
  const lines: LogLine[] = [];
  for await (const line of stage.plants.logs(request)) lines.push(line);
  return lines;
}

describe("logs", () => {
  it("shows tasks and functions of all steps in the order of time", async (t) => {
    const stage = await openStage(t);
    const [first, second] = stage.steps;
    const write = [
      await openLog(stage, first!.task.logGroup),
      await openLog(stage, second!.task.logGroup),
      await openLog(stage, functionLogs(first!.queue.name)),
    ] as const;
    await write[1](workerLine(stage, "a.png", "second"), 1_000);
    await write[0](workerLine(stage, "a.png", "first", { stream: "stderr" }), 2_000);
    await write[2]("third, and no JSON", 500);
    const lines = await linesOf(stage, { lastMs: 60_000 });
    assert.deepEqual(
      lines.map(({ source, file, stream, message }) => [source, file, stream, message]),
      [
        [first!.step, "a.png", "stderr", "first"],
        [second!.step, "a.png", undefined, "second"],
        [`${first!.step} enqueuer`, undefined, undefined, "third, and no JSON"],
      ],
    );
  });

  it("finds what is about one file in every step, by the name that it has there, and nothing else", async (t) => {
    const stage = await openStage(t);
    const writers = [];
    for (const step of stage.steps) writers.push(await openLog(stage, step.task.logGroup));
    for (const key of ODD_KEYS) {
      await writers[0]!(workerLine(stage, key, "in the first"));
      const slash = key.lastIndexOf("/") + 1;
      const result = `${key.slice(0, slash)}Result-grey-${key.slice(slash)}`;
      await writers[1]!(workerLine(stage, result, "in the second"));
      await writers[1]!(workerLine(stage, key, "another file of that name"));
    }
    for (const key of ODD_KEYS) {
      const lines = await linesOf(stage, { file: key });
      assert.deepEqual(
        lines.map(({ message }) => message),
        ["in the first", "in the second"],
        key,
      );
    }
  });

  it("shows what a function says, not how Lambda wraps it", async (t) => {
    const stage = await openStage(t);
    const write = await openLog(stage, functionLogs(stage.steps[0]!.queue.name));
    const said = { message: "refused", step: "grey" };
    const envelope = { timestamp: "2026-01-01T00:00:00.000Z", level: "WARN", requestId: "r-1" };
    await write(JSON.stringify({ ...envelope, message: said }));
    await write(JSON.stringify({ ...envelope, message: JSON.stringify(said) }));
    await write(JSON.stringify({ ...envelope, message: "plain words" }));
    const fields = { requestId: "r-1" };
    assert.deepEqual(
      (await linesOf(stage, {})).map(({ level, message, fields }) => ({ level, message, fields })),
      [
        { level: "warn", message: "refused", fields: { ...fields, step: "grey" } },
        { level: "warn", message: "refused", fields: { ...fields, step: "grey" } },
        { level: "warn", message: "plain words", fields },
      ],
    );
  });

  it("leaves out what is older than asked", async (t) => {
    const stage = await openStage(t);
    const write = await openLog(stage, stage.steps[0]!.task.logGroup);
    await write("old", 3_600_000);
    await write("new", 1_000);
    const messages = async (request: LogRequest) => (await linesOf(stage, request)).map(({ message }) => message);
    assert.deepEqual(await messages({ lastMs: 60_000 }), ["new"]);
    assert.deepEqual(await messages({}), ["old", "new"]);
  });

  it("goes on with what is written later, each line once, until it is told to stop", async (t) => {
    const stage = await openStage(t);
    const write = await openLog(stage, stage.steps[0]!.task.logGroup);
    const stop = new AbortController();
    let rounds = 0;
    stage.whileSleeping(async () => {
      rounds += 1;
      if (rounds <= 3) await write(`line ${rounds}`);
      // CloudWatch shows it only now.
      if (rounds === 4) await write("late", 10_000);
      if (rounds === 6) stop.abort();
    });
    const lines = await linesOf(stage, { lastMs: 60_000, follow: stop.signal });
    assert.deepEqual(
      lines.map(({ message }) => message),
      ["line 1", "line 2", "line 3", "late"],
    );
  });
});
