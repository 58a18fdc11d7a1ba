/** Bakes the worker into an algorithm's image, for those who want an image that runs anywhere by itself. */
import { mkdir, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { applyEdits, modify } from "jsonc-parser";
import { WORKER_BUNDLE } from "../desired/task-definition.ts";
import type { Algorithm } from "../workflow/algorithm.ts";
import type { Architecture } from "../workflow/instance-types.ts";
import { decode, type SourceFile } from "../workflow/source-file.ts";
import { call, type EngineDeps, findEngine } from "./container-engine.ts";
import { dockerfile, imageName, WORKER_FOLDER } from "./dockerfile.ts";

export interface WrapDeps {
  /** Path of the packed worker; undefined where nobody packed one. */
  readonly packed: () => string | undefined;
  /** Where build contexts are put. */
  readonly contextFolder: string;
  /** Of this machine, for which images are built. */
  readonly architecture: Architecture;
  readonly environment: EngineDeps["environment"];
}

export interface WrapRequest {
  /** The algorithm's file, and what it says. */
  readonly file: SourceFile;
  readonly algorithm: Algorithm;
  readonly user?: string;
  readonly registry?: string;
  readonly push: boolean;
  readonly onLine: (line: string) => void;
}

export interface Wrapped {
  /** Reference of the image: with its digest once it is pushed, else by its name. */
  readonly image: string;
  /** Dockerfile and build context. */
  readonly context: string;
  /** The algorithm's file, naming that image. */
  readonly info: string;
}

export interface Wrapper {
  /** What the image is made of, before anything is built. */
  dockerfile(algorithm: Algorithm): string;
  /** @throws where no engine works; the build context stands by then, and the message says where */
  wrap(request: WrapRequest): Promise<Wrapped>;
}

export function createWrapper(deps: WrapDeps): Wrapper {
  const { architecture, environment, contextFolder } = deps;
  return {
    dockerfile: ({ image }) => dockerfile(image, architecture),
    async wrap({ file, algorithm, user, registry, push, onLine }) {
      const context = join(contextFolder, `${algorithm.name}-image`);
      await writeContext(context, algorithm, deps);
      const engine = await findEngine({ environment, onLine }).catch((error: Error) => {
        throw new Error(`${error.message}\nthe Dockerfile and all that it needs are in ${context}`);
      });
      const { name } = algorithm;
      const tag = imageName({ name, ...(registry ? { registry } : {}), ...(user ? { user } : {}) });
      await engine.build(tag, context);
      const image = push ? `${tag}@${await engine.push(tag, context)}` : tag;
      const info = join(dirname(file.path), `${name}_info.json`);
      await writeFile(info, withImage(file, image));
      return { image, context, info };
    },
  };
}

async function writeContext(folder: string, { image }: Algorithm, deps: WrapDeps): Promise<void> {
  const { architecture, environment } = deps;
  const packed = deps.packed();
  if (!packed) throw new Error("this installation holds no packed worker; `npm run pack-worker` packs one");
  const into = join(folder, WORKER_FOLDER);
  await mkdir(into, { recursive: true });
  const wanted = `./${WORKER_BUNDLE[architecture].folder}`;
  await call("tar", ["-xzf", packed, "-C", into, wanted], { environment, onLine: () => {} });
  await writeFile(join(folder, "Dockerfile"), dockerfile(image, architecture));
}

/** The file as a person wrote it, comments and all, but for the image. */
function withImage(file: SourceFile, image: string): string {
  const decoded = decode(file);
  if ("problem" in decoded)
    throw new Error(`${basename(file.path)} was read before, and yet ${decoded.problem.message}`);
  const edits = modify(decoded.text, ["container_name"], image, {});
  return applyEdits(decoded.text, edits);
}
