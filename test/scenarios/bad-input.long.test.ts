import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { createCatalog } from "../../src/catalog.ts";
import type { DaemonStatus } from "../../src/engine/status.ts";
import { createWorkflowFiles } from "../../src/engine/workflow-files.ts";
import { systemClock } from "../../src/io/clock.ts";
import { createWorkflowFolder } from "../../src/io/workflow-folder.ts";
import { formatProblem } from "../../src/workflow/problem.ts";
import { accountOf, leftIn } from "./account.ts";
import { pipewright } from "./program.ts";
import { INPUT } from "./tampering.ts";
import { watching } from "./watching.ts";
import { createWorld, example, isLocal, localOnly, type World } from "./world.ts";

const readyOf = (status: DaemonStatus, name = "change123") => {
  const conditions = status.workflows.find((one) => one.name === name)?.conditions ?? [];
  const { reason, message } = conditions.find((one) => one.type === "Ready") ?? {};
  return `${reason}: ${message}`;
};

const problemsOf = (status: DaemonStatus): string[] => status.problems.map(formatProblem);

/** Applies the folder, which must be refused whole: no call but those for who we are. */
async function refusedUnread(world: World): Promise<string[]> {
  const { calls, result } = await world.apply();
  assert.equal(result.ok, false);
  assert.deepEqual([...new Set(calls.map((call) => call.operation))], ["GetCallerIdentity"]);
  return problemsOf(result.status);
}

/** Applies the folder, which must be refused after having been looked at: nothing is written, the foundation included. */
async function refusedUnwritten(world: World, name = "change123"): Promise<string> {
  const before = await accountOf(world.sdk);
  const { result, writes } = await world.apply();
  assert.equal(result.ok, false);
  assert.deepEqual(writes, []);
  assert.deepEqual(await accountOf(world.sdk), before);
  return readyOf(result.status, name);
}

