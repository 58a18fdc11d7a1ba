import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { showProgress } from "../../src/cli/progress.ts";
import { createTerminal } from "../../src/cli/terminal.ts";
import type { Engine, EngineEvent } from "../../src/engine/engine.ts";
import { createFakeClock } from "../engine/fake-clock.ts";

const EVENTS: EngineEvent[] = [
  { type: "step-started", workflow: "plants", key: "queue/a", do: "create" },
  { type: "step-started", workflow: "plants", key: "queue/b", do: "update" },
  { type: "step-done", workflow: "plants", key: "queue/a", do: "create" },
  { type: "step-failed", workflow: "plants", key: "queue/b", do: "update", why: "no" },
];

/** What is shown of an engine that tells so much, on a terminal or elsewhere. */
async function shown(events: readonly EngineEvent[], options: { isTTY: boolean; lines?: boolean; silentMs?: number }) {
  const said = { out: "", err: "" };
  const stream = (name: "out" | "err") => ({
    isTTY: options.isTTY,
    columns: 200,
    write(text: string) {
      said[name] += text;
    },
  });
  const terminal = createTerminal({ out: stream("out"), err: stream("err"), noColour: true });
  const clock = createFakeClock();
  const listeners = new Set<(event: EngineEvent) => void>();
  const engine = {
    subscribe(listener: (event: EngineEvent) => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  } as unknown as Engine;
  const end = showProgress({ terminal }, { engine, clock }, { lines: options.lines ?? true });
  await clock.step(options.silentMs ?? 0);
  for (const event of events) for (const listener of listeners) listener(event);
  end();
  const atTheEnd = said.err;
  await clock.step(10_000);
  assert.deepEqual([listeners.size, said.err], [0, atTheEnd], "nothing moves once it has ended");
  return said;
}

describe("progress of an engine", () => {
  it("moves in one line on a terminal, and leaves nothing", async () => {
    const { err, out } = await shown(EVENTS, { isTTY: true });
    assert.match(err, /1\/2 steps.*queue\/b.*2\/2 steps/s);
    assert.ok(err.endsWith("\r\x1b[K"));
    assert.equal(out, "");
  });

  it("tells from the first moment that something is read, and for how long already", async () => {
    const { err } = await shown([], { isTTY: true, silentMs: 3_000 });
    assert.match(err, /^0 s · reading from AWS.*3 s · reading from AWS/s);
  });

  it("is a line for each thing that was done elsewhere, and none for what failed", async () => {
    const { err, out } = await shown(EVENTS, { isTTY: false });
    assert.deepEqual([err, out], ["", "created queue/a\n"]);
  });

  it("is no line at all where a machine reads the answer", async () => {
    const { err, out } = await shown(EVENTS, { isTTY: false, lines: false });
    assert.deepEqual([err, out], ["", ""]);
  });

  it("says once what is waited for, where no line can move", async () => {
    const waiting: EngineEvent = { type: "waiting", workflow: "plants", why: "3 messages wait" };
    const { err, out } = await shown([waiting, waiting], { isTTY: false });
    assert.deepEqual([err, out], ["plants waits: 3 messages wait\n", ""]);
  });
});
