import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";

const text = readFileSync(join(import.meta.dirname, "../../ops/pipewright.service"), "utf8");

const noSystemd =
  spawnSync("systemd-analyze", ["--version"]).status === 0 ? false : "systemd-analyze is not on this machine";
/** Of ten, as `systemd-analyze security` counts: what a daemon that only speaks HTTPS can be brought down to. */
const MOST_EXPOSED = 2;

describe("ops/pipewright.service", () => {
  it("takes from the daemon what it does not need, and gives it longer to end than it takes", () => {
    for (const line of [
      ...["DynamicUser=yes", "NoNewPrivileges=yes", "ProtectSystem=strict", "ProtectHome=yes", "PrivateTmp=yes"],
      // Without it the SDK ends the program: a dynamic user has no home to look up.
      "Environment=HOME=/var/lib/pipewright",
      ...["CapabilityBoundingSet=", "RestrictNamespaces=yes", "SystemCallFilter=@system-service"],
    ])
      assert.ok(text.split("\n").includes(line), line);
    assert.ok(Number(/^TimeoutStopSec=(\d+)$/m.exec(text)?.[1]) > 50);
    // V8 writes the code that it runs.
    assert.doesNotMatch(text, /^MemoryDenyWriteExecute=yes/m);
  });

  it("is understood by systemd, which finds little exposed", { skip: noSystemd }, (t) => {
    const folder = mkdtempSync(join(tmpdir(), "pipewright-unit-"));
    t.after(() => rmSync(folder, { recursive: true }));
    const unit = join(folder, "pipewright.service");
    // It wants to see the program, which only an installation has.
    writeFileSync(unit, text.replace(/^(ExecStart=)pipewright /m, `$1${process.execPath} `));
    const verified = spawnSync("systemd-analyze", ["verify", unit], { encoding: "utf8" });
    assert.equal(verified.status, 0, verified.stderr);
    assert.doesNotMatch(verified.stderr, /pipewright\.service/);
    const args = ["security", "--offline=true", `--threshold=${MOST_EXPOSED * 10}`, "--no-pager", unit];
    const judged = spawnSync("systemd-analyze", args, { encoding: "utf8" });
    assert.equal(judged.status, 0, judged.stdout);
  });
});
