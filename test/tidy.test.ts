/** The architecture's invariants, held by the tree itself. */
import assert from "node:assert/strict";
import { existsSync, globSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { describe, it } from "node:test";

const root = dirname(import.meta.dirname);
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const sources = (pattern: string): string[] => globSync(pattern, { cwd: root }).sort();

const PURE = ["src/core", "src/workflow", "src/desired"];

/** Which rooms a room may import at run time, and which it may only take types from. */
const LAYERS: Readonly<Record<string, { readonly uses: readonly string[]; readonly types?: readonly string[] }>> = {
  "src/core": { uses: [] },
  "src/workflow": { uses: ["src/core"] },
  "src/desired": { uses: ["src/core", "src/workflow"], types: ["src/kinds"] },
  "src/aws": { uses: ["src/core"] },
  "src/kinds": { uses: ["src/core", "src/aws"] },
  "src/engine": { uses: ["src/core", "src/workflow", "src/desired"] },
  "src/io": { uses: ["src/core", "src/workflow"], types: ["src/engine"] },
  "src/data": { uses: ["src/core", "src/workflow", "src/desired", "src/aws"] },
  "src/wrap": { uses: ["src/core", "src/workflow", "src/desired"] },
  "src/notices": { uses: ["src/core"], types: ["src/engine", "src/data"] },
  "src/server": { uses: ["src/core"], types: ["src/engine", "src/aws", "src/data"] },
  "src/cli": {
    uses: ["src/core", "src/workflow"],
    types: ["src/engine", "src/io", "src/server", "src/data", "src/wrap"],
  },
  lambda: { uses: PURE },
  worker: { uses: PURE },
  localcloud: { uses: ["src/core", "src/workflow"] },
};

const PURE_PACKAGES = ["zod", "jsonc-parser", "node:crypto"];

interface Import {
  readonly file: string;
  readonly target: string;
  readonly typeOnly: boolean;
}

function importsOf(file: string): Import[] {
  const statement = /^(?:import|export)\s+(type\s)?(?:[^"';]*?\sfrom\s+)?"([^"]+)"|\bimport\("([^"]+)"\)/gm;
  return [...read(file).matchAll(statement)].map(([, type, name, lazy]) => {
    const target = name ?? lazy ?? "";
    const path = target.startsWith(".") ? normalize(join(dirname(file), target)) : target;
    return { file, target: path, typeOnly: type !== undefined };
  });
}

const roomOf = (path: string): string | undefined => Object.keys(LAYERS).find((room) => path.startsWith(`${room}/`));

describe("the layers", () => {
  for (const [room, layer] of Object.entries(LAYERS)) {
    it(`${room} imports only what lies below it`, () => {
      const wrong = sources(`${room}/**/*.ts`)
        .flatMap(importsOf)
        .filter(({ target, typeOnly }) => {
          const targetRoom = roomOf(target);
          // Files that stand in no room wire the others together.
          if (!targetRoom) return target.startsWith("src/") && !typeOnly;
          if (targetRoom === room || layer.uses.includes(targetRoom)) return false;
          return !(typeOnly && layer.types?.includes(targetRoom));
        })
        .map(({ file, target }) => `${file} → ${target}`);
      assert.deepEqual(wrong, []);
    });
  }

  it("the pure rooms use no package but zod, jsonc-parser and node:crypto", () => {
    const wrong = PURE.flatMap((room) => sources(`${room}/**/*.ts`))
      .flatMap(importsOf)
      .filter(({ target }) => !target.startsWith("src/") && !PURE_PACKAGES.includes(target))
      .map(({ file, target }) => `${file} → ${target}`);
    assert.deepEqual(wrong, []);
  });

  it("the product reaches the local cloud only lazily", () => {
    const wrong = sources("src/**/*.ts").flatMap((file) =>
      [...read(file).matchAll(/^import (?!type)[^;]*"[^"]*localcloud\/[^"]*"/gm)].map(() => file),
    );
    assert.deepEqual(wrong, []);
  });
});

describe("the registries", () => {
  it("every file of kinds/ that holds a kind is registered, and none is missing", () => {
    const index = read("src/kinds/index.ts");
    const kinds = sources("src/kinds/*.ts").filter((file) => /^\s+kind: "/m.test(read(file)));
    assert.ok(kinds.length >= 20, `only ${kinds.length} kinds found`);
    for (const file of kinds) {
      const name = relative("src/kinds", file).replace(/\.ts$/, "");
      assert.match(index, new RegExp(`"\\./${name}\\.ts"`), `${file} is not registered`);
      assert.match(read(file), new RegExp(`kind: "${name}"`), `${file} is named otherwise than its kind`);
    }
  });
});

describe("banned words", () => {
  const only = (pattern: RegExp, allowed: readonly string[], within = "src/**/*.ts"): string[] =>
    sources(within).filter((file) => !allowed.includes(file) && pattern.test(withoutComments(read(file))));

  it("only main.ts touches the process", () => {
    assert.deepEqual(only(/\bprocess\.(?!$)|\bconsole\./, ["src/main.ts"]), []);
  });

  it("only io/clock.ts touches timers and the time of day", () => {
    const time =
      /\bDate\.now\b|\bnew Date\(\)|\bsetTimeout\b|\bsetInterval\b|\bsetImmediate\b|\bperformance\.now\b|node:timers/;
    assert.deepEqual(only(time, ["src/io/clock.ts"]), []);
  });

  it("the engine never branches on a kind", () => {
    const kinds = [...read("src/kinds/index.ts").matchAll(/"\.\/([a-z-]+)\.ts"/g)].map(([, name]) => name);
    const named = new RegExp(`(?<!typeof \\w+ [!=]== )"(${kinds.join("|")})["/]`);
    assert.deepEqual(only(named, [], "src/engine/**/*.ts"), []);
  });

  it("no error is swallowed as any, and nothing is left to do", () => {
    assert.deepEqual(only(/:\s*any\b(?!.*biome-ignore)/, ["src/core/resource.ts"], "src/**/*.ts"), []);
    assert.deepEqual(only(/\b(TODO|XXX|HACK)\b/, [], "{src,lambda,worker,localcloud}/**/*.ts"), []);
  });
});

describe("ARCHITECTURE.md", () => {
  const text = read("ARCHITECTURE.md");

  it("names every room", () => {
    const rooms = readdirSync(join(root, "src"), { withFileTypes: true }).filter((one) => one.isDirectory());
    for (const { name } of rooms)
      assert.match(text, new RegExp(`\`?src/${name}/|\\b${name}/`), `src/${name} is not on the map`);
    for (const name of ["lambda", "worker", "localcloud", "pipelines", "test", "bench"])
      assert.match(text, new RegExp(`\\b${name}/`));
  });

  it("names no file that is not there", () => {
    const paths = [
      ...text.matchAll(/`((?:src|lambda|worker|localcloud|test|bench|docs|pipelines|schema|scripts)\/[\w./-]*)`/g),
    ].map(([, path]) => path!);
    assert.ok(paths.length > 10);
    assert.deepEqual(
      paths.filter((path) => !existsSync(join(root, path))),
      [],
    );
  });
});

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "");
}
