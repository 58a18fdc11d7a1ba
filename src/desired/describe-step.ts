/** Writes down a step for those who run it. */
import { keyOf } from "../core/resource.ts";
import { specHash } from "../core/spec-hash.ts";
import { instanceType, registeredMemoryMiB } from "../workflow/instance-types.ts";
import type { Workflow } from "../workflow/workflow.ts";
import { queueUrl } from "./arns.ts";
import type { Link } from "./chain.ts";
import type { Declare } from "./declare.ts";
import type { Facts } from "./facts.ts";
import { launchTemplateSpec } from "./launch-template.ts";
import { shareOf } from "./share.ts";
import type { StepDescription } from "./step-description.ts";
import { cpuUnits, taskDefinitionSpec, taskSize } from "./task-definition.ts";

/** One task serves many files, and to start one takes as long as several small files; how long a file takes, nobody knows. */
const FILES_PER_TASK = 4;

export function describeStep(workflow: Workflow, link: Link, declare: Declare, facts: Facts): StepDescription {
  const description = described(workflow, link, declare, facts);
  const instanceTags = declare.tagsFor(keyOf("launch-template", link.names.launchTemplate));
  const madeFrom = [taskDefinitionSpec(workflow, link, facts), launchTemplateSpec(workflow, link, instanceTags)];
  return { ...description, generation: specHash([description, madeFrom]) };
}

function described(
  workflow: Workflow,
  link: Link,
  declare: Declare,
  facts: Facts,
): Omit<StepDescription, "generation"> {
  const { step, names } = link;
  const { compute } = workflow;
  const queue = (name: string) => ({ name, url: queueUrl(name, facts) });
  const type = instanceType(step.instanceType);
  return {
    version: 1,
    owner: facts.owner,
    workflow: workflow.name,
    step: step.name,
    index: step.index,
    algorithm: step.algorithm.name,
    image: step.algorithm.image,
    cluster: compute.cluster,
    share: shareOf(workflow),
    input: { bucket: link.inputBucket, ...link.filter },
    output: { bucket: link.outputBucket, key: workflow.output.key },
    queue: queue(names.queue),
    deadLetters: queue(names.deadLetters),
    undelivered: queue(names.undelivered),
    task: {
      family: names.family,
      ...taskSize(link),
      ports: step.ports.map(({ port, protocol }) => ({ port, protocol })),
      logGroup: names.taskLogs,
      filesPerTask: FILES_PER_TASK,
      max: compute.maxTasks,
      tags: declare.tagsFor(keyOf("task-definition", names.family)),
    },
    instances: {
      launchTemplate: names.launchTemplate,
      type: step.instanceType,
      memoryMiB: type ? registeredMemoryMiB(type.memoryMiB) : null,
      cpuUnits: type ? cpuUnits(type.vcpu) : null,
      gpus: type?.gpus ?? null,
      max: compute.maxInstances,
      idleMinutes: compute.idleMinutes,
      spot: compute.spot,
      subnets: [...compute.subnets],
    },
  };
}
