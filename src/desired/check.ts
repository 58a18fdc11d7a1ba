/** What of a good file does not go with this account and region: found before anything is written, without asking AWS. */
import { needlessEntries } from "../core/plan.ts";
import { type Path, pathText } from "../workflow/document.ts";
import type { Problem } from "../workflow/problem.ts";
import type { Workflow } from "../workflow/workflow.ts";
import { chain } from "./chain.ts";
import { compile, taskPolicyOf } from "./compile.ts";
import type { Facts } from "./facts.ts";
import { INLINE_POLICY_MOST, policyLength, taskPolicy } from "./policies.ts";

/** Rules that point inwards in one security group, IPv4 and IPv6 apart (VPC User Guide, "Amazon VPC quotas"). */
const INGRESS_RULES_MOST = 60;

export function checkAgainst(workflow: Workflow, facts: Facts): Problem[] {
  return [
    ...checkAccount(workflow, facts),
    ...checkRegion(workflow, facts),
    ...checkPolicy(workflow, facts),
    ...checkIngress(workflow),
  ];
}

/** An entry of `ignore` that no resource of the workflow has a field for is misspelt, or was left over. */
export function noticesOf(workflow: Workflow, facts: Facts): Problem[] {
  if (workflow.ignore.length === 0) return [];
  return needlessEntries(workflow.ignore, compile(workflow, facts)).map((entry) => ({
    file: workflow.file,
    ...(workflow.places?.ignore ?? { line: 1, column: 1 }),
    path: "ignore",
    message: `has "${entry}", which names no field of any resource of this workflow; \`pipewright plan\` shows how they are spelt`,
    severity: "notice",
  }));
}

function checkAccount(workflow: Workflow, { account }: Facts): Problem[] {
  const { accountId } = workflow;
  if (accountId === undefined || accountId === account) return [];
  const message = `is ${accountId}, but the credentials belong to account ${account}; use credentials of ${accountId}, or correct account_id`;
  return [problem(workflow, ["account_id"], message)];
}

function checkRegion(workflow: Workflow, facts: Facts): Problem[] {
  const { region } = workflow;
  if (region === undefined || region === facts.region) return [];
  const message = `is ${region}, but Pipewright works in ${facts.region} here; run it with AWS_REGION=${region} for this file, or correct region`;
  return [problem(workflow, ["region"], message)];
}

/** The role of the tasks names every bucket and queue of the workflow. */
function checkPolicy(workflow: Workflow, facts: Facts): Problem[] {
  const length = policyLength(taskPolicy(taskPolicyOf(workflow, chain(workflow, facts)), facts));
  if (length <= INLINE_POLICY_MOST) return [];
  const message = `has ${workflow.steps.length} steps, whose names make a policy of ${length} characters; IAM takes ${INLINE_POLICY_MOST}: use fewer steps, or shorter names`;
  return [problem(workflow, ["process", "algorithms"], message)];
}

function checkIngress(workflow: Workflow): Problem[] {
  const { ingressCidrs, securityGroups } = workflow.compute;
  const ports = new Set(
    workflow.steps.flatMap((step) => step.ports.map(({ port, protocol }) => `${port}/${protocol}`)),
  );
  const ipv6 = ingressCidrs.filter((cidr) => cidr.includes(":")).length;
  const rules = ports.size * Math.max(ipv6, ingressCidrs.length - ipv6);
  if (securityGroups.length > 0 || rules <= INGRESS_RULES_MOST) return [];
  const message = `opens ${ports.size} ports to ${ingressCidrs.length} address blocks; a security group holds ${INGRESS_RULES_MOST} rules: name fewer, or security groups of your own`;
  return [problem(workflow, ["compute", "ingress_cidrs"], message)];
}

/** Where a field stands in the file is not known here: only what it means is. */
const problem = (workflow: Workflow, path: Path, message: string): Problem => ({
  file: workflow.file,
  line: 1,
  column: 1,
  path: pathText(path),
  message,
  severity: "error",
});
