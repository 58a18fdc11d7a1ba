/** What may stand in a workflow's `process`. */
import { z } from "zod";
import { algorithmName, cpu, instanceTypeName, memoryLimit, portNumber, protocol } from "./algorithm-schema.ts";
import { expected, group, list, oneOf } from "./fields.ts";

/** So many steps, ports and variables are checked one by one; a file with more is refused for that alone. */
export const MOST_VARIABLES = 100;
export const MOST_STEPS = 20;
export const MOST_PORTS = 50;

const variables = z
  .record(z.string(), z.unknown(), { error: expected("a group of variables in { }") })
  .superRefine((values, context) => {
    const entries = Object.entries(values);
    if (entries.length > MOST_VARIABLES) {
      context.addIssue({
        code: "custom",
        message: `has ${entries.length} variables; at most ${MOST_VARIABLES} are allowed`,
      });
    }
    for (const [name, value] of entries) {
      const message = variableProblem(value);
      if (message) context.addIssue({ code: "custom", path: [name], message });
    }
  })
  .meta({
    description: "Environment of the algorithm: values of variables that it declares. Texts, numbers, true or false.",
    additionalProperties: { type: ["string", "number", "boolean"] },
    maxProperties: MOST_VARIABLES,
    examples: [{ TEST_ENV: "blah" }],
  });

export const publishedPort = z
  .union([portNumber, z.strictObject({ port: portNumber, protocol })], {
    error: expected('a port number from 1 to 65535, or a port such as { "port": 9090, "protocol": "tcp" }'),
  })
  .meta({ description: "A port that the algorithm declares; a number alone means each of its protocols." });

export const usedAlgorithm = group(
  {
    name: algorithmName,
    port: list(publishedPort, {
      description: "Container ports to publish. Who may reach them is said in `compute.ingress_cidrs`.",
      rule: "a list of ports",
      max: MOST_PORTS,
    }).default([]),
    variables: variables.default({}),
    instance_type: instanceTypeName
      .meta({ description: "EC2 instance type for this step, instead of the workflow's or the algorithm's." })
      .optional(),
    memory: memoryLimit
      .meta({ description: "The most memory for this step, in MiB, instead of the algorithm's `memory.suggested`." })
      .optional(),
    cpu: cpu
      .meta({ description: "vCPUs for this step, from 0.125 to 192, instead of the algorithm's `CPU`." })
      .optional(),
  },
  "One step.",
);

export const processGroup = group(
  {
    type: oneOf(["single_run", "sequence_run"], "`single_run`: one algorithm; `sequence_run`: one or more, in order."),
    algorithms: list(usedAlgorithm, {
      description: "The algorithms; in a sequence, the result of one is the input of the next.",
      rule: "a list of algorithms",
      max: MOST_STEPS,
    }).min(1, { error: "is empty; name at least one algorithm" }),
  },
  "What is done with each file.",
);

/** What is wrong with a variable's value; undefined for a good one. ECS takes 64 KiB for a whole task definition. */
function variableProblem(value: unknown): string | undefined {
  if (typeof value === "string" && value.length > 4096)
    return "must have at most 4,096 characters; put more into a file";
  if (["string", "number", "boolean"].includes(typeof value)) return undefined;
  return expected("a text, a number, true or false", "blah")({ input: value });
}
