import type { World } from "../../service.ts";
import { arn } from "../arn.ts";
import { Messages } from "./messages.ts";

/** One queue: its attributes as written (and when), its tags, its messages. */
export interface Queue {
  readonly name: string;
  readonly account: string;
  readonly region: string;
  readonly arn: string;
  readonly createdAtMs: number;
  modifiedAtMs: number;
  purgedAtMs: number;
  deleted: boolean;
  readonly attributes: Map<string, WrittenAttribute>;
  readonly tags: Map<string, string>;
  readonly messages: Messages;
}

/** An attribute holds from the moment it is written, but is answered late where the world lags. */
export interface WrittenAttribute {
  /** Undefined: removed. */
  readonly value: string | undefined;
  /** What a read answered at the moment of the write. */
  readonly before: string | undefined;
  readonly writtenAtMs: number;
}

export function newQueue(world: World, where: { account: string; region: string }, name: string): Queue {
  const now = world.now();
  return {
    name,
    account: where.account,
    region: where.region,
    arn: arn("sqs", where.region, where.account, name),
    createdAtMs: now,
    modifiedAtMs: now,
    purgedAtMs: Number.NEGATIVE_INFINITY,
    deleted: false,
    attributes: new Map(),
    tags: new Map(),
    messages: new Messages(),
  };
}

export function queueUrl(world: World, queue: Queue): string {
  return `${world.endpoint()}/${queue.account}/${queue.name}`;
}
