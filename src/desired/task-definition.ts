/**
 * The task of a step: the algorithm's image as it is, with the worker put in from outside. A first container unpacks the
 * worker into a folder of the instance; the algorithm's container sees that folder read-only and starts the worker from
 * it with the loader and the libraries that came along, so that it does not matter what the image holds.
 */
import type { WithRefs } from "../core/resource.ts";
import type { TaskDefinitionSpec } from "../kinds/task-definition.ts";
import { type Architecture, imageKind, taskMemoryMiB, WORKER_MEMORY_MIB } from "../workflow/instance-types.ts";
import type { Workflow } from "../workflow/workflow.ts";
import { arnsOf, queueUrl } from "./arns.ts";
import type { Link } from "./chain.ts";
import type { Facts } from "./facts.ts";
import { controlBucket, executionRole, taskRole, workerKey } from "./names.ts";
import { toEnvironment } from "./worker-environment.ts";

export const ALGORITHM_CONTAINER = "algorithm";
export const INIT_CONTAINER = "worker";

/** How `worker/<version>.tgz` is laid out: a folder for each architecture, with all that a worker needs. */
export const WORKER_BUNDLE: Readonly<Record<Architecture, { folder: string; loader: string }>> = {
  x86_64: { folder: "x64", loader: "ld-linux-x86-64.so.2" },
  arm64: { folder: "arm64", loader: "ld-linux-aarch64.so.1" },
};
/** In that folder: `node`, `worker.mjs`, and the libraries in `lib`. */
const WORKER_FILE = "worker.mjs";

/** On the instance; one folder per version below it. */
const HOST_FOLDER = "/var/lib/pipewright";
/** Where the first container sees that folder. */
const HOST_FOLDER_MOUNT = "/host";
/** Where the algorithm's container sees the worker, and where a wrapped image holds it. */
export const WORKER_AT = "/pw";

/** Starts the worker with its own loader and libraries, whatever the image holds. */
export const workerEntryPoint = (architecture: Architecture): string[] => [
  `${WORKER_AT}/${WORKER_BUNDLE[architecture].loader}`,
  ...["--library-path", `${WORKER_AT}/lib`],
  ...[`${WORKER_AT}/node`, `${WORKER_AT}/${WORKER_FILE}`],
];

const CPU_UNITS_PER_VCPU = 1024;
/** The least that Docker reserves. It is part of the worker's share: the container ends before the algorithm starts. */
const INIT_RESERVATION_MIB = 6;
const INIT_MEMORY_MIB = 512;
/** Of the 120 s that a Spot warning leaves, ten are for the way from the warning to the signal. */
const STOP_TIMEOUT_SECONDS = 110;
const INIT_STOP_TIMEOUT_SECONDS = 30;

/** What ECS takes into account when it places the task. */
export const taskSize = ({ step }: Pick<Link, "step">) => ({
  memoryMiB: step.memoryReservationMiB + WORKER_MEMORY_MIB,
  cpuUnits: cpuUnits(step.cpu),
  /** A GPU that no container asks for is seen by none (ECS Developer Guide, "Specifying GPUs in a task definition"). */
  gpus: imageKind(step.instanceType).gpu ? 1 : 0,
});

export function taskDefinitionSpec(
  workflow: Workflow,
  link: Link,
  facts: Facts,
): WithRefs<Omit<TaskDefinitionSpec, "tags">> {
  const arns = arnsOf(facts);
  const { architecture } = imageKind(link.step.instanceType);
  return {
    taskRoleArn: arns.role(taskRole(workflow.name, facts)),
    executionRoleArn: arns.role(executionRole(facts)),
    networkMode: "bridge",
    architecture: architecture === "arm64" ? "ARM64" : "X86_64",
    containers: [initContainer(link, architecture, facts), algorithmContainer(workflow, link, architecture, facts)],
    volumes: {
      host: HOST_FOLDER,
      worker: `${HOST_FOLDER}/worker-${facts.workerVersion}/${WORKER_BUNDLE[architecture].folder}`,
    },
  };
}

type Container = WithRefs<TaskDefinitionSpec["containers"][number]>;

/**
 * Two tasks may start on an instance at the same time, so the bundle is unpacked aside and moved into place in one step;
 * who comes second throws its own copy away. A folder that lacks the worker would be in the way of that move for ever, so
 * it is emptied: the move replaces an empty folder. The shell goes into the very folder that it empties, because by its
 * name it could hit the whole one that another task has just moved there. The AWS CLI's image has no `tar`, but it has
 * Python.
 */
