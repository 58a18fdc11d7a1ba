/** ECS task definition families. Revisions are immutable: a difference registers a new one. Name = family. */
import { z } from "zod";

const containerSchema = z.strictObject({
  name: z.string(),
  image: z.string(),
  essential: z.boolean(),
  entryPoint: z.array(z.string()),
  command: z.array(z.string()),
  /** CPU units (1,024 a vCPU). */
  cpu: z.int(),
  /** Hard limit, MiB. */
  memory: z.int(),
  /** Reservation, MiB. */
  memoryReservation: z.int(),
  environment: z.record(z.string(), z.string()),
  portMappings: z.array(
    z.strictObject({ containerPort: z.int(), hostPort: z.int(), protocol: z.enum(["tcp", "udp"]) }),
  ),
  mountPoints: z.array(z.strictObject({ sourceVolume: z.string(), containerPath: z.string(), readOnly: z.boolean() })),
  dependsOn: z.array(
    z.strictObject({ containerName: z.string(), condition: z.enum(["START", "COMPLETE", "SUCCESS"]) }),
  ),
  /** Seconds between SIGTERM and SIGKILL, at most 120. */
  stopTimeout: z.int(),
  /** awslogs driver. */
  logs: z.strictObject({ group: z.string(), region: z.string(), streamPrefix: z.string() }),
  /** ARN of a Secrets Manager secret for a private registry. */
  repositoryCredentials: z.string().nullable(),
});

export const taskDefinitionSchema = z.strictObject({
  taskRoleArn: z.string(),
  executionRoleArn: z.string(),
  networkMode: z.literal("bridge"),
  architecture: z.enum(["X86_64", "ARM64"]),
  containers: z.array(containerSchema),
  /** Host folders: volume name → path on the instance. */
  volumes: z.record(z.string(), z.string()),
  tags: z.record(z.string(), z.string()),
});
export type TaskDefinitionSpec = z.infer<typeof taskDefinitionSchema>;
