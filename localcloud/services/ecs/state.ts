import type {
  CapacityProviderStrategyItem,
  ClusterConfiguration,
  ClusterServiceConnectDefaults,
  ClusterSetting,
  ContainerInstanceStatus,
  Task,
  TaskDefinition,
  VersionInfo,
} from "@aws-sdk/client-ecs";
import type { Place } from "../regions.ts";

/** All that ECS knows in one account and region. */
export interface EcsState {
  readonly place: Place;
  readonly clusters: Map<string, ClusterRecord>;
  readonly families: Map<string, FamilyRecord>;
  /** Account settings that differ from AWS's defaults. */
  readonly settings: Map<string, string>;
}

export interface ClusterRecord {
  readonly name: string;
  readonly arn: string;
  status: "ACTIVE" | "INACTIVE";
  readonly tags: Map<string, string>;
  settings: ClusterSetting[];
  configuration: ClusterConfiguration | undefined;
  serviceConnectDefaults: ClusterServiceConnectDefaults | undefined;
  readonly capacityProviders: string[];
  readonly defaultCapacityProviderStrategy: CapacityProviderStrategyItem[];
  readonly instances: Map<string, ContainerInstanceRecord>;
  readonly tasks: Map<string, TaskRecord>;
  /** What each client token of RunTask once asked for and got. */
  readonly runs: Map<
    string,
    { readonly fingerprint: string; readonly taskArns: readonly string[]; readonly atMs: number }
  >;
}

export interface FamilyRecord {
  readonly name: string;
  /** Highest revision ever given out: deleted revisions never return. */
  latestRevision: number;
  readonly revisions: Map<number, TaskDefinitionRecord>;
}

export interface TaskDefinitionRecord {
  readonly arn: string;
  readonly family: string;
  readonly revision: number;
  readonly tags: Map<string, string>;
  status: "ACTIVE" | "INACTIVE" | "DELETE_IN_PROGRESS";
  deregisteredAtMs: number | undefined;
  deleteRequestedAtMs: number | undefined;
  /** What never changes of the answer: all but the status and its times. */
  readonly content: TaskDefinition;
}

/** CPU in units of 1/1024 vCPU, memory in MiB. */
export interface Capacity {
  readonly cpu: number;
  readonly memory: number;
  readonly gpus: number;
}

export interface ContainerInstanceRecord {
  readonly arn: string;
  readonly clusterName: string;
  readonly ec2InstanceId: string;
  readonly tags: Map<string, string>;
  readonly registered: Capacity;
  readonly attributes: Map<string, string | undefined>;
  readonly registeredAtMs: number;
  readonly versionInfo: VersionInfo;
  status: ContainerInstanceStatus | "INACTIVE";
  agentConnected: boolean;
  deregisteredAtMs: number | undefined;
  /** Counts changes, as events carry it. */
  version: number;
}

export interface TaskRecord {
  readonly arn: string;
  readonly clusterName: string;
  readonly tags: Map<string, string>;
  readonly definition: TaskDefinitionRecord;
  readonly instanceArn: string;
  readonly demand: Demand;
  /** What DescribeTasks answers; changed in place as the task goes on. */
  readonly task: Task;
}

export interface Demand extends Capacity {
  /** Host ports that the task must have for itself, for instance `8080/tcp`. */
  readonly ports: readonly string[];
}
