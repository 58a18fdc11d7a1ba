/** What may stand in a workflow's `compute`. */
import { instanceTypeName } from "./algorithm-schema.ts";
import { cidrProblem } from "./cidr.ts";
import { checkedText, group, list, text, whole, yesOrNo } from "./fields.ts";

export const computeGroup = group(
  {
    cluster: text({
      description: "The ECS cluster; made when it does not exist.",
      rule: "1 to 255 letters, digits, hyphens and underscores",
      example: "pipewright",
      pattern: /^[A-Za-z0-9_-]{1,255}$/,
    }).default("pipewright"),
    instance_type: instanceTypeName
      .meta({
        description:
          "EC2 instance type of all steps that name none themselves. Empty: the algorithm's, else the cheapest that fits. Where the type has GPUs (NVIDIA), each task gets one of them to itself.",
      })
      .optional(),
    max_instances: whole({
      description: "The most EC2 instances of a step at a time: a brake on cost. A cluster takes 5,000.",
      unit: "instances",
      min: 1,
      max: 5000,
    }).default(4),
    max_tasks: whole({
      description: "The most tasks of a step at a time: a brake on cost.",
      unit: "tasks",
      min: 1,
      max: 5000,
    }).default(50),
    idle_minutes: whole({
      description: "An instance without a task for so long is ended.",
      unit: "minutes",
      min: 1,
      max: 1440,
    }).default(15),
    ingress_cidrs: list(
      checkedText({
        description: "An address block.",
        rule: "an address block",
        example: "203.0.113.0/24",
        problem: cidrProblem,
      }),
      { description: "Who may reach published ports. Empty: nobody.", rule: "a list of address blocks", max: 50 },
    ).default([]),
    spot: yesOrNo("Spot instances, falling back to on-demand ones.").default(false),
    subnets: list(
      text({
        description: "Id of a subnet.",
        rule: "the id of a subnet",
        example: "subnet-0123456789abcdef0",
        pattern: /^subnet-([0-9a-f]{8}|[0-9a-f]{17})$/,
      }),
      {
        description: "Subnets for the instances. Empty: those of the default VPC.",
        rule: "a list of subnet ids",
        max: 16,
      },
    ).default([]),
    security_groups: list(
      text({
        description: "Id of a security group.",
        rule: "the id of a security group",
        example: "sg-0123456789abcdef0",
        pattern: /^sg-([0-9a-f]{8}|[0-9a-f]{17})$/,
      }),
      // Five is what EC2 allows on a network interface unless the account has asked for more.
      {
        description: "Security groups of the instances. Empty: one of ours.",
        rule: "a list of security group ids",
        max: 5,
      },
    ).default([]),
  },
  "Where the algorithms run, and how much may run at a time.",
);
