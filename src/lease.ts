/** The lease between two daemons, kept in the control bucket. */
import { createAws } from "./aws/aws.ts";
import type { ClientSettings } from "./aws/clients.ts";
import { createConditionalObject } from "./aws/conditional-object.ts";
import type { Clock, Log } from "./core/ports.ts";
import { kindFor, nameOf, type Pass } from "./core/resource.ts";
import type { Facts } from "./desired/facts.ts";
import { controlBucketOf } from "./desired/foundation.ts";
import { createLease } from "./engine/lease.ts";
import type { Lock } from "./engine/ports.ts";
import { createRegistry } from "./kinds/index.ts";

const KEY = "leases/daemon.json";

export interface LeaseOptions {
  readonly settings: ClientSettings;
  readonly facts: Facts;
  readonly clock: Clock;
  readonly log: Log;
  /** Unique to this process, and telling people which one it is. */
  readonly holder: string;
  readonly leaseMs: number;
}

export function openLease({ settings, facts, ...lease }: LeaseOptions): Lock {
  // Clients of its own: the lease must be written when nothing else may.
  const aws = createAws({ ...settings, code: new Map() });
  const registry = createRegistry(aws);
  const control = controlBucketOf(facts);
  const bucket = nameOf(control.key);
  const pass: Pass = {
    id: "lease",
    owner: facts.owner,
    account: facts,
    signal: new AbortController().signal,
    fresh: true,
    mayLoseData: false,
  };
  const object = createConditionalObject({
    s3: aws.clients.s3,
    bucket,
    key: KEY,
    account: facts.account,
    ...(settings.stopping ? { stopping: settings.stopping } : {}),
    createBucket: async () => kindFor(registry, control.key).create?.(bucket, control.spec, pass),
  });
  return createLease({ object, keptIn: control.key, ...lease });
}
