import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";

const text = readFileSync(join(import.meta.dirname, "../../compose.yaml"), "utf8");
const lines = text.split("\n").filter((line) => !/^\s*#/.test(line));

/** What is given for a word anywhere in the file. */
const all = (word: string): string[] =>
  lines.flatMap((line) => new RegExp(`^\\s*${word}:\\s*(.*)$`).exec(line)?.[1] ?? []);

/** The services by name, each as its lines. */
const services = new Map(
  [
    ...text
      .slice(text.indexOf("\nservices:"), text.indexOf("\nvolumes:"))
      .matchAll(/^ {2}([\w-]+):\n((?: {4}.*\n)+)/gm),
  ].map(([, name, body]) => [name!, body!]),
);

describe("compose.yaml", () => {
  it("has a daemon for each profile, each with the same hardening", () => {
    const profiles = ["aws", "local", "localstack", "localstack-archive", "moto"];
    assert.deepEqual([...new Set(all("profiles"))].sort(), profiles.map((name) => `[${name}]`).sort());
    const daemons = [...services].filter(([name]) => name.startsWith("daemon"));
    assert.equal(daemons.length, profiles.length);
    for (const [name, body] of daemons) {
      assert.match(body, /^ {4}<<: \*daemon$/m, name);
      assert.doesNotMatch(body, /read_only|cap_drop|security_opt|privileged|user:|docker\.sock/, name);
    }
    for (const word of ["read_only: true", "cap_drop: [ALL]", 'security_opt: ["no-new-privileges:true"]'])
      assert.equal(lines.filter((line) => line.trim() === word).length, 1, word);
  });

  it("names a version of every image that is not ours", () => {
    const images = all("image").filter((image) => image !== "pipewright");
    assert.ok(images.length >= 3);
    for (const image of images) assert.match(image, /:(\$\{\w+:-)?\d+\.\d+\.\d+\}?$/, image);
    assert.ok(images.includes("localstack/localstack:4.14.0"), "the last that starts without a token");
  });

  it("opens ports on this machine's own address only", () => {
    const ports = all("ports");
    assert.ok(ports.length >= 4);
    for (const port of ports) assert.match(port, /^\["127\.0\.0\.1:\d+:\d+"\]$/);
  });

  it("holds no key: emulators get a word, AWS what the shell has", () => {
    for (const name of ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]) assert.deepEqual(all(name), ["test", ""], name);
    for (const name of ["AWS_SESSION_TOKEN", "LOCALSTACK_AUTH_TOKEN"]) assert.deepEqual(all(name), [""], name);
    assert.doesNotMatch(services.get("daemon") ?? "", /\*emulator|AWS_ENDPOINT_URL/);
  });
});
