/** What instances cost: hours from each one's launch to its end. */
import type { OwnedWorld } from "../../../localcloud/world.ts";

export interface Instances {
  readonly launched: number;
  /** Neither ended nor ending. */
  readonly live: number;
  /** Of all together, until now. */
  readonly hours: number;
}

export function watchInstances(world: OwnedWorld): Instances {
  const lives = new Map<string, { readonly fromMs: number; toMs: number | undefined }>();
  world.onEvent(({ source, type, detail }) => {
    if (source !== "ec2" || type !== "EC2 Instance State-change Notification") return;
    const id = String(detail["instance-id"]);
    if (detail.state === "pending") lives.set(id, { fromMs: world.now(), toMs: undefined });
    if (detail.state === "shutting-down") lives.get(id)!.toMs = world.now();
  });
  const all = () => [...lives.values()];
  return {
    get launched() {
      return lives.size;
    },
    get live() {
      return all().filter(({ toMs }) => toMs === undefined).length;
    },
    get hours() {
      return all().reduce((ms, { fromMs, toMs }) => ms + (toMs ?? world.now()) - fromMs, 0) / 3_600_000;
    },
  };
}
