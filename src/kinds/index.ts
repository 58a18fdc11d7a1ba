/** All kinds. Their order here is the order of creation; what is taken away goes the other way. */
import type { Aws } from "../aws/aws.ts";
import type { AnyResource, Registry } from "../core/resource.ts";
import { alarm } from "./alarm.ts";
import { bucket } from "./bucket.ts";
import { cluster } from "./cluster.ts";
import { eventInvokeConfig } from "./event-invoke-config.ts";
import { lambdaFunction } from "./function.ts";
import { functionPermission } from "./function-permission.ts";
import { instance } from "./instance.ts";
import { instanceProfile } from "./instance-profile.ts";
import { keyPair } from "./key-pair.ts";
import { launchTemplate } from "./launch-template.ts";
import { logGroup } from "./log-group.ts";
import { notification } from "./notification.ts";
import { object } from "./object.ts";
import { queue } from "./queue.ts";
import { role } from "./role.ts";
import { rule } from "./rule.ts";
import { securityGroup } from "./security-group.ts";
import { serviceLinkedRole } from "./service-linked-role.ts";
import { subnet } from "./subnet.ts";
import { task } from "./task.ts";
import { taskDefinition } from "./task-definition.ts";
import { workerBundle } from "./worker-bundle.ts";

const IN_ORDER_OF_CREATION: readonly ((aws: Aws) => AnyResource)[] = [
  serviceLinkedRole,
  role,
  instanceProfile,
  keyPair,
  subnet,
  bucket,
  workerBundle,
  queue,
  logGroup,
  cluster,
  securityGroup,
  taskDefinition,
  launchTemplate,
  lambdaFunction,
  functionPermission,
  eventInvokeConfig,
  rule,
  object,
  alarm,
  // Last of what is desired: no event before everything stands.
  notification,
  // Nothing desires these; they are the first to go, before what they use.
  task,
  instance,
];

export const createRegistry = (aws: Aws): Registry =>
  new Map(IN_ORDER_OF_CREATION.map((create) => create(aws)).map((kind) => [kind.kind, kind]));
