import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, describe, it } from "node:test";
import { CLUSTER, startFleetCloud } from "./fleet-cloud.ts";
import { role } from "./role-cloud.ts";

/** Stands in for the worker: says what it sees, and does what its variable DO tells. */
const WORKER = `
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
const { DO, PIPEWRIGHT_COMMAND, PIPEWRIGHT_INPUT_PATH } = process.env;
console.log("cwd " + process.cwd());
console.log("command " + PIPEWRIGHT_COMMAND);
console.log("input " + PIPEWRIGHT_INPUT_PATH + " " + existsSync(PIPEWRIGHT_INPUT_PATH ?? ""));
console.log("keys " + (process.env.AWS_ACCESS_KEY_ID ?? "none").slice(0, 4) + " " + process.env.AWS_ENDPOINT_URL);
if (DO === "work") console.log("child " + spawn("sleep", ["60"], { detached: true, stdio: "ignore" }).pid);
process.on("SIGTERM", () => { if (DO !== "ignore") { console.log("handed back"); process.exit(0); } });
if (DO?.startsWith("exit")) process.exit(Number(DO.slice(5)));
setInterval(() => {}, 1000);
`;
const GROUP = "/pipewright/tasks";
const IMAGE = "registry.example/grey:1";

describe("a task", async () => {
  const folder = mkdtempSync(join(tmpdir(), "pipewright-test-"));
  const workerPath = join(folder, "worker.mjs");
  writeFileSync(workerPath, WORKER);
  const sources = (image: string) => (image === IMAGE ? { folder, mountedAt: "/app" } : undefined);
  const fleet = await startFleetCloud({ tasks: { workerPath, sources } });
  const { cloud, ecs, ec2, launch, task, until, makeRole, setPolicy } = fleet;
  const call = { account: "123456789012", region: "us-east-1", accessKeyId: "test", requestId: "0" };
  const logs = () => cloud.world.service("cloudwatch-logs").operations;
  let instanceId = "";
  beforeEach(async () => {
    await fleet.begin();
    await makeRole("pw-task", [], "ecs-tasks.amazonaws.com");
    await makeRole("execution", [], "ecs-tasks.amazonaws.com");
    await setPolicy("execution", [
      { Effect: "Allow", Action: ["logs:CreateLogStream", "logs:PutLogEvents"], Resource: "*" },
    ]);
    logs().CreateLogGroup!({ logGroupName: GROUP }, call);
    instanceId = await launch();
    await cloud.advance(10_000);
  });
  after(async () => {
    await fleet.stop();
    rmSync(folder, { recursive: true });
  });

  const lines = () => {
    const found = logs().FilterLogEvents!({ logGroupName: GROUP }, call) as { events: { message: string }[] };
    return found.events.map(({ message }) => message);
  };
  /** Registers and runs a task whose worker does this; answers its ARN when its agent has had its time. */
  const run = async (todo: string, more: object = {}, container: object = {}) => {
    await ecs.registerTaskDefinition({
      family: "pw-grey",
      taskRoleArn: role("pw-task"),
      executionRoleArn: role("execution"),
      containerDefinitions: [
        { name: "worker", image: "init", essential: false, memory: 32 },
        {
          name: "algorithm",
          image: IMAGE,
          memory: 64,
          stopTimeout: 20,
          dependsOn: [{ containerName: "worker", condition: "SUCCESS" }],
          environment: [
            { name: "DO", value: todo },
            { name: "PIPEWRIGHT_COMMAND", value: '["node","/app/grey.mjs","$input"]' },
            { name: "PIPEWRIGHT_INPUT_PATH", value: "/data/in" },
          ],
          logConfiguration: {
            logDriver: "awslogs",
            options: { "awslogs-group": GROUP, "awslogs-region": "us-east-1", "awslogs-stream-prefix": "algorithm" },
          },
          ...container,
        },
      ],
      ...more,
    });
    const { tasks = [] } = await ecs.runTask({ cluster: CLUSTER, taskDefinition: "pw-grey" });
    const arn = tasks[0]!.taskArn!;
    await cloud.advance(1000);
    return arn;
  };
  const stopped = async (arn: string) => {
    await until("the task has stopped", async () => (await task(arn)).lastStatus === "STOPPED");
    const { stopCode, stoppedReason = "", containers = [] } = await task(arn);
    return { stopCode, stoppedReason, exitCodes: containers.map(({ exitCode }) => exitCode) };
  };

  it("runs the worker with its role's keys, in the algorithm's folder, the container's paths mapped", async () => {
    const arn = await run("exit 0");
    const end = await stopped(arn);
    assert.deepEqual([end.stopCode, end.exitCodes], ["EssentialContainerExited", [0, 0]]);
    const [cwd, command, input, keys] = lines();
    assert.equal(cwd, `cwd ${folder}`);
    assert.equal(command, `command ["node","${folder}/grey.mjs","$input"]`);
    assert.match(input!, /^input \S+\/pipewright-task-\w+\/data\/in true$/);
    assert.equal(keys, `keys ASIA ${cloud.endpoint}`);
    const { logStreams } = logs().DescribeLogStreams!({ logGroupName: GROUP }, call) as never as {
      logStreams: { logStreamName: string }[];
    };
    assert.equal(logStreams[0]!.logStreamName, `algorithm/algorithm/${arn.split("/").at(-1)}`);
  });

  it("tells its exit code, goes through RUNNING, and frees its place", async () => {
    const seen: unknown[] = [];
    const forget = cloud.world.onEvent(({ type, detail }) => {
      if (type === "ECS Task State Change") seen.push(detail.lastStatus);
    });
    const end = await stopped(await run("exit 3"));
    forget();
    assert.deepEqual(end.exitCodes, [0, 3]);
    assert.deepEqual(seen, ["PENDING", "RUNNING", "STOPPED"]);
  });

  it("that is stopped gets SIGTERM, and time to hand back its file", async () => {
    const arn = await run("wait");
    await until("it has started", () => lines().length >= 4);
    await ecs.stopTask({ cluster: CLUSTER, task: arn, reason: "scale-in" });
    const end = await stopped(arn);
    assert.deepEqual([end.stopCode, end.stoppedReason, end.exitCodes], ["UserInitiated", "scale-in", [0, 0]]);
    assert.equal(lines().at(-1), "handed back");
  });

  it("that does not heed SIGTERM is killed when its stop time-out is over", async () => {
    const arn = await run("ignore");
    await until("it has started", () => lines().length >= 4);
    await ecs.stopTask({ cluster: CLUSTER, task: arn });
    await cloud.advance(19_000);
    assert.equal((await task(arn)).lastStatus, "RUNNING");
    cloud.world.clock.step(2000);
    assert.deepEqual((await stopped(arn)).exitCodes, [0, 137]);
  });

  it("is gone with its machine, and killed on command", async () => {
    const gone = await run("wait");
    const killed = await run("wait");
    assert.deepEqual(cloud.runningTasks().sort(), [gone, killed].sort());
    assert.equal(cloud.killTask(killed), true);
    assert.deepEqual((await stopped(killed)).exitCodes, [0, 137]);
    await ec2.terminateInstances({ InstanceIds: [instanceId] });
    assert.match((await stopped(gone)).stoppedReason, /^Host EC2/);
    assert.deepEqual(cloud.runningTasks(), []);
  });

  it("that is killed takes the algorithm with it", async () => {
    const arn = await run("work");
    const child = () =>
      Number(
        lines()
          .find((line) => line.startsWith("child "))
          ?.slice(6) ?? 0,
      );
    await until("it is at work", () => child() > 0);
    cloud.killTask(arn);
    await stopped(arn);
    await until("the algorithm is gone", () => !isAlive(child()));
  });

  it("fails to start, and says why: image, role, log group, permission to log", async () => {
    const failure = async (more: object = {}, container: object = {}) => {
      const { stopCode, stoppedReason } = await stopped(await run("exit 0", more, container));
      assert.equal(stopCode, "TaskFailedToStart");
      return stoppedReason;
    };
    assert.match(await failure({}, { image: "registry.example/unknown:1" }), /^CannotPullContainerError: .*unknown:1/);
    cloud.world.mishaps.add({ kind: "image-pull", where: { image: "registry.example/*" }, count: 1 });
    assert.match(
      await failure(),
      /^CannotPullContainerError: .*failed to resolve ref registry\.example\/grey:1: not found$/,
    );
    await makeRole("untrusting", [], "lambda.amazonaws.com");
    assert.match(
      await failure({ taskRoleArn: role("untrusting") }),
      /^ECS was unable to assume the role 'arn\S+untrusting'/,
    );
    await setPolicy("execution", [{ Effect: "Allow", Action: "sqs:*", Resource: "*" }]);
    assert.match(await failure(), /failed to create Cloudwatch log stream .*AccessDeniedException/);
    await setPolicy("execution", [
      { Effect: "Allow", Action: ["logs:CreateLogStream", "logs:PutLogEvents"], Resource: "*" },
    ]);
    logs().DeleteLogGroup!({ logGroupName: GROUP }, call);
    assert.match(await failure(), /The specified log group does not exist/);
  });
});

function isAlive(pid: number): boolean {
  try {
    // Who has ended and was not waited for still has a number, but no memory.
    return /VmRSS/.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
