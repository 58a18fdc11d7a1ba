/** All that may go wrong, ordered over the local cloud's own commands, by its seed. */
import type { Cloud } from "../support/cloud.ts";
import { type Account, STEPS } from "./account.ts";
import type { Watch } from "./watch.ts";

export interface Mishaps {
  /** Strikes what is to be struck by hand once so many results are there. */
  go(results: number): Promise<void>;
  /** How often each kind struck. */
  struck(): Promise<Readonly<Record<string, number>>>;
}

export interface MishapsOptions {
  readonly files: number;
  /** A worker is killed while its algorithm is at work on this file, if there is one. */
  readonly bigKey: string | undefined;
  readonly say: (line: string) => void;
}

/** Of all calls of everybody. */
const FAULTS = [
  { kind: "throttle", probability: 0.05 },
  { kind: "error", probability: 0.05 },
];
const MISHAPS = [
  { kind: "function-crash", probability: 0.03 },
  { kind: "duplicate-notification", probability: 0.1 },
  { kind: "late-notification", probability: 0.1 },
];

export async function orderMishaps(
  { cloud, account, watch }: { readonly cloud: Cloud; readonly account: Account; readonly watch: Watch },
  { files, bigKey, say }: MishapsOptions,
): Promise<Mishaps> {
  for (const fault of FAULTS) await cloud.command("POST", "faults", fault);
  for (const mishap of MISHAPS) await cloud.command("POST", "mishaps", mishap);
  const byHand = { "worker-killed": 0, "instance-terminated": 0 };

  const killWorkers = async (step: string) => {
    for (const task of await account.tasksOf(step)) {
      // It may have ended by itself since.
      await cloud.command("DELETE", `tasks/${task}`).then(
        () => (byHand["worker-killed"] += 1),
        () => {},
      );
    }
  };
  const waiting: { readonly isTime: (results: number) => boolean; strike(): Promise<unknown> }[] = [
    { isTime: (results) => results >= files / 4, strike: () => killWorkers(STEPS[1]) },
    {
      isTime: (results) => results >= files / 2,
      async strike() {
        if (await account.terminateOneInstance()) byHand["instance-terminated"] += 1;
      },
    },
    ...(bigKey === undefined ? [] : [{ isTime: () => watch.isAtWorkOn(bigKey), strike: () => killWorkers(STEPS[0]) }]),
  ];
  return {
    async go(results) {
      for (const one of waiting.filter(({ isTime }) => isTime(results))) {
        waiting.splice(waiting.indexOf(one), 1);
        await one.strike();
        say(`by hand: ${JSON.stringify(byHand)}`);
      }
    },
    async struck() {
      const ordered = [
        ...(await cloud.command<{ kind: string; strikes: number }[]>("GET", "faults")),
        ...(await cloud.command<{ kind: string; strikes: number }[]>("GET", "mishaps")),
      ];
      return { ...Object.fromEntries(ordered.map(({ kind, strikes }) => [kind, strikes])), ...byHand };
    },
  };
}
