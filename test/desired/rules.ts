/** What each service takes as a name (its API reference), and each kind as a spec. */
import type { ZodType } from "zod";
import { alarmSchema } from "../../src/kinds/alarm.ts";
import { bucketSchema } from "../../src/kinds/bucket.ts";
import { clusterSchema } from "../../src/kinds/cluster.ts";
import { eventInvokeConfigSchema } from "../../src/kinds/event-invoke-config.ts";
import { functionSchema } from "../../src/kinds/function.ts";
import { functionPermissionSchema } from "../../src/kinds/function-permission.ts";
import { instanceProfileSchema } from "../../src/kinds/instance-profile.ts";
import { keyPairSchema } from "../../src/kinds/key-pair.ts";
import { launchTemplateSchema } from "../../src/kinds/launch-template.ts";
import { logGroupSchema } from "../../src/kinds/log-group.ts";
import { notificationSchema } from "../../src/kinds/notification.ts";
import { objectSchema } from "../../src/kinds/object.ts";
import { queueSchema } from "../../src/kinds/queue.ts";
import { roleSchema } from "../../src/kinds/role.ts";
import { ruleSchema } from "../../src/kinds/rule.ts";
import { securityGroupSchema } from "../../src/kinds/security-group.ts";
import { serviceLinkedRoleSchema } from "../../src/kinds/service-linked-role.ts";
import { subnetSchema } from "../../src/kinds/subnet.ts";
import { taskDefinitionSchema } from "../../src/kinds/task-definition.ts";
import { workerBundleSchema } from "../../src/kinds/worker-bundle.ts";

const FUNCTION = /^[A-Za-z0-9_-]{1,64}$/;
const ROLE = /^[\w+=,.@-]{1,64}$/;
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

export const NAME_RULES: Readonly<Record<string, RegExp>> = {
  alarm: /^[!-~]{1,255}$/,
  bucket: BUCKET,
  cluster: /^[A-Za-z0-9_-]{1,255}$/,
  "event-invoke-config": FUNCTION,
  function: FUNCTION,
  "function-permission": FUNCTION,
  "instance-profile": ROLE,
  "key-pair": /^[!-~]{1,255}$/,
  "launch-template": /^[A-Za-z0-9().\-/_]{3,128}$/,
  "log-group": /^[A-Za-z0-9_\-/.#]{1,512}$/,
  notification: BUCKET,
  // Bucket, slash, key.
  object: /^[a-z0-9.-]{3,63}\/[A-Za-z0-9_\-/.]{1,1024}$/,
  queue: /^[A-Za-z0-9_-]{1,80}$/,
  role: ROLE,
  rule: /^[A-Za-z0-9_.-]{1,64}$/,
  "security-group": /^[A-Za-z0-9 ._\-:/()#,@[\]+=&;{}!$*]{1,255}$/,
  "service-linked-role": /^[a-z]+\.amazonaws\.com$/,
  subnet: /^subnet-[0-9a-f]{8,17}$/,
  "task-definition": /^[A-Za-z0-9_-]{1,255}$/,
  "worker-bundle": /^[a-z0-9.-]{3,63}\/worker\/[0-9A-Za-z.+-]{1,100}\.tgz$/,
};

export const SCHEMAS: Readonly<Record<string, ZodType>> = {
  alarm: alarmSchema,
  bucket: bucketSchema,
  cluster: clusterSchema,
  "event-invoke-config": eventInvokeConfigSchema,
  function: functionSchema,
  "function-permission": functionPermissionSchema,
  "instance-profile": instanceProfileSchema,
  "key-pair": keyPairSchema,
  "launch-template": launchTemplateSchema,
  "log-group": logGroupSchema,
  notification: notificationSchema,
  object: objectSchema,
  queue: queueSchema,
  role: roleSchema,
  rule: ruleSchema,
  "security-group": securityGroupSchema,
  "service-linked-role": serviceLinkedRoleSchema,
  subnet: subnetSchema,
  "task-definition": taskDefinitionSchema,
  "worker-bundle": workerBundleSchema,
};
