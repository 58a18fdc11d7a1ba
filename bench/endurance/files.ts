/** Tables of river gauges under all kinds of names, and what the three-step example must make of each, reckoned here. */
import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createRandom } from "../../localcloud/random.ts";

export interface TestFile {
  readonly key: string;
  readonly body: string;
  /** Of the last step. */
  readonly result: string;
}

export interface BigFile {
  /** SHA-256 of what the first step must leave of it. */
  readonly firstStep: string;
  readonly result: string;
}

/** The settings of the example. */
const HIGHEST_CM = 1_500;
const FLOOD_CM = 700;
const HEADER = "time,gauge,level_cm\n";
/** The step refuses it, until it is taught that capitals are the same. */
export const POISON_HEADER = "TIME,GAUGE,LEVEL_CM\n";

const MOST_KEY_BYTES = 1_024;
const ENDING = ".csv";

/** One after the other, each with a number. */
const NAMES: readonly ((number: number) => string)[] = [
  (number) => `plain-${number}`,
  (number) => `two words, and more ${number}`,
  (number) => `a+b+${number}`,
  (number) => `100% of %25 and %2B ${number}%`,
  (number) => `'single' "double" \`back\` ${number}`,
  (number) => `ünïcödé/漢字/🏞️ ${number}`,
  (number) => `$output & $(date); <${number}>#?=\\`,
  (number) => `deep/er//and ${number}/deeper`,
  // Of 1,024 bytes, in one piece and in pieces.
  (number) => filled(`long-${number}-`, "é"),
  (number) => filled(`long/${number}/`, `${"x".repeat(99)}/`),
];

export function smallFiles(count: number, seed: number): TestFile[] {
  const random = createRandom(seed, "files");
  return Array.from({ length: count }, (_, number) => {
    const key = NAMES[number % NAMES.length]!(number) + ENDING;
    return { key, ...table(HEADER, random) };
  });
}

export function poisonFiles(count: number, seed: number): TestFile[] {
  const random = createRandom(seed, "poison");
  return Array.from({ length: count }, (_, number) => {
    const key = `poison of ${NAMES[number % 8]!(number)}${ENDING}`;
    return { key, ...table(POISON_HEADER, random) };
  });
}

/** A table of at least so many bytes, written piece by piece. */
export async function writeBigFile(path: string, bytes: number, seed: number): Promise<BigFile> {
  const random = createRandom(seed, "big");
  const means = createMeans();
  const kept = createHash("sha256").update(HEADER);
  await pipeline(async function* () {
    yield HEADER;
    for (let written = HEADER.length; written < bytes; ) {
      const rows = Array.from({ length: 10_000 }, () => reading(random));
      const good = rows.filter((row) => row.isGood);
      good.forEach(means.add);
      kept.update(good.map((row) => row.text).join(""));
      const all = rows.map((row) => row.text).join("");
      written += all.length;
      yield all;
    }
  }, createWriteStream(path));
  return { firstStep: kept.digest("hex"), result: means.floods() };
}

interface Reading {
  readonly text: string;
  readonly isGood: boolean;
  readonly day: string;
  readonly cm: number;
}

function table(header: string, random: () => number): Pick<TestFile, "body" | "result"> {
  const rows = Array.from({ length: 1 + Math.floor(random() * 60) }, () => reading(random));
  const means = createMeans();
  rows.filter(({ isGood }) => isGood).forEach(means.add);
  return { body: header + rows.map(({ text }) => text).join(""), result: means.floods() };
}

function reading(random: () => number): Reading {
  const date = `2026-05-${String(1 + Math.floor(random() * 28)).padStart(2, "0")}`;
  const gauge = `gauge-${Math.floor(random() * 20)}-behind-the-old-mill`;
  const cm = Math.floor(random() * 1_600);
  const isBroken = random() < 0.01;
  const text = `${isBroken ? "no time at all" : `${date}T12:00Z`},${gauge},${cm}\n`;
  return { text, isGood: !isBroken && cm <= HIGHEST_CM, day: `${date},${gauge}`, cm };
}

function createMeans() {
  const days = new Map<string, [sum: number, count: number]>();
  return {
    add({ day, cm }: Reading): void {
      const [sum, count] = days.get(day) ?? [0, 0];
      days.set(day, [sum + cm, count + 1]);
    },
    floods(): string {
      const means = [...days.keys()].sort().map((day) => {
        const [sum, count] = days.get(day)!;
        return { day, mean: (sum / count).toFixed(1) };
      });
      const floods = means.filter(({ mean }) => Number(mean) >= FLOOD_CM);
      return ["day,gauge,mean_cm", ...floods.map(({ day, mean }) => `${day},${mean}`), ""].join("\n");
    },
  };
}

/** Repeats the filling until the key, its ending included, has 1,024 bytes. */
function filled(start: string, filling: string): string {
  let key = start;
  while (Buffer.byteLength(key + filling + ENDING) <= MOST_KEY_BYTES) key += filling;
  return key + "z".repeat(MOST_KEY_BYTES - Buffer.byteLength(key + ENDING));
}
