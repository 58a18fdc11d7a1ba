/** `run --local` with an engine, an image and a packed worker: a file goes through a container of the real image. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, it } from "node:test";
import { FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { DescribeTasksCommand, ListTasksCommand, RunTaskCommand, StopTaskCommand } from "@aws-sdk/client-ecs";
import { GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { packedWorker } from "../../../src/bundles.ts";
import { call, findEngine } from "../../../src/wrap/container-engine.ts";
import { ownStorage } from "../../container/engine.ts";
import { eventually } from "../../scenarios/program.ts";
import { createSdk, type Sdk } from "../../support/sdk.ts";

const ROOT = join(import.meta.dirname, "../../..");
const IMAGE = "localhost/pipewright-test-seal:1";
const CLUSTER = "pipewright";
/** Nowhere but in the image. */
const SEAL = `sealed ${crypto.randomUUID()}`;
const SCRIPT = '#!/bin/sh\necho "sealing $1"\ncat /etc/seal "$1" > "$2"\n';

const folder = await mkdtemp(join(tmpdir(), "pipewright-containers-"));
after(() => rm(folder, { recursive: true, force: true }));
const environment = { ...process.env, ...ownStorage(join(folder, "engine")), HOME: folder, XDG_CACHE_HOME: "" };
const quiet = { environment, onLine: () => {} };
const { version } = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8"));
const engine = await findEngine(quiet).catch(() => undefined);
const lacks = [
  ...(process.platform === "linux" ? [] : ["engines are used on Linux only"]),
  ...(engine ? [] : ["no container engine works here"]),
  ...(packedWorker(join(ROOT, "src"), version) ? [] : ["no packed worker in dist: `npm run pack-worker`"]),
];

describe("an algorithm whose image is here", { skip: lacks.join("; ") || false }, () => {
  const daemon = {
    ended: Promise.resolve<unknown>(undefined),
    pid: 0,
    log: [] as Record<string, string>[],
    kill: () => {},
  };
  let sdk: Sdk;
  const onEngine = (...args: string[]) => call(engine!.name, args, quiet);
  const containers = () =>
    onEngine("ps", "--all", "--filter", "label=pipewright.local-cloud", "--format", "{{.Names}}");
  const logged = (msg: string, key?: string) =>
    eventually(`the log says ${msg}`, () => daemon.log.find((one) => one.msg === msg && (!key || one.key === key)));
  before(async () => {
    await makeImage(onEngine);
    await writePipeline(join(folder, "pipelines"));
    const folders = ["--pipelines", join(folder, "pipelines"), "--data", join(folder, "data")];
    const child = spawn(process.execPath, [join(ROOT, "src/main.ts"), "run", "--local", ...folders], {
      env: environment,
      stdio: ["ignore", "ignore", "pipe"],
    });
    createInterface({ input: child.stderr }).on("line", (line) => daemon.log.push(JSON.parse(line)));
    Object.assign(daemon, { ended: once(child, "close"), pid: child.pid, kill: () => child.kill("SIGTERM") });
    const { endpoint = "" } = await logged("watching");
    sdk = createSdk({ endpoint, region: "us-east-1", credentials: { accessKeyId: "local", secretAccessKey: "local" } });
    await logged("written", "notification/seal-input");
  });
  after(async () => {
    daemon.kill();
    await daemon.ended;
    for (const client of Object.values(sdk ?? {})) client.destroy();
    await onEngine("rmi", "--force", IMAGE).catch(() => {});
  });

  it("runs in its container, says so, writes its log, and ends when it is told to", async () => {
    const ofKilledCloud = ["--name", "pipewright-999999999-left", "--label", "pipewright.local-cloud=999999999"];
    await onEngine("create", ...ofKilledCloud, IMAGE, "/bin/cat");
    await sdk.s3.send(new PutObjectCommand({ Bucket: "seal-input", Key: "a letter.txt", Body: "dear you" }));
    const result = await eventually("the result is there", async () => {
      const { Body } = await sdk.s3.send(new GetObjectCommand({ Bucket: "seal-output", Key: "a letter-sealed.txt" }));
      return Body?.transformToString();
    });
    assert.equal(result, `${SEAL}\ndear you`);
    const told = await logged("how an image runs");
    assert.deepEqual([told.image, told.way], [IMAGE, `in containers, by ${engine!.name}`]);
    assert.match(await containers(), new RegExp(`^pipewright-${daemon.pid}-\\S+\\s*$`));

    const { taskArns = [] } = await sdk.ecs.send(new ListTasksCommand({ cluster: CLUSTER }));
    await sdk.ecs.send(new StopTaskCommand({ cluster: CLUSTER, task: taskArns[0] }));
    const codes = await eventually("the task has stopped", async () => {
      const { tasks = [] } = await sdk.ecs.send(new DescribeTasksCommand({ cluster: CLUSTER, tasks: taskArns }));
      return tasks[0]?.lastStatus === "STOPPED" && tasks[0].containers?.map(({ exitCode }) => exitCode);
    });
    assert.deepEqual(codes, [0, 0]);
    const lines = await logLines();
    for (const expected of [/sealing \/data\/in\//, /"worker stopped"/]) assert.match(lines, expected);
    assert.equal((await containers()).trim(), "");
  });

  it("ends with the cloud, and leaves nothing", async () => {
    await sdk.ecs.send(new RunTaskCommand({ cluster: CLUSTER, taskDefinition: "pw-seal-seal" }));
    await eventually("its container runs", async () => (await containers()) !== "");
    daemon.kill();
    assert.deepEqual(await daemon.ended, [0, null]);
    assert.equal((await containers()).trim(), "");
  });

  const logLines = async () => {
    const { events = [] } = await sdk.logs.send(new FilterLogEventsCommand({ logGroupName: "/pipewright/seal/seal" }));
    return events.map(({ message }) => message).join("\n");
  };
});

/** What this machine's `sh` and `cat` need, and nothing else. */
async function makeImage(onEngine: (...args: string[]) => Promise<string>): Promise<void> {
  const root = join(folder, "root");
  for (const path of ["/bin/sh", "/bin/cat"]) {
    const libraries = (await call("ldd", [path], quiet)).match(/\/\S+/g) ?? [];
    for (const file of [path, ...libraries]) {
      await mkdir(dirname(join(root, file)), { recursive: true });
      await cp(file, join(root, file), { dereference: true });
    }
  }
  for (const name of ["etc", "tmp"]) await mkdir(join(root, name), { recursive: true });
  await writeFile(join(root, "etc/seal"), `${SEAL}\n`);
  await writeFile(join(root, "bin/seal"), SCRIPT);
  await chmod(join(root, "bin/seal"), 0o755);
  await call("tar", ["-C", root, "-cf", join(folder, "root.tar"), "."], quiet);
  await onEngine("import", join(folder, "root.tar"), IMAGE);
}

async function writePipeline(pipelines: string): Promise<void> {
  const algorithm = {
    name: "seal",
    container_name: IMAGE,
    run_command: "/bin/seal $input $output",
    input_file_path: "/data/in",
    output_file_path: "/data/out",
    memory: { minimal: 64, suggested: 128 },
  };
  const workflow = {
    input_s3_name: "seal-input",
    output_s3_name: "seal-output",
    process: { type: "single_run", algorithms: [{ name: "seal" }] },
    output: { key: "{dir}/{stem}-sealed.txt" },
  };
  await mkdir(join(pipelines, "algorithms"), { recursive: true });
  await writeFile(join(pipelines, "algorithms/seal.json"), JSON.stringify(algorithm));
  await writeFile(join(pipelines, "seal.json"), JSON.stringify(workflow));
}
