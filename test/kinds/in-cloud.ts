/** A kind at work in the local cloud: reads, compares and writes as the engine would, until nothing remains. */
import assert from "node:assert/strict";
import { CreateRoleCommand } from "@aws-sdk/client-iam";
import { type LocalCloud, startLocalCloud } from "../../localcloud/server.ts";
import { type Aws, createAws } from "../../src/aws/aws.ts";
import { mayRetry } from "../../src/core/failure.ts";
import { ownerTags, type Tags } from "../../src/core/owner.ts";
import { type Inventoried, type Key, keyOf, type Observed, type Pass, type Resource } from "../../src/core/resource.ts";
import { systemClock } from "../../src/io/clock.ts";
import { assertLoopback } from "../support/loopback.ts";

export interface InCloud {
  readonly cloud: LocalCloud;
  readonly aws: Aws;
  readonly pass: Pass;
  tags(key: Key): Tags;
  /** @returns its ARN */
  role(name: string, service: string): Promise<string>;
  /** Waits, by the cloud's own clock, for whatever settles. */
  read<S, A>(kind: Resource<S, A>, name: string): Promise<Observed<A>>;
  /** @returns the writing calls it took */
  converge<S, A>(kind: Resource<S, A>, name: string, spec: S): Promise<string[]>;
  rows<S, A>(kind: Resource<S, A>): Promise<Inventoried[]>;
  stop(): Promise<void>;
}

/** More rounds than any kind needs. */
const ROUNDS = 20;

export async function startInCloud(
  options: { lags?: boolean; code?: ReadonlyMap<string, Uint8Array> } = {},
): Promise<InCloud> {
  const cloud = await startLocalCloud({ lags: options.lags ?? false });
  const region = "us-east-1";
  const aws = createAws({
    region,
    endpoint: assertLoopback(cloud.endpoint),
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    clock: systemClock,
    limiter: { take: async () => {} },
    code: options.code ?? new Map(),
  });
  const pass: Pass = {
    id: "test",
    owner: "default",
    account: { account: "123456789012", region, partition: "aws" },
    signal: new AbortController().signal,
    fresh: true,
    mayLoseData: false,
  };

  const settled = async <S, A>(
    kind: Resource<S, A>,
    name: string,
  ): Promise<Exclude<Observed<A>, { is: "settling" }>> => {
    for (let reads = 0; reads < 100; reads++) {
      const observed = await kind.read(name, pass);
      if (observed.is !== "settling") return observed;
      cloud.world.clock.step(observed.retryMs);
    }
    return assert.fail(`${keyOf(kind.kind, name)} never settles`);
  };

  return {
    cloud,
    aws,
    pass,
    tags: (key) => ownerTags(key, { owner: "default", workflow: "plants", onDelete: "delete", userTags: {} }),
    read: settled,
    async role(name, service) {
      const Statement = [{ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" }];
      const AssumeRolePolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
      await aws.clients.iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument }));
      return `arn:aws:iam::${pass.account.account}:role/${name}`;
    },
    async converge(kind, name, spec) {
      cloud.calls.clear();
      let last: unknown;
      for (let round = 0; round < ROUNDS; round++) {
        const observed = await settled(kind, name);
        const changes = observed.is === "absent" ? [] : kind.diff(spec, observed.actual);
        if (observed.is !== "absent" && changes.length === 0) {
          return cloud.calls.list({ write: true }).map((call) => call.operation);
        }
        try {
          if (observed.is === "absent") await kind.create!(name, spec, pass);
          else await kind.update!(name, spec, observed.actual, changes, pass);
        } catch (error) {
          if (!mayRetry(error)) throw error;
          last = error;
          cloud.world.clock.step(1_000);
        }
      }
      throw new Error(`${keyOf(kind.kind, name)} does not converge`, { cause: last });
    },
    async rows(kind) {
      const rows: Inventoried[] = [];
      for await (const row of kind.list(pass)) rows.push(row);
      return rows;
    },
    async stop() {
      for (const client of Object.values(aws.clients)) client.destroy();
      await cloud.stop();
    },
  };
}
