/** EC2 key pairs: a person's; checked, never written. Name = key name. */
import { DescribeKeyPairsCommand } from "@aws-sdk/client-ec2";
import { z } from "zod";
import type { Aws } from "../aws/aws.ts";
import { createSeats } from "../aws/seats.ts";
import { BATCH_MAX_AGE_MS } from "../aws/tags.ts";
import type { Resource } from "../core/resource.ts";

export const keyPairSchema = z.strictObject({});
export type KeyPairSpec = z.infer<typeof keyPairSchema>;

export interface KeyPairActual {
  readonly id: string;
}

export function keyPair(aws: Aws): Resource<KeyPairSpec, KeyPairActual> {
  const pairs = createSeats<KeyPairActual>({
    clock: aws.clock,
    seats: 100,
    maxAgeMs: BATCH_MAX_AGE_MS,
    async load(names) {
      // By filter: one name that does not exist would fail the whole call otherwise (InvalidKeyPair.NotFound).
      const Filters = [{ Name: "key-name", Values: [...names] }];
      const answer = await aws.clients.ec2.send(new DescribeKeyPairsCommand({ Filters }));
      return new Map((answer.KeyPairs ?? []).map((pair) => [pair.KeyName ?? "", { id: pair.KeyPairId ?? "" }]));
    },
  });

  return {
    kind: "key-pair",
    schema: keyPairSchema,
    async read(name, pass) {
      const actual = await pairs.get(name, pass.fresh);
      return actual ? { is: "foreign", actual } : { is: "absent" };
    },
    diff: () => [],
    async *list() {},
  };
}
