import type { FunctionEventInvokeConfig } from "@aws-sdk/client-lambda";
import type { Call, Kept, World } from "../../service.ts";
import { arn, parseArn } from "../arn.ts";
import { type Place, type Regional, regional } from "../regions.ts";
import type { CodePackage } from "./code.ts";
import { conflict, notFound, validation } from "./errors.ts";
import type { PermissionStatement } from "./permissions.ts";
import type { Settings } from "./settings.ts";

/** One function; the only version there is of it is `$LATEST`. */
export interface FunctionRecord {
  readonly name: string;
  readonly arn: string;
  settings: Settings;
  code: CodePackage;
  architecture: "x86_64" | "arm64";
  revisionId: string;
  modifiedAtMs: number;
  /** Where the world lags: Pending until the first, an update InProgress until the second. */
  activeAtMs: number;
  updatedAtMs: number;
  readonly tags: Map<string, string>;
  /** By statement id, in the order in which they were added. */
  readonly permissions: Map<string, PermissionStatement>;
  policyRevisionId: string;
  eventInvoke: Omit<FunctionEventInvokeConfig, "FunctionArn"> | undefined;
  reservedConcurrency: number | undefined;
}

/** All functions of the world, found as callers name them. */
export class Functions {
  readonly #world: World;
  readonly #places: Regional<Map<string, FunctionRecord>> = regional(() => new Map());
  /** For snapshots. */
  readonly state: Kept = this.#places;

  constructor(world: World) {
    this.#world = world;
  }

  /** By name, `account:function:name` or ARN, each with `:$LATEST` or without. Throws ResourceNotFoundException. */
  named(call: Call, given: string | undefined, qualifier?: string): FunctionRecord {
    const { place, name, version } = parseName(call, given);
    const wanted = version ?? qualifier ?? "$LATEST";
    const found = this.#places.in(place).get(name);
    if (found === undefined || wanted !== "$LATEST") {
      const suffix = wanted === "$LATEST" ? "" : `:${wanted}`;
      throw notFound(`Function not found: ${functionArn(place, name)}${suffix}`);
    }
    return found;
  }

  byArn(text: string): FunctionRecord | undefined {
    const parsed = parseArn(text);
    const match = /^function:([\w-]+)(:\$LATEST)?$/.exec(parsed?.service === "lambda" ? parsed.resource : "");
    return match === null ? undefined : this.#places.in(parsed!).get(match[1]!);
  }

  in(place: Place): Map<string, FunctionRecord> {
    return this.#places.in(place);
  }

  *all(): Iterable<FunctionRecord> {
    for (const functions of this.#places.all()) yield* functions.values();
  }

  /** Throws ResourceConflictException while a creation or an update is still under way. */
  assertSettled(record: FunctionRecord): void {
    const now = this.#world.now();
    if (now < record.activeAtMs) {
      throw conflict(
        "The operation cannot be performed at this time. The function is currently in the following state: Pending",
      );
    }
    if (now < record.updatedAtMs) {
      throw conflict(
        `The operation cannot be performed at this time. An update is in progress for resource: ${record.arn}`,
      );
    }
  }

  /** The new state of a changed function: another revision, and where the world lags, a while in progress. */
  touch(record: FunctionRecord): void {
    record.revisionId = newRevision(this.#world);
    record.modifiedAtMs = this.#world.now();
    record.updatedAtMs = this.#world.now() + (this.#world.lags ? UPDATING_MS : 0);
  }
}

export function functionArn(place: Place, name: string): string {
  return arn("lambda", place.region, place.account, `function:${name}`);
}

export function newRevision(world: World): string {
  return world.id("", 32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** How long a new function stays Pending, and an updated one InProgress, where the world lags. */
export const PENDING_MS = 3000;
const UPDATING_MS = 2000;

function parseName(call: Call, given: string | undefined): { place: Place; name: string; version: string | undefined } {
  const match =
    /^(?:(?:arn:aws:lambda:(?<region>[\w-]+):)?(?<account>\d{12}):function:)?(?<name>[\w-]{1,64})(?::(?<version>\$LATEST|[\w-]+))?$/.exec(
      given ?? "",
    );
  if (match === null) throw validation("functionName", given, "satisfy regular expression pattern of a function name");
  const { region = call.region, account = call.account, name, version } = match.groups as Record<string, string>;
  return { place: { account, region }, name: name!, version };
}
