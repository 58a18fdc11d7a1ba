/** What may stand in an algorithm file. */
import { z } from "zod";
import { checkedText, expected, group, list, oneOf, text, whole, yesOrNo } from "./fields.ts";
import { looksLikeInstanceType, nearestInstanceType } from "./instance-types.ts";

/** 24 TiB, the memory of the largest EC2 instance; Docker refuses less than 6 MiB. */
const MEMORY = { unit: "MiB", min: 6, max: 24 * 1024 * 1024 };

/**
 * Names of algorithms become part of file and resource names, hence no dots, slashes or spaces. With the two endings, a
 * step's own queue would have the name of another's dead letters or undelivered events.
 */
export const algorithmName = text({
  description:
    "How workflows name the algorithm. Must equal the name of its file: NAME.json, or NAME_info.json as `wrap` has always written it.",
  rule: "1 to 63 letters, digits, hyphens and underscores that begin with a letter or a digit and do not end in -dead-letters or -undelivered",
  example: "change123-s3",
  pattern: /^(?!.*-(dead-letters|undelivered)$)[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/,
});

export const portNumber = whole({
  description: "A port of the container.",
  min: 1,
  max: 65_535,
});

export const protocol = oneOf(["tcp", "udp"], "The port's protocol.");

/** The limits of a task on EC2 are 128 and 196,608 CPU units (Amazon ECS, "Task definition parameters", task size). */
export const cpu = z
  .number({ error: expected("a number of vCPUs from 0.125 to 192", 1) })
  .min(0.125, { error: expected("a number of vCPUs from 0.125 to 192", 1) })
  .max(192, { error: expected("a number of vCPUs from 0.125 to 192", 1) })
  .meta({ description: "Share of processors, in vCPUs, from 0.125 to 192.", examples: [1, 0.5] });

export const memoryLimit = whole({
  ...MEMORY,
  description: "The most memory that the algorithm may use; it is killed beyond. The worker's own memory comes on top.",
});

/** Empty, as in files of today's users, means unset. */
export const instanceTypeName = checkedText({
  description: "EC2 instance type to run on. Empty or left out: the cheapest on which memory and CPU fit.",
  rule: "an EC2 instance type, or empty",
  example: "m5.large",
  problem: (name) => {
    if (name === "" || looksLikeInstanceType(name)) return undefined;
    const meant = nearestInstanceType(name);
    return `is no EC2 instance type; ${meant ? `did you mean "${meant}"?` : 'write one such as "m5.large", or leave it empty'}`;
  },
});

const containerFolder = (description: string, example: string) =>
  checkedText({
    description,
    example,
    rule: "the absolute path of a folder inside the container",
    jsonSchema: { pattern: "^/", maxLength: 1024 },
    problem: (path) => {
      if (!path.startsWith("/")) return `must begin with a slash: ${JSON.stringify("/" + path)}`;
      if (path.split("/").includes("..")) return "must not climb with ..; write the folder's own path";
      if (/[\p{Cc}:]/u.test(path)) return "must hold neither colons nor control characters; rename the folder";
      return path.length > 1024 ? "must have at most 1,024 characters" : undefined;
    },
  });

const exitCode = whole({
  description: "An exit code of the algorithm.",

  min: 0,
  max: 255,
});
const exitCodes = (description: string) => list(exitCode, { description, rule: "a list of exit codes", max: 256 });

const variable = group(
  {
    name: text({
      description: "Name of the variable.",
      rule: "letters, digits and underscores that do not begin with a digit",
      example: "TEST_ENV",
      pattern: /^[A-Za-z_][A-Za-z0-9_]{0,254}$/,
    }),
    required: yesOrNo("Whether a workflow must set it.").default(false),
  },
  "A variable that a workflow may set.",
);

export const algorithmFile = z
  .strictObject(
    {
      $schema: z.string().meta({ description: "Where editors find this schema; not read otherwise." }).optional(),
      name: algorithmName,
      container_name: text({
        description: "Reference of the container image, used as it is written.",
        rule: "the reference of a container image",
        example: "wangyx2005/change123",
        // Registry with port, lower-case path, tag, digest; ECS takes at most 255 characters.
        pattern:
          /^(?=.{1,255}$)([A-Za-z0-9][A-Za-z0-9.-]*(:\d{1,5})?\/)?[a-z0-9]+([._-]+[a-z0-9]+)*(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@sha256:[0-9a-f]{64})?$/,
      }),
      system: z
        .string({ error: expected("the name of a system", "ubuntu") })
        .meta({ description: "The image's system. Kept for files that have it; not needed.", examples: ["ubuntu"] })
        .optional(),
      run_command: checkedText({
        description:
          "The command to run for each file. Split into arguments as a shell would, run without a shell; `$input` and `$output` are replaced by full paths. With no `$output`, everything under `output_file_path` is the result.",
        rule: "a command line",
        example: "sh /change123.sh $input $output",
        problem: (command) => (command.length > 8192 ? "must have at most 8,192 characters" : undefined),
      }),
      input_file_path: containerFolder("Folder inside the container into which the file is put.", "/"),
      output_file_path: containerFolder("Folder inside the container in which the result is left.", "/"),
      executable_path: z
        .string({ error: expected("a path inside the container", "/change123") })
        .meta({ description: "The program's path. Kept for files that have it; not needed.", examples: ["/change123"] })
        .optional(),
      instance_type: instanceTypeName.default(""),
      memory: group(
        {
          suggested: memoryLimit,
          minimal: whole({
            ...MEMORY,
            description:
              "The memory reserved for the algorithm; at most `suggested`. Left out: as much as `suggested`.",
          }).optional(),
        },
        "The algorithm's memory.",
      ),
      CPU: z
        .union([cpu, z.strictObject({})], { error: expected("a number of vCPUs from 0.125 to 192", 1) })
        .meta({
          description: "Share of processors, in vCPUs, from 0.125 to 192. `{}`, in old files, is as if left out.",
        })
        .default(1),
      user_specified_environment_variables: list(variable, {
        description: "The variables that a workflow may set, and those that it must.",
        rule: 'a list of variables such as { "name": "TEST_ENV", "required": true }',
        max: 100,
      }).default([]),
      port: list(group({ port: portNumber, protocol: protocol.default("tcp") }, "A port of the container."), {
        description: "The ports that a workflow may publish.",
        rule: 'a list of ports such as { "port": 9090, "protocol": "tcp" }',
        max: 50,
      }).default([]),
      success_exit_codes: exitCodes("Exit codes that mean success.").default([0]),
      retry_exit_codes: z
        .union([exitCodes("These."), z.literal("rest")], {
          error: expected('"rest" or a list of exit codes from 0 to 255'),
        })
        .meta({
          description:
            'Exit codes after which the file is tried again. "rest": all that mean neither success nor failure. With a list, codes in no list are failures.',
        })
        .default("rest"),
      fail_exit_codes: exitCodes("Exit codes after which the file goes to the dead letters at once.").default([]),
      source: checkedText({
        description:
          "Folder beside this file with the algorithm's program, which the local cloud runs where it cannot run the image.",
        rule: "the relative path of a folder beside this file",
        example: "change123",
        problem: (path) =>
          /^(?!\/)[^\\\p{Cc}]{1,255}$/u.test(path) && !path.split("/").includes("..") && !/^[A-Za-z]:/.test(path)
            ? undefined
            : 'must be the relative path of a folder beside this file, without .. and backslashes, such as "change123"',
      }).optional(),
      registry_credentials: text({
        description: "ARN of the Secrets Manager secret with the credentials of a private registry. ECR needs none.",
        rule: "the ARN of a Secrets Manager secret",
        example: "arn:aws:secretsmanager:us-east-1:123456789012:secret:registry-AbCdEf",
        pattern: /^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[A-Za-z0-9/_+=.@!-]+$/,
      }).optional(),
    },
    { error: expected("an algorithm's fields in { }") },
  )
  .meta({
    title: "Pipewright algorithm",
    description: "A described container image: pipelines/algorithms/NAME.json.",
  });
