/** What a workflow becomes on AWS, over and above the foundation that all workflows share. */
import { type Desired, type Key, keyOf } from "../core/resource.ts";
import type { Workflow } from "../workflow/workflow.ts";
import { bucketSpec } from "./bucket.ts";
import { chain, intermediates, type Link } from "./chain.ts";
import { type Declare, declaring } from "./declare.ts";
import { describeStep } from "./describe-step.ts";
import type { Facts } from "./facts.ts";
import { taskRole } from "./names.ts";
import { type TaskPolicyOf, taskPolicy, taskTrust } from "./policies.ts";
import { notification, stepResources } from "./step.ts";
import type { StepDescription } from "./step-description.ts";

export function compile(workflow: Workflow, facts: Facts): Desired[] {
  const declare = declaringOf(workflow, facts);
  const links = chain(workflow, facts);
  return [
    ...givenThings(workflow, declare),
    taskRoleOf(workflow, links, declare, facts),
    ...buckets(workflow, links, declare, facts),
    ...stepsAndNotifications(workflow, links, declare, facts),
  ];
}

/** Its steps, in their order, as they are written down for those who run them. */
export function describeSteps(workflow: Workflow, facts: Facts): StepDescription[] {
  const declare = declaringOf(workflow, facts);
  return chain(workflow, facts).map((link) => describeStep(workflow, link, declare, facts));
}

const declaringOf = ({ adopt, name, onDelete, tags }: Workflow, { owner }: Facts): Declare =>
  declaring({ owner, workflow: name, onDelete, userTags: tags }, adopt);

/** Things of a person's that must be there before anything is written. */
function givenThings({ keyPair, compute }: Workflow, declare: Declare): Desired[] {
  const vpc = compute.securityGroups.length > 0 ? "any" : "default";
  return [
    ...(keyPair === undefined ? [] : [declare.plain("key-pair", keyPair, {}, { claim: "verify" })]),
    ...[...new Set(compute.subnets)].map((id) => declare.plain("subnet", id, { vpc }, { claim: "verify" })),
  ];
}

function taskRoleOf(workflow: Workflow, links: readonly Link[], declare: Declare, facts: Facts): Desired {
  return declare.tagged("role", taskRole(workflow.name, facts), {
    path: "/",
    trust: taskTrust(facts),
    inline: { Task: taskPolicy(taskPolicyOf(workflow, links), facts) },
    attached: [],
  });
}

/** What the tasks of a workflow work with. */
export function taskPolicyOf(workflow: Workflow, links: readonly Link[]): TaskPolicyOf {
  const given = [workflow.inputBucket, workflow.outputBucket];
  return {
    inputs: links.map((link) => link.inputBucket),
    outputs: links.map((link) => link.outputBucket),
    // Those that we make, or take over, are encrypted without a key of KMS.
    foreignKeys: given.filter((name) => !workflow.adopt.includes(keyOf("bucket", name))),
    queues: links.map((link) => link.names.queue),
    deadLetters: links.map((link) => link.names.deadLetters),
  };
}

/** The user's buckets may be there already, and are then used as they are; those between the steps are ours alone. */
function buckets(workflow: Workflow, links: readonly Link[], declare: Declare, facts: Facts): Desired[] {
  const given = [workflow.inputBucket, workflow.outputBucket];
  return [
    ...given.map((name) => declare.tagged("bucket", name, bucketSpec(name, facts), { claim: "use" })),
    ...intermediates(links).map((name) => declare.tagged("bucket", name, bucketSpec(name, facts))),
  ];
}

/**
 * A step's notification comes last, and after the notification of the step behind it: else the first results would lie in
 * a bucket that nobody waits at yet.
 */
function stepsAndNotifications(workflow: Workflow, links: readonly Link[], declare: Declare, facts: Facts): Desired[] {
  const resources = links.map((link) => stepResources(workflow, link, declare, facts));
  const notifications = links.map((link, index) => {
    const next = links[index + 1];
    const before: Key[] = next ? [keyOf("notification", next.inputBucket)] : [];
    return notification(link, [...resources[index]!.map((one) => one.key), ...before], declare, facts);
  });
  return [...resources.flat(), ...notifications];
}
