import type { World } from "../service.ts";
import { stateOf } from "../services/ec2/instance-record.ts";
import type { Ec2 } from "../services/ec2.ts";
import type { Ecs } from "../services/ecs.ts";
import type { Place } from "../services/regions.ts";

/**
 * Ends the instances whose user data ends them when they have had no task for so many minutes. No shell runs here: what is
 * read of the script is its one setting.
 */
export interface IdleInstances {
  /** To be called each minute. */
  minute(): void;
  reset(): void;
}

const SETTING = /\bPIPEWRIGHT_IDLE_MINUTES=(\d+)/;
const REASON = {
  code: "Client.InstanceInitiatedShutdown",
  message: "Client.InstanceInitiatedShutdown: Instance initiated shutdown",
};

export function createIdleInstances(world: World): IdleInstances {
  const idleMinutes = new Map<string, number>();

  function look(place: Place): void {
    const ecs = world.service<Ecs>("ecs");
    const ec2 = world.service<Ec2>("ec2");
    const busy = new Set([...ecs.tasks(place)].map((task) => ecs.machineOf(place, task)?.id));
    for (const instance of ec2.instances(place)) {
      if (stateOf(instance, world.now()) !== "running") {
        idleMinutes.delete(instance.id);
        continue;
      }
      const most = SETTING.exec(Buffer.from(instance.userData ?? "", "base64").toString())?.[1];
      const idle = busy.has(instance.id) ? 0 : (idleMinutes.get(instance.id) ?? 0) + 1;
      idleMinutes.set(instance.id, idle);
      // Stopped instances are not known here: one that would only stop goes on running.
      if (most === undefined || idle < Number(most) || instance.shutdownBehavior !== "terminate") continue;
      // The operating system goes first, and the agent with it.
      ecs.agentLost(place, instance.id);
      ec2.end(place, instance.id, REASON);
    }
  }
  return {
    minute() {
      for (const place of world.service<Ec2>("ec2").places()) look(place);
    },
    reset: () => idleMinutes.clear(),
  };
}
