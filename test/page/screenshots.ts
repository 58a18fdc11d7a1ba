/** Makes the pictures of the documents: `node test/page/screenshots.ts [FOLDER]`, by default `docs/images/`. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { serving } from "../server/stage.ts";
import { type PageOptions, startChromium } from "./chromium.ts";
import { type Scene, scenes } from "./scenes.ts";

const [folder = join(import.meta.dirname, "../../docs/images")] = process.argv.slice(2);
const SHAPES: readonly (PageOptions & { readonly suffix: string })[] = [
  { suffix: "light", scheme: "light" },
  { suffix: "dark", scheme: "dark" },
  { suffix: "narrow", scheme: "light", width: 400 },
];

await mkdir(folder, { recursive: true });
const ends: (() => unknown)[] = [];
const browser = await startChromium();
for (const [name, make] of Object.entries(scenes)) {
  const scene: Scene = make();
  const { url } = await serving({ after: (end) => void ends.push(end as () => unknown) }, scene);
  const paths = { list: "/", ...(scene.about ? { one: `/workflows/${scene.about}` } : {}) };
  for (const [what, path] of Object.entries(paths)) {
    for (const { suffix, ...shape } of SHAPES) {
      const page = await browser.open(url + path, shape);
      await writeFile(join(folder, `${name}-${what}-${suffix}.png`), await page.screenshot());
      await page.close();
    }
  }
}
await browser.close();
for (const end of ends) await end();
