import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { startLocalStack } from "../localstack/start.ts";

it("LocalStack is not started without a container engine and a Python, and it is said what is wrong with each", async () => {
  const venv = mkdtempSync(join(tmpdir(), "pipewright-no-localstack-"));
  await assert.rejects(
    startLocalStack({ environment: { PATH: import.meta.dirname }, venv }),
    /no container engine works here:\n.*docker: not on the PATH\n.*podman: not on the PATH\nLocalStack 4\.14\.0 needs Python 3\.13 or 3\.12/,
  );
  rmSync(venv, { recursive: true });
});

it("with a token nothing older than what it is for is started", async () => {
  const environment = { PATH: import.meta.dirname, LOCALSTACK_AUTH_TOKEN: "word" };
  await assert.rejects(startLocalStack({ environment, venv: import.meta.dirname }), (error: Error) => {
    assert.match(error.message, /no container engine works here/);
    assert.doesNotMatch(error.message, /Python/);
    return true;
  });
});
