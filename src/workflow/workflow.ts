/** A workflow as the rest of the program sees it: every default filled in, every check of its file passed. */
import type { Algorithm, Port } from "./algorithm.ts";
import type { Place } from "./document.ts";

export type PublishedPort = Port;

export interface Workflow {
  /** Identifies everything that belongs to the workflow. */
  readonly name: string;
  readonly file: string;
  /** The generation: changes when the meaning of the file or of one of its algorithms does. Comments, order and white space do not count. */
  readonly hash: string;
  readonly inputBucket: string;
  readonly outputBucket: string;
  readonly accountId?: string;
  readonly region?: string;
  readonly keyPair?: string;
  readonly steps: readonly Step[];
  /** Observe and report, write nothing. */
  readonly suspend: boolean;
  readonly drift: "repair" | "report";
  /** Fields never compared, as `kind/glob:spec.path`. */
  readonly ignore: readonly string[];
  readonly onDelete: "retain-data" | "retain-all" | "delete";
  /** Resources that may be taken over, as `kind/name`. */
  readonly adopt: readonly string[];
  /** Empty prefix and suffix: every upload triggers. */
  readonly input: { readonly prefix: string; readonly suffix: string; readonly backfill: boolean };
  /** Template of the result's key, for `resultKey`. */
  readonly output: { readonly key: string };
  readonly queue: { readonly visibilitySeconds: number; readonly maxReceives: number };
  /** For one file in one step. */
  readonly timeoutMinutes: number;
  readonly compute: {
    readonly cluster: string;
    /** As written for the whole workflow; what a step really runs on is `Step.instanceType`. */
    readonly instanceType?: string;
    readonly maxInstances: number;
    readonly maxTasks: number;
    readonly idleMinutes: number;
    readonly ingressCidrs: readonly string[];
    readonly spot: boolean;
    /** Empty: those of the default VPC. */
    readonly subnets: readonly string[];
    /** Empty: the one of the foundation. */
    readonly securityGroups: readonly string[];
  };
  readonly logs: { readonly retentionDays: number };
  /** The user's tags, on everything that can carry tags. */
  readonly tags: Readonly<Record<string, string>>;
  /** Where in the file the things stand that checks of the whole folder complain about. */
  readonly places?: WorkflowPlaces;
}

export interface WorkflowPlaces {
  readonly name: Place;
  readonly inputBucket: Place;
  readonly outputBucket: Place;
  /** Where it could be written, in a file without it: the brace that opens the file. */
  readonly suspend: Place;
  readonly ignore: Place;
}

export interface Step {
  readonly algorithm: Algorithm;
  /** The algorithm's name; from its second occurrence in the workflow on with `-2`, `-3`, …. */
  readonly name: string;
  /** Counted from 0. */
  readonly index: number;
  readonly ports: readonly PublishedPort[];
  readonly variables: Readonly<Record<string, string>>;
  /** The one written for the step, else the workflow's, else the algorithm's, else the smallest that fits. */
  readonly instanceType: string;
  /** The algorithm's hard limit. The task's is `taskMemoryMiB(memoryMiB)`, since the worker runs in it too. */
  readonly memoryMiB: number;
  /** The algorithm's reservation; never above its limit. */
  readonly memoryReservationMiB: number;
  /** vCPUs; fractions are allowed. */
  readonly cpu: number;
}
