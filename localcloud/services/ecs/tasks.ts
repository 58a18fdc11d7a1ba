import type {
  DescribeTasksRequest,
  DescribeTasksResponse,
  Failure,
  ListTasksRequest,
  ListTasksResponse,
  StopTaskRequest,
  StopTaskResponse,
  Task,
} from "@aws-sdk/client-ecs";
import type { Call, Operation, World } from "../../service.ts";
import type { Regional } from "../regions.ts";
import { invalidParameter } from "./errors.ts";
import { activeCluster, atMost, byReference, listed, missing, VISIBLE_AFTER_END_MS } from "./lookup.ts";
import type { EcsState, TaskRecord } from "./state.ts";
import { answeredTask, endTask, taskChanged } from "./task-record.ts";

export function taskOperations(states: Regional<EcsState>, world: World): Record<string, Operation> {
  const isVisible = ({ task }: TaskRecord) =>
    task.stoppedAt === undefined || world.now() - task.stoppedAt.getTime() < VISIBLE_AFTER_END_MS;

  return {
    /**
     * A task that does not run yet has stopped at once; one that runs is told to, and stops when its containers have.
     * Either way it has lost its tags.
     */
    StopTask(input: StopTaskRequest, call: Call): StopTaskResponse {
      const cluster = activeCluster(states.in(call), input.cluster);
      const record = byReference(cluster.tasks, input.task ?? "");
      if (record === undefined || !isVisible(record)) throw invalidParameter("The referenced task was not found.");
      const { task } = record;
      if (task.desiredStatus !== "STOPPED") {
        task.desiredStatus = "STOPPED";
        task.stopCode = "UserInitiated";
        task.stoppedReason = input.reason ?? "Task stopped by user";
        task.stoppingAt = new Date(world.now());
        task.version = (task.version ?? 0) + 1;
        record.tags.clear();
        if (task.lastStatus === "RUNNING") taskChanged(world, call, record);
        else endTask(world, call, cluster, record, { stopCode: "UserInitiated", stoppedReason: task.stoppedReason });
      }
      return { task: answeredTask(record, false) };
    },

    ListTasks(input: ListTasksRequest, call: Call): ListTasksResponse {
      const cluster = activeCluster(states.in(call), input.cluster);
      const desired = input.desiredStatus ?? "RUNNING";
      if (input.startedBy !== undefined && (input.family ?? input.serviceName ?? input.containerInstance)) {
        throw invalidParameter("startedBy must be the only filter.");
      }
      const instance =
        input.containerInstance === undefined ? undefined : byReference(cluster.instances, input.containerInstance);
      if (input.containerInstance !== undefined && instance === undefined) {
        throw invalidParameter("The referenced container instance was not found.");
      }
      const matching = [...cluster.tasks.values()].filter(
        (record) =>
          isVisible(record) &&
          record.task.desiredStatus === desired &&
          (input.family ?? record.definition.family) === record.definition.family &&
          (instance?.arn ?? record.instanceArn) === record.instanceArn &&
          (input.startedBy ?? record.task.startedBy) === record.task.startedBy &&
          (input.launchType ?? "EC2") === "EC2" &&
          input.serviceName === undefined,
      );
      const page = listed(matching, ({ arn }) => arn, input);
      return { taskArns: page.items.map(({ arn }) => arn), nextToken: page.nextToken };
    },

    DescribeTasks(input: DescribeTasksRequest, call: Call): DescribeTasksResponse {
      const cluster = activeCluster(states.in(call), input.cluster);
      const references = input.tasks ?? [];
      if (references.length === 0) throw invalidParameter("Tasks cannot be empty.");
      atMost(references, 100, "tasks");
      const withTags = input.include?.includes("TAGS") ?? false;
      const tasks: Task[] = [];
      const failures: Failure[] = [];
      for (const reference of references) {
        const record = byReference(cluster.tasks, reference);
        if (record === undefined || !isVisible(record)) failures.push(missing(call, `task/${cluster.name}`, reference));
        else tasks.push(answeredTask(record, withTags));
      }
      return { tasks, failures };
    },
  };
}
