import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { fromEnvironment, toEnvironment, type WorkerSettings } from "../../src/desired/worker-environment.ts";

const text = fc.oneof(fc.string(), fc.constantFrom("7", "[]", "null", "rest", '"quoted"', "{}"));
const codes = fc.array(fc.nat({ max: 255 }));

const settings: fc.Arbitrary<WorkerSettings> = fc.record(
  {
    workflow: text,
    step: text,
    algorithm: text,
    image: text,
    inputBucket: text,
    outputBucket: text,
    outputKey: text,
    queueUrl: text,
    deadLettersUrl: text,
    command: fc.array(text),
    inputPath: text,
    outputPath: text,
    variables: fc.dictionary(fc.stringMatching(/^[A-Z_]{1,10}$/), text, { noNullPrototype: true }),
    visibilitySeconds: fc.nat(),
    maxReceives: fc.nat(),
    timeoutMinutes: fc.nat(),
    successExitCodes: codes,
    retryExitCodes: fc.oneof(fc.constant("rest" as const), codes),
    failExitCodes: codes,
  },
  { noNullPrototype: true },
);

describe("the worker's environment", () => {
  it("says to the worker what was said to it, whatever the texts look like", () => {
    fc.assert(
      fc.property(settings, (given) => {
        assert.deepEqual(fromEnvironment({ PATH: "/bin", ...toEnvironment(given) }), given);
      }),
    );
  });

  it("keeps the algorithm's variables from the worker", () => {
    const [given] = fc.sample(settings, 1);
    const environment = toEnvironment({ ...given!, variables: { NODE_OPTIONS: "--inspect" } });
    assert.ok(!("NODE_OPTIONS" in environment));
    assert.deepEqual(fromEnvironment(environment).variables, { NODE_OPTIONS: "--inspect" });
  });

  it("names what is missing", () => {
    const [given] = fc.sample(settings, 1);
    const { PIPEWRIGHT_QUEUE_URL: _, ...environment } = toEnvironment(given!);
    assert.throws(() => fromEnvironment(environment), /PIPEWRIGHT_QUEUE_URL of/);
    assert.throws(() => fromEnvironment({ ...environment, PIPEWRIGHT_QUEUE_URL: "q", PIPEWRIGHT_COMMAND: "ls" }), {
      message: /^PIPEWRIGHT_COMMAND of the worker's settings/,
    });
  });

  it("tells whoever starts the worker by itself what to do, in one line", () => {
    assert.throws(() => fromEnvironment({ PATH: "/bin" }), {
      message:
        "PIPEWRIGHT_WORKFLOW, PIPEWRIGHT_STEP, PIPEWRIGHT_ALGORITHM and 16 more of the worker's settings are missing or " +
        "unreadable: a task gets them from its task definition. Run this image as a step of a workflow, which " +
        "`pipewright apply` sets up, and not by itself",
    });
  });
});