describe("bad input", { concurrency: isLocal, skip: localOnly }, () => {
  test("a file that is no JSON: one line with place and reason, and its last good version stays in force", async (t) => {
    const world = await createWorld(t);
    const good = await example("change123");
    await world.write("change123.json", good);
    const daemon = await watching(world, { halfWrittenMs: 50 });
    await daemon.ready("change123");
    const account = await accountOf(world.sdk);
    const rows: readonly (readonly [content: string | Uint8Array, problem: RegExp])[] = [
      ["", /change123\.json:1:1 .*empty/],
      ["{ not json", /change123\.json:1:\d+ /],
      ["[1, 2]", /change123\.json:1:1 /],
      [`{ "a": "${"x".repeat(1_048_576)}" }`, /change123\.json:1:1 has more than the 1048576 bytes allowed/],
      [new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 0, 0, 0, 1]), /change123\.json:1:\d+ /],
      [new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]), /change123\.json:1:\d+ .*UTF-8/],
    ];
    for (const [content, problem] of rows) {
      const writes = daemon.writes.length;
      await world.write("change123.json", content);
      const [first, ...others] = await daemon.problems((found) => problem.test(found[0] ?? ""), String(problem));
      assert.match(first ?? "", problem);
      assert.deepEqual(others, []);
      assert.match(readyOf(daemon.status()), /^Reconciled/);
      assert.match(
        JSON.stringify(daemon.status().workflows[0]?.conditions),
        /"Stalled","status":"True","reason":"BadFile"/,
      );
      assert.equal(daemon.writes.length, writes);
    }
    assert.deepEqual(await accountOf(world.sdk), account);
    await world.write("change123.json", good);
    await daemon.problems((found) => found.length === 0, "nothing");
  });

  test("a half-written file is reported only after two seconds, and acted on as soon as it is whole", async (t) => {
    const world = await createWorld(t);
    const whole = JSON.stringify(await example("change123"));
    const daemon = await watching(world, { quietMs: 5_000 });
    const written = performance.now();
    await world.write("change123.json", whole.slice(0, 100));
    await daemon.problems((found) => found.length > 0, "the half-written file");
    const reportedMs = performance.now() - written;
    assert.ok(reportedMs >= 2_000, `reported after ${reportedMs} ms`);
    assert.deepEqual(daemon.writes, []);

    await world.write("change123.json", whole.slice(0, 120));
    await world.write("change123.json", whole);
    await daemon.ready("change123");
    assert.deepEqual(problemsOf(daemon.status()), []);
  });

  test("what the file says wrong is refused before any call, every problem listed with its place", async (t) => {
    const world = await createWorld(t);
    const sample = await example("change123");
    await world.write("change123.json", {
      ...sample,
      keypair: "typo",
      process: {
        type: "paralel_run",
        algorithms: [{ name: "change123-s3", port: [22], variables: { TEST_EVN: "blah" } }, { name: "change124-s3" }],
      },
    });
    const problems = await refusedUnread(world);
    for (const expected of [
      /:\d+:\d+ keypair is not known; did you mean "key_pair"/,
      /:\d+:\d+ process\.type .*single_run.*sequence_run/,
      /algorithms\[0\]\.port\[0\] is no port of change123-s3; it declares 9090/,
      /algorithms\[0\]\.variables\.TEST_EVN .*did you mean "TEST_ENV"/,
      /algorithms\[0\]\.variables\.TEST_ENV is missing, and change123-s3 requires it/,
      /algorithms\[1\]\.name .*change124-s3/,
    ]) {
      assert.ok(
        problems.some((one) => expected.test(one)),
        `${expected} in\n${problems.join("\n")}`,
      );
    }
    assert.deepEqual(await leftIn(world.sdk), []);
  });

  test("memory that no instance of the type can give is refused before any call", async (t) => {
    const world = await createWorld(t);
    const algorithms = [
      { name: "change123-s3", variables: { TEST_ENV: "x" }, memory: 64_000, instance_type: "t3.micro" },
    ];
    await world.write("change123.json", await example("change123", { process: { type: "single_run", algorithms } }));
    const [problem] = await refusedUnread(world);
    assert.match(problem ?? "", /change123\.json:\d+:\d+ process\.algorithms\[0\].*t3\.micro/);
  });

  test("results that would come in again are refused, be it in one file or through several, and the loop is shown", async (t) => {
    const world = await createWorld(t);
    await world.write("a.json", await example("change123", { output_s3_name: INPUT }));
    const [same] = await refusedUnread(world);
    assert.match(same ?? "", /a\.json:\d+:\d+ output_s3_name is the input bucket too/);

    const between = async (from: string, to: string) =>
      example("change123", { input_s3_name: from, output_s3_name: to });
    await world.write("a.json", await between("one-bucket", "two-bucket"));
    await world.write("b.json", await between("two-bucket", "three-bucket"));
    await world.write("c.json", await between("three-bucket", "one-bucket"));
    const { result } = await world.apply();
    assert.equal(result.ok, false);
    assert.match(problemsOf(result.status).join("\n"), /c\.json:\d+:\d+ output_s3_name closes a loop.*c → a → b → c/);
    // The two that close none are set up; nothing is, of the one that does.
    const { function: functions } = await accountOf(world.sdk);
    assert.deepEqual(functions, ["pw-a-change123-s3", "pw-b-change123-s3", "pw-scaler-pipewright"]);
  });

  test("a bucket of another account or another region is refused before the first write, with what to do", async (t) => {
    const world = await createWorld(t);
    const { endpoint } = world.backend;
    const stranger = new S3Client({
      ...{ endpoint, region: "us-east-1", forcePathStyle: true },
      credentials: { accessKeyId: "999999999999", secretAccessKey: "test" },
    });
    await stranger.send(new CreateBucketCommand({ Bucket: INPUT }));
    stranger.destroy();
    await world.write("change123.json", await example("change123"));
    assert.match(
      await refusedUnwritten(world),
      /bucket\/container-clouds-input: owner is another account.*choose another/,
    );

    const abroad = new S3Client({
      endpoint,
      region: "eu-west-1",
      forcePathStyle: true,
      credentials: world.backend.credentials,
    });
    const LocationConstraint = "eu-west-1";
    await abroad.send(
      new CreateBucketCommand({ Bucket: "abroad-input", CreateBucketConfiguration: { LocationConstraint } }),
    );
    abroad.destroy();
    await world.write("change123.json", await example("change123", { input_s3_name: "abroad-input" }));
    assert.match(
      await refusedUnwritten(world),
      /bucket\/abroad-input: region is eu-west-1, wanted us-east-1; choose a bucket of us-east-1, or run the workflow in eu-west-1/,
    );
  });

  test("a key pair or a subnet that does not exist is refused before any write, the foundation included", async (t) => {
    const world = await createWorld(t);
    await world.write("change123.json", await example("change123", { key_pair: "nobodys-key" }));
    assert.match(await refusedUnwritten(world), /NotFound: key-pair\/nobodys-key does not exist/);
    const subnets = ["subnet-0123456789abcdef0"];
    await world.write("change123.json", await example("change123", { compute: { subnets } }));
    assert.match(await refusedUnwritten(world), /NotFound: subnet\/subnet-0123456789abcdef0 does not exist/);
    assert.deepEqual(await leftIn(world.sdk), []);
  });

  test("a file for another account is refused before any write", async (t) => {
    const world = await createWorld(t);
    await world.write("change123.json", await example("change123", { account_id: "210987654321" }));
    assert.match(
      await refusedUnwritten(world),
      /account_id is 210987654321, but the credentials belong to account 123456789012/,
    );
    assert.deepEqual(await leftIn(world.sdk), []);
  });

  test("a name that could escape a path is refused, and a link out of the folder is as if it were not there", async (t) => {
    const world = await createWorld(t);
    for (const name of ["../../etc", "a/b", "..", "A", "-a", "a".repeat(41)]) {
      await world.write("change123.json", await example("change123", { name }));
      const [problem] = await refusedUnread(world);
      assert.match(problem ?? "", /change123\.json:\d+:\d+ name /, name);
    }
    const algorithms = [{ name: "../../../etc/passwd" }];
    await world.write("change123.json", await example("change123", { process: { type: "single_run", algorithms } }));
    assert.match((await refusedUnread(world)).join("\n"), /algorithms\[0\]\.name /);
    await world.remove("change123.json");

    const outside = join(world.root, "outside");
    await mkdir(outside);
    await writeFile(join(outside, "linked.json"), JSON.stringify(await example("change123")));
    await symlink(join(outside, "linked.json"), join(world.folder, "linked.json"));
    await symlink(outside, join(world.folder, "folder.json"));
    const { calls, result } = await world.apply();
    assert.deepEqual([result.ok, result.status.workflows, problemsOf(result.status)], [true, [], []]);
    assert.deepEqual([...new Set(calls.map((call) => call.operation))], ["GetCallerIdentity"]);
  });

  for (const [operation, expected] of [
    [
      "CreateQueue",
      /AccessDenied: sqs:createqueue on arn:aws:sqs:us-east-1:123456789012:pw-change123-change123-s3.* "?\{"Effect":"Allow","Action":"sqs:createqueue","Resource":\[?"arn:aws:sqs:us-east-1:123456789012:pw-change123-change123-s3/i,
    ],
    [
      "CreateFunction",
      /AccessDenied: lambda:CreateFunction on .*"Action":"lambda:CreateFunction","Resource":\[?"[^"]*function:pw-/,
    ],
    ["GetRole", /AccessDenied: iam:GetRole on .*"Action":"iam:GetRole","Resource":\[?"[^"]+role\//],
  ] as const) {
    test(`${operation} denied: the status names action and resource, and the statement that would allow it`, async (t) => {
      const world = await createWorld(t);
      await world.write("change123.json", await example("change123"));
      world.backend.cloud!.faults.add({ kind: "denied", operation });
      const { result } = await world.apply();
      assert.equal(result.ok, false);
      assert.match(readyOf(result.status), expected);
      world.backend.cloud!.faults.clear();
      assert.equal((await world.apply()).result.ok, true);
    });
  }

  test("credentials that are good for nothing end a command with exit 1 and the action that was denied", async (t) => {
    const world = await createWorld(t);
    await world.write("change123.json", await example("change123"));
    world.backend.cloud!.faults.add({ kind: "denied" });
    const ended = await pipewright(world, ["apply"]);
    assert.equal(ended.code, 1);
    assert.match(ended.out + ended.err, /sts:GetCallerIdentity/);
    assert.doesNotMatch(ended.out + ended.err, /\n\s+at /);
    world.backend.cloud!.faults.clear();
    assert.deepEqual(await leftIn(world.sdk), []);
  });
});

test("ten thousand files are read and checked against one another", { skip: localOnly }, async (t) => {
  const world = await createWorld(t);
  const sample = await example("change123");
  for (let index = 0; index < 10_000; index++) {
    const buckets = { input_s3_name: `in-${index}`, output_s3_name: `out-${index}` };
    writeFileSync(join(world.folder, `w${index}.json`), JSON.stringify({ ...sample, ...buckets }));
  }
  const { facts, product } = await world.open({ readOnly: true });
  const files = createWorkflowFiles({
    folder: createWorkflowFolder(world.folder),
    catalog: createCatalog(facts, product.aws.clients.s3),
    clock: systemClock,
    halfWrittenMs: 2_000,
  });
  await files.scan();
  assert.deepEqual([files.inForce.size, files.problems.length, files.complete], [10_000, 0, true]);
});
