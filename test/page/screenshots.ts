/**
 * Makes the pictures of the documents: `node test/page/screenshots.ts`. With a folder, all scenes in their whole length, for a
 * look at everything: `node test/page/screenshots.ts FOLDER`.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { serving } from "../server/stage.ts";
import { type PageOptions, startChromium } from "./chromium.ts";
import { type Scene, scenes } from "./scenes.ts";

const [folder] = process.argv.slice(2);
const target = folder ?? join(import.meta.dirname, "../../docs/images");

/** What the documents show, and the height to which it is cut, CSS pixels. */
const USED: Readonly<Record<string, number>> = {
  "dead-letters-list-light": 660,
  "dead-letters-list-dark": 660,
  "drifted-one-light": 815,
  "drifted-one-dark": 815,
};

const SHAPES: readonly (PageOptions & { readonly suffix: string })[] = [
  { suffix: "light", scheme: "light" },
  { suffix: "dark", scheme: "dark" },
  { suffix: "narrow", scheme: "light", width: 400 },
];

await mkdir(target, { recursive: true });
const ends: (() => unknown)[] = [];
const browser = await startChromium();
for (const [name, make] of Object.entries(scenes)) {
  const scene: Scene = make();
  const { url } = await serving({ after: (end) => void ends.push(end as () => unknown) }, scene);
  const paths = { list: "/", ...(scene.about ? { one: `/workflows/${scene.about}` } : {}) };
  for (const [what, path] of Object.entries(paths)) {
    for (const { suffix, ...shape } of SHAPES) {
      const picture = `${name}-${what}-${suffix}`;
      if (folder === undefined && USED[picture] === undefined) continue;
      const page = await browser.open(url + path, shape);
      const height = folder === undefined ? USED[picture] : undefined;
      await writeFile(join(target, `${picture}.png`), await page.screenshot(height));
      await page.close();
    }
  }
}
await browser.close();
for (const end of ends) await end();
