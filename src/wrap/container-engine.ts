/** docker or podman, whichever is on the PATH and works. No shell is in between. */
import { execFile } from "node:child_process";
import { readFile, rm } from "node:fs/promises";

export interface ContainerEngine {
  readonly name: "docker" | "podman";
  build(image: string, folder: string): Promise<void>;
  /** Answers the digest under which the registry knows the image, `sha256:…`. */
  push(image: string, folder: string): Promise<string>;
}

export interface EngineDeps {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Told of each line that the engine writes. */
  readonly onLine: (line: string) => void;
}

const ENGINES = ["docker", "podman"] as const;
const DIGEST = /sha256:[0-9a-f]{64}/;

/** @throws saying of both what is wrong with them, when neither works */
export async function findEngine(deps: EngineDeps): Promise<ContainerEngine> {
  const problems: string[] = [];
  for (const name of ENGINES) {
    try {
      await call(name, ["info"], { ...deps, onLine: () => {} });
      return engine(name, deps);
    } catch (error) {
      problems.push(`${name}: ${(error as Error).message}`);
    }
  }
  throw new Error(`no container engine works here:\n  ${problems.join("\n  ")}`);
}

function engine(name: ContainerEngine["name"], deps: EngineDeps): ContainerEngine {
  return {
    name,
    async build(image, folder) {
      await call(name, ["build", "--tag", image, folder], deps);
    },
    push: (image, folder) => (name === "podman" ? pushWithPodman(image, folder, deps) : pushWithDocker(image, deps)),
  };
}

async function pushWithDocker(image: string, deps: EngineDeps): Promise<string> {
  await call("docker", ["push", image], deps);
  const quiet = { ...deps, onLine: () => {} };
  const written = await call("docker", ["image", "inspect", "--format", "{{json .RepoDigests}}", image], quiet);
  // The same image may have been pushed to other places before.
  const digests = JSON.parse(written) as string[];
  return digestIn(digests.find((one) => one.startsWith(`${image}@`)) ?? written, image);
}

/** What podman calls the image here is not what the registry calls it, since it is compressed on the way. */
async function pushWithPodman(image: string, folder: string, deps: EngineDeps): Promise<string> {
  const file = `${folder}/pushed-digest`;
  await call("podman", ["push", "--digestfile", file, image], deps);
  const written = await readFile(file, "utf8");
  await rm(file);
  return digestIn(written, image);
}

function digestIn(text: string, image: string): string {
  const digest = DIGEST.exec(text)?.[0];
  if (!digest) throw new Error(`${image} was pushed, but nobody says under which digest`);
  return digest;
}

/** Runs a program without a shell, and answers what it wrote to standard output. @throws with the last words of a program that failed */
export function call(program: string, args: readonly string[], { environment, onLine }: EngineDeps): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { env: { ...environment }, maxBuffer: 64 * 1024 * 1024 };
    const child = execFile(program, args, options, (error, out, err) => {
      if (!error) return resolve(out);
      const isAbsent = (error as NodeJS.ErrnoException).code === "ENOENT";
      const words = err.trim().split("\n").slice(-3).join(" ").trim();
      reject(new Error(isAbsent ? "not on the PATH" : `\`${program} ${args[0]}\` failed: ${words || error.message}`));
    });
    for (const stream of [child.stdout, child.stderr]) eachLine(stream, onLine);
  });
}

function eachLine(stream: NodeJS.ReadableStream | null, onLine: (line: string) => void): void {
  let rest = "";
  stream?.on("data", (text: Buffer | string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(line);
  });
  stream?.on("close", () => {
    if (rest !== "") onLine(rest);
  });
}
