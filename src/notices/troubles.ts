/** Pure: what lasts and a person should know of, and which of it is news. */
import { FOUNDATION } from "../core/resource.ts";
import type { StepCounts } from "../data/data.ts";
import type { QueueSamples } from "../data/queue-samples.ts";
import type { DaemonStatus, WorkflowStatus } from "../engine/status.ts";

/** Something that lasts until it is over. */
export interface Trouble {
  /** What it is about; the same trouble has the same one. */
  readonly id: string;
  /** The reason, or how much of it there is: it is told again when another reason holds, or twice as much is there. */
  readonly state: string | number;
  readonly text: string;
  /** Told when it is over. */
  readonly over: string;
}

/** What was told of each trouble that is not over, by its id. */
export type Told = Readonly<Record<string, Pick<Trouble, "state" | "over">>>;

export interface News {
  readonly lines: readonly string[];
  readonly told: Told;
}

/**
 * @param is.known of other ids nothing is known now, so that they are neither news nor over
 * @param is.gone what they are about is not there any more: forgotten, and no news
 */
export function newsOf(
  troubles: readonly Trouble[],
  told: Told,
  is: { readonly known: (id: string) => boolean; readonly gone: (id: string) => boolean },
): News {
  const here = new Set(troubles.map(({ id }) => id));
  const over = Object.entries(told).filter(([id]) => is.known(id) && !here.has(id));
  const news = troubles.filter((trouble) => isNews(trouble, told[trouble.id]?.state));
  const remembered = Object.fromEntries(
    Object.entries(told).filter(([id]) => !is.gone(id) && !over.some(([ended]) => ended === id)),
  );
  for (const { id, over: end, state } of news) remembered[id] = { state, over: end };
  return { lines: [...over.map(([, { over: end }]) => end), ...news.map(({ text }) => text)], told: remembered };
}

function isNews({ state }: Trouble, before: string | number | undefined): boolean {
  if (typeof state === "number" && typeof before === "number") return state >= 2 * before;
  return state !== before;
}

/** Of the workflows that were looked at, and of the folder. */
export function troublesIn(status: DaemonStatus): Trouble[] {
  const items = [...(status.foundation ? [status.foundation] : []), ...status.workflows].filter(isLookedAt);
  const { brake } = status;
  return [
    ...items.flatMap(stalled),
    ...(brake === undefined
      ? []
      : [
          {
            id: "brake",
            state: brake,
            text: `Nothing is taken away: ${brake}`,
            over: "The brake is off: from now on, what belongs to a removed file is taken away as always",
          },
        ]),
  ];
}

/** Ids of which the status says whether they hold: of a folder that was not seen whole, only that they do. */
export function knownIn(status: DaemonStatus): (id: string) => boolean {
  const items = [...(status.foundation ? [status.foundation] : []), ...status.workflows];
  const open = new Set(items.filter((item) => !isLookedAt(item)).map(({ name }) => stalledId(name)));
  if (status.folderProblem !== undefined) return () => false;
  return (id) => id === "brake" || (id.startsWith(stalledId("")) && !open.has(id));
}

/** Files that nobody will process unless a person does something. */
export function troublesInQueues(counts: readonly StepCounts[]): Trouble[] {
  return counts.flatMap(({ workflow, step, dead, undelivered }) => [
    ...(dead === 0
      ? []
      : [
          {
            id: `dead ${workflow} ${step}`,
            state: dead,
            text: `${workflow}: ${files(dead)} of step ${step} could not be processed; \`pipewright logs ${workflow}\` says why, \`pipewright redrive ${workflow}\` tries again`,
            over: `${workflow}: no file of step ${step} is left among the dead letters`,
          },
        ]),
    ...(undelivered === 0
      ? []
      : [
          {
            id: `undelivered ${workflow} ${step}`,
            state: undelivered,
            text: `${workflow}: ${undelivered === 1 ? "one event" : `${undelivered} events`} of step ${step} never reached the queue; \`pipewright redrive ${workflow}\` brings the files back`,
            over: `${workflow}: no event of step ${step} is left undelivered`,
          },
        ]),
  ]);
}

export const knownInQueues = (counts: readonly StepCounts[]): ((id: string) => boolean) => {
  const steps = new Set(counts.map(({ workflow, step }) => `${workflow} ${step}`));
  return (id) => ofQueue(id) && steps.has(id.slice(id.indexOf(" ") + 1));
};

/** Ids of steps that are not set up any more. */
export const goneIn =
  (isSetUp: QueueSamples["isSetUp"]) =>
  (id: string): boolean => {
    const [, workflow = "", step = ""] = id.split(" ");
    return ofQueue(id) && !isSetUp(workflow, step);
  };

const ofQueue = (id: string): boolean => /^(dead|undelivered) /.test(id);

const stalledId = (name: string): string => `stalled ${name}`;

const isLookedAt = ({ conditions }: WorkflowStatus): boolean =>
  conditions.some(({ type, status }) => type === "Synced" && status !== "Unknown");

function stalled({ name, conditions }: WorkflowStatus): Trouble[] {
  const found = conditions.find(({ type }) => type === "Stalled");
  if (found?.status !== "True") return [];
  const what = name === FOUNDATION ? "What all workflows share" : name;
  return [
    {
      id: stalledId(name),
      state: found.reason,
      text: `${what} is stalled (${found.reason}): ${found.message}`,
      over: `${what} goes on: it is stalled no more`,
    },
  ];
}

const files = (count: number): string => (count === 1 ? "one file" : `${count} files`);
