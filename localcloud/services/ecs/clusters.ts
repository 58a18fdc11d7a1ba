import type {
  Cluster,
  ClusterSetting,
  CreateClusterRequest,
  CreateClusterResponse,
  DeleteClusterRequest,
  DeleteClusterResponse,
  DescribeClustersRequest,
  DescribeClustersResponse,
  Failure,
  ListClustersRequest,
  ListClustersResponse,
  UpdateClusterRequest,
  UpdateClusterResponse,
} from "@aws-sdk/client-ecs";
import { AwsError, type Call, type Operation, type World } from "../../service.ts";
import type { Regional } from "../regions.ts";
import { effectiveSetting } from "./account-settings.ts";
import { invalidParameter } from "./errors.ts";
import { activeCluster, atMost, clusterName, ecsArn, listed, missing } from "./lookup.ts";
import { assumeServiceRole } from "./roles.ts";
import type { ClusterRecord, EcsState } from "./state.ts";
import { ecsTagList, ecsTags } from "./tags.ts";

export function clusterOperations(states: Regional<EcsState>, world: World): Record<string, Operation> {
  return {
    /** Idempotent by name: an active cluster is answered as it is, its tags and settings untouched. */
    CreateCluster(input: CreateClusterRequest, call: Call): CreateClusterResponse {
      const state = states.in(call);
      const name = input.clusterName ?? "default";
      if (!/^[A-Za-z0-9_-]{1,255}$/.test(name)) {
        throw invalidParameter(
          "Invalid identifier: Identifier must be between 1 and 255 letters, numbers, hyphens, and underscores.",
        );
      }
      const tags = ecsTags(input.tags);
      const existing = state.clusters.get(name);
      if (existing?.status === "ACTIVE") return { cluster: answered(existing, ["TAGS", "SETTINGS", "CONFIGURATIONS"]) };
      assumeServiceRole(world, call);
      const cluster: ClusterRecord = {
        name,
        arn: ecsArn(call, `cluster/${name}`),
        status: "ACTIVE",
        tags,
        settings: withInsights(state, input.settings),
        configuration: input.configuration,
        serviceConnectDefaults: input.serviceConnectDefaults,
        capacityProviders: input.capacityProviders ?? [],
        defaultCapacityProviderStrategy: input.defaultCapacityProviderStrategy ?? [],
        instances: new Map(),
        tasks: new Map(),
        runs: new Map(),
      };
      state.clusters.set(name, cluster);
      return { cluster: answered(cluster, ["TAGS", "SETTINGS", "CONFIGURATIONS"]) };
    },

    /** Deleted clusters are still described, as INACTIVE; what never was is a failure. */
    DescribeClusters(input: DescribeClustersRequest, call: Call): DescribeClustersResponse {
      const state = states.in(call);
      const references = input.clusters === undefined || input.clusters.length === 0 ? ["default"] : input.clusters;
      atMost(references, 100, "clusters");
      const clusters: Cluster[] = [];
      const failures: Failure[] = [];
      for (const reference of references) {
        const cluster = state.clusters.get(clusterName(reference));
        if (cluster === undefined) failures.push(missing(call, "cluster", reference));
        else clusters.push(answered(cluster, input.include ?? []));
      }
      return { clusters, failures };
    },

    ListClusters(input: ListClustersRequest, call: Call): ListClustersResponse {
      const active = [...states.in(call).clusters.values()].filter(({ status }) => status === "ACTIVE");
      const page = listed(active, ({ name }) => name, input);
      return { clusterArns: page.items.map(({ arn }) => arn), nextToken: page.nextToken };
    },

    UpdateCluster(input: UpdateClusterRequest, call: Call): UpdateClusterResponse {
      const state = states.in(call);
      const cluster = activeCluster(state, input.cluster);
      if (input.settings !== undefined) cluster.settings = withInsights(state, input.settings);
      if (input.configuration !== undefined) cluster.configuration = input.configuration;
      if (input.serviceConnectDefaults !== undefined) cluster.serviceConnectDefaults = input.serviceConnectDefaults;
      return { cluster: answered(cluster, ["TAGS", "SETTINGS", "CONFIGURATIONS"]) };
    },

    DeleteCluster(input: DeleteClusterRequest, call: Call): DeleteClusterResponse {
      const cluster = activeCluster(states.in(call), input.cluster);
      if ([...cluster.instances.values()].some(({ status }) => status !== "INACTIVE")) {
        throw new AwsError(
          "ClusterContainsContainerInstancesException",
          "The Cluster cannot be deleted while Container Instances are active or draining.",
        );
      }
      if ([...cluster.tasks.values()].some(({ task }) => task.lastStatus !== "STOPPED")) {
        throw new AwsError("ClusterContainsTasksException", "The Cluster cannot be deleted while Tasks are active.");
      }
      cluster.status = "INACTIVE";
      return { cluster: answered(cluster, []) };
    },
  };
}

/** Container Insights are always answered: what a cluster does not say, it has from the account. */
function withInsights(state: EcsState, settings: readonly ClusterSetting[] | undefined): ClusterSetting[] {
  const unknown = settings?.find(({ name }) => name !== "containerInsights");
  if (unknown !== undefined) throw invalidParameter(`Invalid setting name: ${unknown.name}`);
  const value = settings?.at(-1)?.value ?? effectiveSetting(state, "containerInsights");
  return [{ name: "containerInsights", value }];
}

function answered(cluster: ClusterRecord, include: readonly string[]): Cluster {
  const tasks = [...cluster.tasks.values()].map(({ task }) => task.lastStatus);
  return {
    clusterArn: cluster.arn,
    clusterName: cluster.name,
    status: cluster.status,
    registeredContainerInstancesCount: [...cluster.instances.values()].filter(({ status }) => status !== "INACTIVE")
      .length,
    runningTasksCount: tasks.filter((status) => status === "RUNNING").length,
    pendingTasksCount: tasks.filter((status) => status === "PENDING" || status === "PROVISIONING").length,
    activeServicesCount: 0,
    statistics: [],
    capacityProviders: cluster.capacityProviders,
    defaultCapacityProviderStrategy: cluster.defaultCapacityProviderStrategy,
    serviceConnectDefaults: cluster.serviceConnectDefaults,
    tags: include.includes("TAGS") ? ecsTagList(cluster.tags) : [],
    settings: include.includes("SETTINGS") ? cluster.settings : [],
    configuration: include.includes("CONFIGURATIONS") ? cluster.configuration : undefined,
  };
}
