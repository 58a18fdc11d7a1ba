/** From which template the scaler launches the instances of a step. */
import type { Tags } from "../core/owner.ts";
import { ref } from "../core/refs.ts";
import { keyOf, type WithRefs } from "../core/resource.ts";
import type { LaunchTemplateSpec } from "../kinds/launch-template.ts";
import { imageKind } from "../workflow/instance-types.ts";
import type { Workflow } from "../workflow/workflow.ts";
import type { Link } from "./chain.ts";
import { INSTANCE_ROLE, SECURITY_GROUP } from "./names.ts";

/** @param instanceTags owner tags of the instances and their volumes */
export function launchTemplateSpec(
  workflow: Workflow,
  link: Link,
  instanceTags: Tags,
): WithRefs<Omit<LaunchTemplateSpec, "tags">> {
  const { compute } = workflow;
  const groups = compute.securityGroups;
  return {
    imageId: machineImage(link.step.instanceType),
    instanceType: link.step.instanceType,
    keyName: workflow.keyPair ?? null,
    instanceProfile: INSTANCE_ROLE,
    securityGroupIds: groups.length > 0 ? [...groups] : [ref(keyOf("security-group", SECURITY_GROUP), "id")],
    userData: userData(compute.cluster, ownIdleMinutes(compute.idleMinutes)),
    shutdownBehavior: "terminate",
    metadata: { httpTokens: "required", httpPutResponseHopLimit: 1 },
    // A name of the user's own choice stands.
    instanceTags: { Name: link.names.base, ...instanceTags },
  };
}

/** The image that ECS keeps for its instances, by the public parameter that always names the newest. */
function machineImage(instanceType: string): string {
  const { architecture, gpu } = imageKind(instanceType);
  const variant = gpu ? "gpu/" : architecture === "arm64" ? "arm64/" : "";
  return `resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/${variant}recommended/image_id`;
}

/** The scaler, which looks once a minute, is first. */
const IDLE_MARGIN_MINUTES = 5;
/** For so long the scaler hopes that an instance joins its cluster, and a minute more. */
const BOOT_MINUTES = 11;

const ownIdleMinutes = (idleMinutes: number): number => Math.max(BOOT_MINUTES, idleMinutes + IDLE_MARGIN_MINUTES);

/** At a restart Docker writes rules at the same time. */
const METADATA_RULE =
  "--wait --table raw --insert PREROUTING --in-interface docker+ --destination 169.254.169.254/32 --jump DROP";

/**
 * Tasks get their credentials from ECS. The instance's own, which its metadata would hand out, are none of their business;
 * the rule stands in the raw table, which Docker never rewrites.
 *
 * An instance that has had no task for longer than the scaler would let it ends itself: that needs no permission, no network
 * and nobody else. A task that waits for its image is known to the agent only, one whose agent has died to Docker only.
 *
 * User data runs at the first start only; the unit brings back both at each. Without the rule, there still must be an end.
 */
const userData = (cluster: string, idleMinutes: number): string =>
  [
    "#!/bin/bash",
    "cat >> /etc/ecs/ecs.config << 'END'",
    `ECS_CLUSTER=${cluster}`,
    "ECS_IMAGE_PULL_BEHAVIOR=prefer-cached",
    "ECS_ENABLE_SPOT_INSTANCE_DRAINING=true",
    "ECS_AWSVPC_BLOCK_IMDS=true",
    "END",
    "cat > /usr/local/bin/pipewright-end-when-idle << 'END'",
    "#!/bin/bash",
    `PIPEWRIGHT_IDLE_MINUTES=${idleMinutes}`,
    "has_task() {",
    `  curl --silent --max-time 10 http://localhost:51678/v1/tasks | grep --quiet '"DesiredStatus":"RUNNING"' ||`,
    "    timeout 10 docker ps --quiet --filter label=com.amazonaws.ecs.task-arn | grep --quiet .",
    "}",
    "idle=0",
    'while [ "$idle" -lt "$PIPEWRIGHT_IDLE_MINUTES" ]; do',
    "  sleep 60",
    "  if has_task; then idle=0; else idle=$((idle + 1)); fi",
    "done",
    "shutdown --poweroff now",
    "END",
    "cat > /etc/systemd/system/pipewright-end-when-idle.service << 'END'",
    "[Unit]",
    "Before=ecs.service",
    "[Service]",
    `ExecStartPre=-iptables ${METADATA_RULE}`,
    "ExecStart=/bin/bash /usr/local/bin/pipewright-end-when-idle",
    "[Install]",
    "WantedBy=multi-user.target",
    "END",
    "systemctl enable --now pipewright-end-when-idle.service",
    "",
  ].join("\n");