const UNPACK = [
  "set -eu",
  'if [ ! -e "$FOLDER/$NEEDED" ]; then',
  '  stage=$(mktemp -d "$(dirname "$FOLDER")/unpack.XXXXXX")',
  `  trap 'rm -rf "$stage" "$stage.tgz"' EXIT`,
  '  chmod 755 "$stage"',
  '  aws s3 cp --only-show-errors "$BUNDLE" "$stage.tgz"',
  "  if command -v tar > /dev/null && command -v gzip > /dev/null; then",
  '    tar -xzf "$stage.tgz" -C "$stage" --no-same-owner',
  "  else",
  "    python=$(command -v python3 || command -v python)",
  '    "$python" -c "import sys, tarfile; tarfile.open(sys.argv[1]).extractall(sys.argv[2])" "$stage.tgz" "$stage"',
  "  fi",
  '  (cd "$FOLDER" 2> /dev/null && [ ! -e "$NEEDED" ] && rm -rf ./* ./.[!.]*) || true',
  '  mv -T "$stage" "$FOLDER" 2> /dev/null || true',
  "fi",
  'test -e "$FOLDER/$NEEDED" || { echo "the bundle $BUNDLE holds no $NEEDED" >&2; exit 1; }',
].join("\n");

function initContainer(link: Link, architecture: Architecture, facts: Facts): Container {
  return {
    name: INIT_CONTAINER,
    image: facts.initImage,
    essential: false,
    entryPoint: ["sh", "-c"],
    command: [UNPACK],
    cpu: 0,
    memory: INIT_MEMORY_MIB,
    memoryReservation: INIT_RESERVATION_MIB,
    gpus: 0,
    environment: {
      // ECS tells tasks on EC2 instances no region.
      AWS_REGION: facts.region,
      AWS_DEFAULT_REGION: facts.region,
      BUNDLE: `s3://${controlBucket(facts)}/${workerKey(facts.workerVersion)}`,
      FOLDER: `${HOST_FOLDER_MOUNT}/worker-${facts.workerVersion}`,
      NEEDED: `${WORKER_BUNDLE[architecture].folder}/${WORKER_FILE}`,
    },
    portMappings: [],
    mountPoints: [{ sourceVolume: "host", containerPath: HOST_FOLDER_MOUNT, readOnly: false }],
    dependsOn: [],
    privileged: false,
    initProcess: false,
    stopTimeout: INIT_STOP_TIMEOUT_SECONDS,
    logs: { group: link.names.taskLogs, region: facts.region, streamPrefix: INIT_CONTAINER },
    repositoryCredentials: null,
  };
}

function algorithmContainer(workflow: Workflow, link: Link, architecture: Architecture, facts: Facts): Container {
  const { step } = link;
  return {
    name: ALGORITHM_CONTAINER,
    image: step.algorithm.image,
    essential: true,
    entryPoint: workerEntryPoint(architecture),
    command: [],
    cpu: cpuUnits(step.cpu),
    memory: taskMemoryMiB(step.memoryMiB),
    memoryReservation: step.memoryReservationMiB + WORKER_MEMORY_MIB - INIT_RESERVATION_MIB,
    gpus: taskSize(link).gpus,
    environment: { AWS_REGION: facts.region, ...workerEnvironment(workflow, link, facts) },
    // The same port outside as inside, so that people find it: such a step has one task per instance.
    portMappings: step.ports.map(({ port, protocol }) => ({ containerPort: port, hostPort: port, protocol })),
    mountPoints: [{ sourceVolume: "worker", containerPath: WORKER_AT, readOnly: true }],
    dependsOn: [{ containerName: INIT_CONTAINER, condition: "SUCCESS" }],
    privileged: false,
    // The worker serves many files: what an algorithm's processes leave behind would fill the container with zombies.
    initProcess: true,
    stopTimeout: STOP_TIMEOUT_SECONDS,
    logs: { group: link.names.taskLogs, region: facts.region, streamPrefix: ALGORITHM_CONTAINER },
    repositoryCredentials: step.algorithm.registryCredentials ?? null,
  };
}

function workerEnvironment(workflow: Workflow, link: Link, facts: Facts): Record<string, string> {
  const { algorithm } = link.step;
  return toEnvironment({
    workflow: workflow.name,
    step: link.step.name,
    algorithm: algorithm.name,
    image: algorithm.image,
    inputBucket: link.inputBucket,
    outputBucket: link.outputBucket,
    outputKey: workflow.output.key,
    queueUrl: queueUrl(link.names.queue, facts),
    deadLettersUrl: queueUrl(link.names.deadLetters, facts),
    command: [...algorithm.command],
    inputPath: algorithm.inputPath,
    outputPath: algorithm.outputPath,
    variables: { ...link.step.variables },
    visibilitySeconds: workflow.queue.visibilitySeconds,
    maxReceives: workflow.queue.maxReceives,
    timeoutMinutes: workflow.timeoutMinutes,
    successExitCodes: [...algorithm.successExitCodes],
    retryExitCodes: algorithm.retryExitCodes === "rest" ? "rest" : [...algorithm.retryExitCodes],
    failExitCodes: [...algorithm.failExitCodes],
  });
}

/** vCPUs in the units of ECS. */
export const cpuUnits = (vcpu: number): number => Math.round(vcpu * CPU_UNITS_PER_VCPU);
