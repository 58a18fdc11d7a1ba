/** What goes through the workflows, as the engine wants to see it. */
import type { Clients } from "./aws/clients.ts";
import { createListing } from "./aws/seats.ts";
import { BATCH_MAX_AGE_MS } from "./aws/tags.ts";
import type { Clock } from "./core/ports.ts";
import { backfill, backfillSoFar } from "./data/backfill.ts";
import { reportOf, type StepTrouble, troublesOf } from "./data/troubles.ts";
import { describeSteps } from "./desired/compile.ts";
import type { Facts } from "./desired/facts.ts";
import type { ScalerReport, Track } from "./desired/scaler-report.ts";
import type { StepDescription } from "./desired/step-description.ts";
import type { Flow, Head } from "./engine/ports.ts";
import type { Workflow } from "./workflow/workflow.ts";

export interface FlowDeps {
  readonly clients: Clients;
  readonly clock: Clock;
  readonly facts: Facts;
}

/** As a condition's reason. */
const REASONS: Readonly<Record<Track, string>> = {
  start: "TasksDoNotStart",
  boot: "InstancesDoNotJoin",
  launch: "InstancesNotLaunched",
  upkeep: "InstancesNotEnded",
};

export function createFlow({ clients, clock, facts }: FlowDeps): Flow {
  const described = new WeakMap<Head, readonly StepDescription[]>();
  const reports = new Map<string, ReturnType<typeof createListing<ScalerReport | undefined>>>();

  /** The engine hands back what the catalog gave it. */
  const stepsOf = (head: Head): readonly StepDescription[] => {
    const steps = described.get(head) ?? describeSteps(head as Workflow, facts);
    described.set(head, steps);
    return steps;
  };

  /** One read for all workflows of a cluster whose turn comes within the time. */
  const sharedReport = (cluster: string): Promise<ScalerReport | undefined> => {
    const load = () => reportOf(cluster, { clients, account: facts });
    const listing = reports.get(cluster) ?? createListing({ clock, maxAgeMs: BATCH_MAX_AGE_MS, load });
    reports.set(cluster, listing);
    return listing.get(false);
  };

  return {
    async trouble(head) {
      const steps = stepsOf(head);
      const report = await sharedReport(steps[0]!.cluster);
      const troubles = steps.flatMap((step) => troublesOf(report, step).map((trouble) => ({ step, trouble })));
      const [first] = troubles;
      if (!first) return undefined;
      const why = troubles.map(({ step, trouble }) => `${step.step}: ${told(trouble)}`).join("; ");
      return { reason: REASONS[first.trouble.track], why };
    },
    async backfill(head) {
      if (!(head as Workflow).input.backfill) return undefined;
      const { done, checked } = await backfill(stepsOf(head), { clients, account: facts });
      return done ? undefined : `the back-fill (${checked} files looked at)`;
    },
    async backfillDue(head) {
      if (!(head as Workflow).input.backfill) return undefined;
      const { done, checked } = await backfillSoFar(stepsOf(head), { clients, account: facts });
      return done ? undefined : `files that were there before are sent (${checked} looked at so far)`;
    },
  };
}

const told = ({ reason, count, retryAtMs }: StepTrouble): string =>
  `${reason} (${count === 1 ? "once" : `${count} times`}, next try at ${new Date(retryAtMs).toISOString()})`;
