/**
 * Both functions and the worker do their work under exactly the policies that the reconciler writes: with any one statement
 * gone, or any one action of a statement, something is refused and does not happen; with all of them, nothing is.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { DeleteAlarmsCommand, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { GetObjectCommand, ListMultipartUploadsCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { ReceiveMessageCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import {
  CONTROL,
  createPermits,
  OUTPUT,
  type Part,
  type PolicyName,
  partsOf,
  QUEUE,
  ROLES,
  titleOf,
  until,
} from "./permissions.ts";
import { localOnly } from "./world.ts";

/** What is missing, and what of it is seen. */
interface Case extends Part {
  /** The operation that is refused, `service:operation`. Left out: none, the service itself acts in the role's name. */
  readonly call?: string;
  /** The action that the refusal names, where it is another than the operation's. */
  readonly names?: string;
}

const WORKER_KEY = "worker/0.1.0.tgz";

/** By what the function or the worker is doing when it is missing. */
const CASES = {
  launch: [
    { sid: "SendMessages", action: "sqs:GetQueueAttributes", call: "sqs:GetQueueAttributes" },
    { sid: "ReadSteps", call: "s3:GetObject" },
    { sid: "ListSteps", call: "s3:ListObjectsV2" },
    { sid: "KeepLeaseAndFailures", call: "s3:PutObject" },
    { sid: "KeepLeaseAndFailures", action: "s3:PutObject", call: "s3:PutObject" },
    { sid: "KeepLeaseAndFailures", action: "s3:GetObject", call: "s3:GetObject" },
    { sid: "ListTasks", call: "ecs:ListTasks" },
    { sid: "ListAndRemoveContainerInstances", call: "ecs:ListContainerInstances" },
    {
      sid: "ListAndRemoveContainerInstances",
      action: "ecs:ListContainerInstances",
      call: "ecs:ListContainerInstances",
    },
    { sid: "SeeInstances", call: "ec2:DescribeInstances" },
    { sid: "SeeInstances", action: "ec2:DescribeInstances", call: "ec2:DescribeInstances" },
    { sid: "SeeInstances", action: "ec2:DescribeSubnets", call: "ec2:DescribeSubnets" },
    { sid: "SeeInstances", action: "ec2:DescribeLaunchTemplates", call: "ec2:DescribeLaunchTemplates" },
    { sid: "LaunchFromOurTemplates", call: "ec2:RunInstances", names: "ec2:RunInstances" },
    { sid: "LaunchWith", call: "ec2:RunInstances", names: "ec2:RunInstances" },
    { sid: "TagWhatIsLaunched", call: "ec2:RunInstances", names: "ec2:CreateTags" },
    { sid: "FindMachineImage", call: "ec2:RunInstances", names: "ssm:GetParameters" },
    { sid: "PassInstanceRole", call: "ec2:RunInstances", names: "iam:PassRole" },
  ],
  guard: [
    { sid: "SeeShutdownAlarms", call: "cloudwatch:DescribeAlarms" },
    { sid: "KeepShutdownAlarms", call: "cloudwatch:PutMetricAlarm" },
    { sid: "KeepShutdownAlarms", action: "cloudwatch:PutMetricAlarm", call: "cloudwatch:PutMetricAlarm" },
    { sid: "KeepShutdownAlarms", action: "cloudwatch:TagResource", call: "cloudwatch:PutMetricAlarm" },
  ],
  start: [
    { sid: "RunTasks", call: "ecs:RunTask", names: "ecs:RunTask" },
    { sid: "TagTasks", call: "ecs:RunTask", names: "ecs:TagResource" },
    { sid: "PassTaskRoles", call: "ecs:RunTask", names: "iam:PassRole" },
    { sid: "WatchAndDrainContainerInstances", call: "ecs:DescribeContainerInstances" },
    {
      sid: "WatchAndDrainContainerInstances",
      action: "ecs:DescribeContainerInstances",
      call: "ecs:DescribeContainerInstances",
    },
  ],
  work: [
    { sid: "ListBuckets", call: "s3:HeadObject" },
    { sid: "ReadFiles", call: "s3:HeadObject" },
    { sid: "ReadFiles", action: "s3:GetObjectVersion", call: "s3:GetObject", names: "s3:GetObjectVersion" },
    { sid: "ReadFiles", action: "s3:GetObject", call: "s3:HeadObject" },
    { sid: "WriteResults", call: "s3:PutObject", names: "s3:PutObject" },
    { sid: "WriteResults", action: "s3:PutObject", call: "s3:PutObject", names: "s3:PutObject" },
    { sid: "UseKeysOfBuckets", call: "s3:GetObject", names: "kms:Decrypt" },
    { sid: "UseKeysOfBuckets", action: "kms:Decrypt", call: "s3:GetObject", names: "kms:Decrypt" },
    { sid: "UseKeysOfBuckets", action: "kms:GenerateDataKey", call: "s3:PutObject", names: "kms:GenerateDataKey" },
  ],
  enqueue: [
    { sid: "SendMessages", call: "sqs:SendMessageBatch", names: "sqs:SendMessage" },
    { sid: "SendMessages", action: "sqs:SendMessage", call: "sqs:SendMessageBatch", names: "sqs:SendMessage" },
  ],
  evacuate: [
    { sid: "WatchAndStopTasks", call: "ecs:DescribeTasks" },
    { sid: "WatchAndStopTasks", action: "ecs:DescribeTasks", call: "ecs:DescribeTasks" },
    { sid: "WatchAndStopTasks", action: "ecs:StopTask", call: "ecs:StopTask", names: "ecs:StopTask" },
  ],
  end: [{ sid: "EndOurInstances", call: "ec2:TerminateInstances", names: "ec2:TerminateInstances" }],
} as const satisfies Readonly<Record<string, readonly Case[]>>;

