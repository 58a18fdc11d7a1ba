/** What the kinds are given: clients, batched readers, code bundles. */
import type { Readable } from "node:stream";
import type { Clock } from "../core/ports.ts";
import { type ClientSettings, type Clients, createClients } from "./clients.ts";
import { createDefaultVpc, type DefaultVpc } from "./default-vpc.ts";
import { createExclusive, type Exclusive } from "./exclusive.ts";
import { createRoleReader, type RoleReader } from "./roles.ts";
import { createTagReader, type TagReader } from "./tags.ts";

export interface Aws {
  readonly clients: Clients;
  readonly clock: Clock;
  readonly tags: TagReader;
  readonly roles: RoleReader;
  readonly defaultVpc: DefaultVpc;
  /** Serialises writes to one thing, named `kind/name`. */
  readonly exclusive: Exclusive;
  /** Base URL under which queues are addressed: the endpoint, or the region's own. */
  readonly queueBaseUrl: string;
  /** Bytes of a function's zip by their base64 SHA-256. */
  code(codeSha256: string): Uint8Array;
  readonly packedWorker?: PackedWorker;
}

/** The worker with all that it runs on, for any image: a file on this disk. */
export interface PackedWorker {
  /** Base64. */
  readonly sha256: string;
  readonly bytes: number;
  open(): Readable;
}

export interface AwsOptions extends ClientSettings {
  /** Zips by their base64 SHA-256. */
  readonly code: Pick<ReadonlyMap<string, Uint8Array>, "get">;
  /** Absent: this installation holds none. */
  readonly packedWorker?: PackedWorker;
}

export function createAws(options: AwsOptions): Aws {
  const clients = createClients(options);
  return {
    clients,
    ...(options.packedWorker ? { packedWorker: options.packedWorker } : {}),
    clock: options.clock,
    tags: createTagReader({ clients, clock: options.clock }),
    roles: createRoleReader({ clients, clock: options.clock }),
    defaultVpc: createDefaultVpc({ clients, clock: options.clock }),
    exclusive: createExclusive(),
    queueBaseUrl: (options.endpoint ?? `https://sqs.${options.region}.${dnsSuffix(options.region)}`).replace(/\/$/, ""),
    code(codeSha256) {
      const zip = options.code.get(codeSha256);
      if (!zip) throw new Error(`no bundle with CodeSha256 ${codeSha256}`);
      return zip;
    },
  };
}

/** China's regions are a partition with a name of its own. */
const dnsSuffix = (region: string): string => (region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com");
