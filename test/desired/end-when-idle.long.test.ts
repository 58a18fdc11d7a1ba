/** What an instance does about itself: the script of its user data, run for real, with stand-ins for what it calls. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { compile } from "../../src/desired/compile.ts";
import type { LaunchTemplateSpec } from "../../src/kinds/launch-template.ts";
import { facts, sample } from "./samples.ts";

const { spec } = compile(sample(), facts).find(({ key }) => key.startsWith("launch-template/"))!;
const { userData, shutdownBehavior } = spec as LaunchTemplateSpec;
const [, script] = /end-when-idle << 'END'\n([\s\S]*?)\nEND\n/.exec(userData)!;

/** Minutes until it shuts its machine down, where the agent and Docker answer as told in each of them. */
function minutesUntilShutdown(t: TestContext, stub: { readonly curl: string; readonly docker: string }): number {
  const folder = mkdtempSync(join(tmpdir(), "pipewright-idle-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const minutes = join(folder, "minutes");
  writeFileSync(minutes, "");
  const stubs = {
    sleep: `echo "$1" >> ${minutes}; [ "$(grep -c . ${minutes})" -lt 300 ] || kill "$PPID"`,
    shutdown: `echo "$*" > ${join(folder, "shutdown")}`,
    timeout: 'shift; exec "$@"',
    curl: `minute=$(grep -c . ${minutes}); ${stub.curl}`,
    docker: `minute=$(grep -c . ${minutes}); ${stub.docker}`,
  };
  for (const [name, body] of Object.entries(stubs)) {
    writeFileSync(join(folder, name), `#!/bin/bash\n${body}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  execFileSync("bash", ["-c", script!], { env: { PATH: [folder, process.env.PATH].join(delimiter) } });
  assert.equal(readFileSync(join(folder, "shutdown"), "utf8"), "--poweroff now\n");
  const slept = readFileSync(minutes, "utf8").trim().split("\n");
  assert.deepEqual([...new Set(slept)], ["60"]);
  return slept.length;
}

const NOTHING = `echo '{"Tasks":[]}'`;
const tasks = (desired: string) => `echo '{"Tasks":[{"Arn":"a","DesiredStatus":"${desired}","KnownStatus":"PULLED"}]}'`;

describe("an instance without a task", () => {
  it("shuts itself down five minutes after the scaler should have ended it, for good", (t) => {
    assert.equal(minutesUntilShutdown(t, { curl: NOTHING, docker: "true" }), 15 + 5);
    assert.equal(shutdownBehavior, "terminate");
  });

  it("does so where neither the agent nor Docker answers", (t) => {
    assert.equal(minutesUntilShutdown(t, { curl: "exit 7", docker: "exit 1" }), 20);
  });

  it("does so where the tasks that the agent remembers have ended", (t) => {
    assert.equal(minutesUntilShutdown(t, { curl: tasks("STOPPED"), docker: "true" }), 20);
  });

  it("begins to count anew after a task that only the agent knows, as while its image comes", (t) => {
    const curl = `if [ "$minute" -le 40 ]; then ${tasks("RUNNING")}; else ${NOTHING}; fi`;
    assert.equal(minutesUntilShutdown(t, { curl, docker: "true" }), 40 + 20);
  });

  it("begins to count anew after a task that only Docker knows, as when the agent has died", (t) => {
    const docker = '[ "$minute" -gt 30 ] || echo 0123456789ab';
    assert.equal(minutesUntilShutdown(t, { curl: "exit 7", docker }), 30 + 20);
  });
});

it("user data is a script that bash can read, and starts its watch apart from itself", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "pipewright-idle-"));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "user-data"), userData);
  execFileSync("bash", ["-n", join(folder, "user-data")]);
  assert.match(userData, /\nsystemctl enable --now pipewright-end-when-idle\.service\n$/);
});

it("its watch and the wall before the instance's credentials come back after a restart, which runs no user data", () => {
  const [, unit] = /system\/pipewright-end-when-idle\.service << 'END'\n([\s\S]*?)\nEND\n/.exec(userData)!;
  assert.match(unit!, /^ExecStartPre=-iptables .*--destination 169\.254\.169\.254\/32 --jump DROP$/m);
  assert.match(unit!, /^ExecStart=\/bin\/bash \/usr\/local\/bin\/pipewright-end-when-idle$/m);
  assert.match(unit!, /^WantedBy=multi-user\.target$/m);
});