/** Each of these is a test of its own kind, below. */
const OTHERS: readonly Part[] = [
  { sid: "WriteLogs" },
  { sid: "WriteLogs", action: "logs:CreateLogStream" },
  { sid: "WriteLogs", action: "logs:PutLogEvents" },
  { sid: "NudgeScaler" },
  { sid: "WatchAndDrainContainerInstances", action: "ecs:UpdateContainerInstancesState" },
  { sid: "ListAndRemoveContainerInstances", action: "ecs:DeregisterContainerInstance" },
  { sid: "KeepShutdownAlarms", action: "cloudwatch:DeleteAlarms" },
  { sid: "WriteResults", action: "s3:AbortMultipartUpload" },
  { sid: "TakeMessages" },
  { sid: "TakeMessages", action: "sqs:ReceiveMessage" },
  { sid: "TakeMessages", action: "sqs:DeleteMessage" },
  { sid: "TakeMessages", action: "sqs:ChangeMessageVisibility" },
  { sid: "HandOnMessages" },
  { sid: "ReadWorker" },
];

test("functions and worker need every statement of their policies", { skip: localOnly }, async (t) => {
  const permits = await createPermits(t);
  const { sdk, cloud, written, without, refused, lines, scale, upload, hasResult, emptyQueue, queueUrl } = permits;
  const { member, setState, tasks, instances, freeLease, loseAgent, sendMessage } = permits;
  const QueueUrl = queueUrl(QUEUE);

  /** A test for each case: with the part gone, the work is refused, and what it is for does not come about. */
  const each = async (
    name: PolicyName,
    cases: readonly Case[],
    work: (one: Case) => Promise<void>,
    isUndone: (one: Case) => Promise<boolean>,
  ) => {
    for (const one of cases) {
      await t.test(`without ${titleOf(one)} in ${name}`, async () => {
        const before = new Set(await lines());
        await without(name, one, async () => {
          await work(one);
          await until(`${one.call} is refused`, () => refused().includes(one.call!));
          const says = `is not authorized to perform: ${one.names} `;
          const isSaid = async () => (await lines()).some((line) => line.includes(says) && !before.has(line));
          if (one.names) await until(`a log says ${says}`, isSaid);
          assert.ok(await isUndone(one), "what it is for does not happen");
        });
      });
    }
  };

  await t.test("each statement, and each action of those with several, has its test", () => {
    const tested = [...Object.values(CASES).flat(), ...OTHERS].map(titleOf);
    const needed = (Object.keys(ROLES) as PolicyName[]).flatMap((name) => partsOf(written[name]));
    assert.deepEqual(
      needed.map(titleOf).filter((title) => !tested.includes(title)),
      [],
    );
  });

  /** Of two runs at the same time one does nothing, so that the next may have to do it. */
  const scaleUntilRefused =
    (event?: object) =>
    ({ call = "" }: Case) =>
      until(`${call} is refused`, async () => {
        await scale(event);
        return refused().includes(call);
      });

  await sendMessage("waits.txt");
  await freeLease();
  await each("LambdaExec", CASES.launch, scaleUntilRefused(), async () => (await instances()).length === 0);

  await scale();
  const [instanceId = ""] = await instances();
  const AlarmNames = [`${instanceId}-shutdown`];
  const isGuarded = async () => {
    const { MetricAlarms = [] } = await sdk.cloudwatch.send(new DescribeAlarmsCommand({ AlarmNames }));
    return MetricAlarms.length > 0;
  };
  assert.ok(await isGuarded());
  // Without work, no task starts as soon as the instance is there.
  await emptyQueue();
  await sdk.cloudwatch.send(new DeleteAlarmsCommand({ AlarmNames }));
  await each("LambdaExec", CASES.guard, scaleUntilRefused(), async () => !(await isGuarded()));

  await until("the instance has joined", async () => (await member())?.status === "ACTIVE");
  await sendMessage("waits.txt");
  await each("LambdaExec", CASES.start, scaleUntilRefused(), async () => (await tasks()).length === 0);

  await scale();
  await until("a worker runs", () => cloud.runningTasks().length > 0);
  let number = 0;
  const nextKey = () => {
    number += 1;
    return `file-${number}.txt`;
  };
  let key = "";
  const uploadOne = async () => {
    key = nextKey();
    await upload(key, "some text");
  };
  const comesBack = async () => {
    await uploadOne();
    await until("the result is there", () => hasResult(key));
  };
  await comesBack();
  await each("Task", CASES.work, uploadOne, async () => !(await hasResult(key)));

  const seesRefused = (call: string) => until(`${call} is refused`, () => refused().includes(call));
  await t.test("without WriteResults, s3:AbortMultipartUpload in Task", async () => {
    await without("Task", { sid: "WriteResults", action: "s3:AbortMultipartUpload" }, async () => {
      cloud.faults.add({ kind: "denied", operation: "UploadPart" });
      await upload(nextKey(), Buffer.alloc(9 * 1024 ** 2));
      await seesRefused("s3:AbortMultipartUpload");
      cloud.faults.clear();
      const { Uploads = [] } = await sdk.s3.send(new ListMultipartUploadsCommand({ Bucket: OUTPUT }));
      assert.ok(Uploads.length > 0, "the parts stay");
    });
  });
  await t.test("without HandOnMessages in Task", async () => {
    await without("Task", { sid: "HandOnMessages" }, async () => {
      await sdk.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "none of ours" }));
      await seesRefused("sqs:SendMessage");
      const letters = await sdk.sqs.send(
        new ReceiveMessageCommand({ QueueUrl: queueUrl(`${QUEUE}-dead-letters`), WaitTimeSeconds: 0 }),
      );
      assert.equal(letters.Messages, undefined);
    });
  });
  for (const action of [undefined, "sqs:DeleteMessage", "sqs:ReceiveMessage", "sqs:ChangeMessageVisibility"] as const) {
    const part = { sid: "TakeMessages", ...(action && { action }) };
    await t.test(`without ${titleOf(part)} in Task`, async () => {
      await comesBack();
      await without("Task", part, async () => {
        await upload(nextKey(), action === "sqs:ChangeMessageVisibility" ? "slow" : "quick");
        // Without any of it, whichever the worker asks next.
        const isRefused = () => refused().some((call) => (action ? call === action : call.startsWith("sqs:")));
        await until("it is refused", isRefused);
      });
    });
  }
  await t.test("without ReadWorker in Task", async () => {
    // What the task's first container does, with the task's keys.
    await sdk.s3.send(new PutObjectCommand({ Bucket: CONTROL, Key: WORKER_KEY, Body: "the worker" }));
    const credentials = cloud.credentialsOf(`arn:aws:iam::123456789012:role/${ROLES.Task.RoleName}`, "task");
    const s3 = new S3Client({ endpoint: cloud.endpoint, region: "us-east-1", forcePathStyle: true, credentials });
    const fetchWorker = () => s3.send(new GetObjectCommand({ Bucket: CONTROL, Key: WORKER_KEY }));
    await fetchWorker();
    await without("Task", { sid: "ReadWorker" }, () => assert.rejects(fetchWorker(), { name: "AccessDenied" }));
    s3.destroy();
  });

  await comesBack();
  await each("LambdaExec", CASES.enqueue, uploadOne, async () => !(await hasResult(key)));
  // Lambda delivers its events again.
  await cloud.advance(200_000);
  await t.test("without NudgeScaler in LambdaExec", async () => {
    await without("LambdaExec", { sid: "NudgeScaler" }, async () => {
      // A warm enqueuer nudges no more than every ten seconds.
      await until("it nudges", async () => {
        await uploadOne();
        return refused().includes("lambda:Invoke");
      });
      const isSaid = /scaler not nudged.*is not authorized to perform: lambda:InvokeFunction/;
      await until("it says so", async () => (await lines()).some((line) => isSaid.test(line)));
    });
  });
  for (const action of [undefined, "logs:CreateLogStream", "logs:PutLogEvents"] as const) {
    const part = { sid: "WriteLogs", ...(action && { action }) };
    await t.test(`without ${titleOf(part)} in LambdaExec`, async () => {
      const runs = async () => (await lines()).filter((line) => line.includes('"message":"run"')).length;
      await cloud.settled();
      const before = await runs();
      await without("LambdaExec", part, () => scale().then());
      assert.equal(await runs(), before);
      await scale();
      assert.ok((await runs()) > before, "with it, a run is in the log");
    });
  }

  const warning = { "detail-type": "EC2 Spot Instance Interruption Warning", detail: { "instance-id": instanceId } };
  await comesBack();
  await each("LambdaExec", CASES.evacuate, scaleUntilRefused(warning), async () => {
    if ((await member())!.status === "DRAINING") await setState("ACTIVE");
    return cloud.runningTasks().length > 0;
  });
  await t.test("without WatchAndDrainContainerInstances, ecs:UpdateContainerInstancesState in LambdaExec", async () => {
    const part = { sid: "WatchAndDrainContainerInstances", action: "ecs:UpdateContainerInstancesState" };
    await without("LambdaExec", part, async () => {
      await scaleUntilRefused(warning)({ ...part, call: "ecs:UpdateContainerInstancesState" });
      assert.equal((await member())!.status, "ACTIVE");
    });
  });

  await t.test("with all of them nothing is refused, from the upload to the end of the instance", async () => {
    await emptyQueue();
    await setState("ACTIVE");
    await until("no task runs", async () => (await tasks()).length === 0);
    cloud.calls.clear();
    await upload("last.txt", "the last one");
    await until("the result is there", async () => {
      await scale();
      // A task that was stopped before it could say anything is not tried again at once.
      await cloud.advance(10_000);
      return hasResult("last.txt");
    });
    assert.deepEqual(refused(), []);
    for (const arn of cloud.runningTasks()) cloud.killTask(arn);
    await until("no task runs", async () => (await tasks()).length === 0);
  });

  // A run that an upload has nudged may come late: whenever the instance may be ended, the part is already gone.
  const endUntilRefused = async (one: Case) => {
    await setState("DRAINING");
    await scaleUntilRefused()(one);
    await setState("ACTIVE");
  };
  await each("LambdaExec", CASES.end, endUntilRefused, async () => (await instances()).length > 0);
  await t.test("without ListAndRemoveContainerInstances, ecs:DeregisterContainerInstance in LambdaExec", async (t) => {
    const part = { sid: "ListAndRemoveContainerInstances", action: "ecs:DeregisterContainerInstance" };
    await without("LambdaExec", part, async () => {
      loseAgent();
      await setState("DRAINING");
      await scaleUntilRefused()({ ...part, call: part.action });
      assert.deepEqual(await instances(), []);
      assert.equal((await member())!.status, "DRAINING", "ECS goes on listing it");
      await t.test("and without KeepShutdownAlarms, cloudwatch:DeleteAlarms in its place", async () => {
        const part = { sid: "KeepShutdownAlarms", action: "cloudwatch:DeleteAlarms" };
        await without("LambdaExec", part, async () => {
          await scaleUntilRefused()({ ...part, call: "cloudwatch:DeleteAlarms" });
          assert.deepEqual(await instances(), []);
          assert.ok(await isGuarded());
        });
      });
    });
    await scale();
    await until("with it, the alarm goes", async () => !(await isGuarded()));
  });
});
