/** Buys one instance, wherever there is one: in another zone, and on demand where Spot has none. */
import { type EC2Client, RunInstancesCommand } from "@aws-sdk/client-ec2";
import type { Action, LaunchPlace } from "./capacity.ts";
import { isMarketFull, isNotHere } from "./refusal.ts";

export interface LaunchDeps {
  readonly ec2: EC2Client;
  /** Of at most 64 characters, the same for the same parts. */
  readonly token: (...parts: readonly (string | number | null)[]) => string;
  readonly mayWrite: () => boolean;
}

export interface Launched {
  readonly id: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** @throws what EC2 said of the last place, where none has an instance; at once where it is not about the place */
export async function launchInstance(
  { step, number, minute, places }: Extract<Action, { do: "launch" }>,
  { ec2, token, mayWrite }: LaunchDeps,
): Promise<Launched> {
  const { launchTemplate } = step.description.instances;
  const buy = async ({ subnetId, market }: LaunchPlace): Promise<Launched> => {
    const answer = await ec2.send(
      new RunInstancesCommand({
        MinCount: 1,
        MaxCount: 1,
        LaunchTemplate: { LaunchTemplateName: launchTemplate, Version: String(step.templateVersion) },
        SubnetId: subnetId,
        ClientToken: token(step.key, minute, number, subnetId, market, step.templateVersion),
        ...(market === "spot" ? { InstanceMarketOptions: { MarketType: "spot" } } : {}),
      }),
    );
    const [instance] = answer.Instances ?? [];
    const tags = (instance?.Tags ?? []).map(({ Key = "", Value = "" }) => [Key, Value] as const);
    return { id: instance?.InstanceId ?? "", tags: Object.fromEntries(tags) };
  };

  let refusal: unknown = new Error("no time was left to ask EC2");
  const full = new Set<LaunchPlace["market"]>();
  for (const place of places) {
    if (!mayWrite()) break;
    if (full.has(place.market)) continue;
    try {
      return await buy(place);
    } catch (error) {
      if (isMarketFull(error)) full.add(place.market);
      else if (!isNotHere(error)) throw error;
      refusal = error;
    }
  }
  throw refusal;
}
