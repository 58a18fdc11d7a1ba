import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { UsageError } from "../src/cli/usage-error.ts";
import { environmentSchema, readEnvironment } from "../src/config.ts";

const DEFAULTS = {
  PIPEWRIGHT_OWNER: "default",
  PIPEWRIGHT_IGNORE: [],
  PIPEWRIGHT_PIPELINES: "./pipelines",
  PIPEWRIGHT_DATA: "./.pipewright",
  PIPEWRIGHT_HOST: "127.0.0.1",
  PIPEWRIGHT_QUEUE_SAMPLE_SECONDS: 60,
  PIPEWRIGHT_LEASE: false,
  PIPEWRIGHT_LEASE_SECONDS: 15,
};

const VALUES: readonly (readonly [
  name: string,
  good: readonly (readonly [string, unknown])[],
  bad: readonly string[],
])[] = [
  [
    "PIPEWRIGHT_OWNER",
    [
      ["team-a", "team-a"],
      ["A.b_c-9", "A.b_c-9"],
    ],
    ["-a", "two words", "a".repeat(65), "a/b"],
  ],
  [
    "PIPEWRIGHT_IGNORE",
    [
      ["queue/*:a, bucket/b:c ,", ["queue/*:a", "bucket/b:c"]],
      [",", []],
    ],
    [],
  ],
  ["PIPEWRIGHT_PIPELINES", [["/srv/pipelines", "/srv/pipelines"]], []],
  ["PIPEWRIGHT_DATA", [["/var/lib/pipewright", "/var/lib/pipewright"]], []],
  [
    "PIPEWRIGHT_PORT",
    [
      ["0", 0],
      ["9090", 9090],
      ["65535", 65_535],
    ],
    ["65536", "-1", "80.5", "http"],
  ],
  ["PIPEWRIGHT_HOST", [["0.0.0.0", "0.0.0.0"]], []],
  ["PIPEWRIGHT_TOKEN", [["sixteen letters!", "sixteen letters!"]], ["fifteen letters"]],
  [
    "PIPEWRIGHT_WEBHOOK_URL",
    [["https://hooks.example.com/a/b", "https://hooks.example.com/a/b"]],
    ["hooks.example.com", "mailto:ops@example.com"],
  ],
  [
    "PIPEWRIGHT_QUEUE_SAMPLE_SECONDS",
    [
      ["10", 10],
      ["3600", 3_600],
    ],
    ["9", "3601", "often"],
  ],
  [
    "PIPEWRIGHT_LOG_LEVEL",
    [
      ["debug", "debug"],
      ["silent", "silent"],
    ],
    ["loud", "INFO"],
  ],
  ["PIPEWRIGHT_INIT_IMAGE", [["example/image:1", "example/image:1"]], []],
  [
    "PIPEWRIGHT_LEASE",
    [
      ["on", true],
      ["off", false],
    ],
    ["yes", "true", "1"],
  ],
  [
    "PIPEWRIGHT_LEASE_SECONDS",
    [
      ["1", 1],
      ["300", 300],
      ["2.5", 2.5],
    ],
    ["0", "301", "long"],
  ],
  [
    "AWS_ENDPOINT_URL",
    [
      ["http://localhost:4566", "http://localhost:4566"],
      ["https://127.0.0.1:1/", "https://127.0.0.1:1/"],
    ],
    ["localhost:4566", "4566", "file:///tmp", "not a url"],
  ],
];

describe("the environment", () => {
  it("needs nothing: every variable has a default or may be absent", () => {
    const { PIPEWRIGHT_INIT_IMAGE, ...rest } = readEnvironment({});
    assert.deepEqual(rest, DEFAULTS);
    assert.match(PIPEWRIGHT_INIT_IMAGE, /^public\.ecr\.aws\/.+:[\d.]+$/);
  });

  it("is tested here in each of its variables", () => {
    assert.deepEqual(VALUES.map(([name]) => name).sort(), Object.keys(environmentSchema.shape).sort());
  });

  for (const [name, good, bad] of VALUES) {
    for (const [text, value] of good) {
      it(`${name}=${text} is taken`, () => {
        assert.deepEqual((readEnvironment({ [name]: text }) as Record<string, unknown>)[name], value);
      });
    }
    for (const text of bad) {
      it(`${name}=${text.slice(0, 20)} is refused, and the variable is named`, () => {
        assert.throws(
          () => readEnvironment({ [name]: text }),
          (error: Error) => error instanceof UsageError && error.message.includes(`${name}: `),
        );
      });
    }
  }

  it("takes an empty variable for an unset one", () => {
    const empty = Object.fromEntries(VALUES.map(([name]) => [name, ""]));
    assert.deepEqual(readEnvironment(empty), readEnvironment({}));
  });

  it("tells everything that is wrong at once", () => {
    assert.throws(
      () => readEnvironment({ PIPEWRIGHT_PORT: "x", PIPEWRIGHT_LEASE: "x" }),
      /PIPEWRIGHT_PORT[\s\S]*PIPEWRIGHT_LEASE/,
    );
  });

  it("minds nobody else's variables", () => {
    assert.ok(!("HOME" in readEnvironment({ HOME: "/home/somebody" })));
  });
});
