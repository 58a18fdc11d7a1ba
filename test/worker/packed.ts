/** The packed worker as a process of its own, started as its container starts it. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WORKER_BUNDLE } from "../../src/desired/task-definition.ts";
import { toEnvironment, type WorkerSettings } from "../../src/desired/worker-environment.ts";
import type { Stage } from "./stage.ts";

export type Architecture = keyof typeof WORKER_BUNDLE;

/** Node by its own loader and libraries, wherever they were put. */
export const nodeIn = (place: string, architecture: Architecture): string[] => [
  `${place}/${WORKER_BUNDLE[architecture].loader}`,
  ...["--library-path", `${place}/lib`, `${place}/node`],
];

/** Has the worker process one file, ends it, and answers the result. */
export async function processOne(
  stage: Stage,
  start: readonly string[],
  over: Partial<WorkerSettings>,
): Promise<string> {
  await stage.upload("ü b.txt", "green");
  const env = {
    PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    // By its name, which takes the C library's resolver.
    AWS_ENDPOINT_URL: stage.cloud.endpoint.replace("127.0.0.1", "localhost"),
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    ...toEnvironment({ ...stage.settings, ...over }),
  };
  const [program = "", ...args] = start;
  const child = spawn(program, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      if (/result uploaded|given up|tried in vain/.test(text)) child.kill("SIGTERM");
    });
  }
  const code = await new Promise((resolve) => child.once("close", resolve));
  assert.equal(code, 0, output);
  const [result] = await stage.results();
  assert.ok(result, output);
  return result.body.toString();
}

/**
 * Makes a root that holds nothing but what Docker gives to every container, the worker below `/pw`, and an algorithm in
 * `/algorithm.mjs` that writes in capitals.
 *
 * @param packed the worker's files
 */
export function emptyImage(image: string, packed: string): void {
  for (const name of ["etc", "dev", "pw"]) mkdirSync(join(image, name), { recursive: true });
  spawnSync("mknod", ["-m", "666", join(image, "dev/null"), "c", "1", "3"]);
  writeFileSync(join(image, "etc/hosts"), "127.0.0.1 localhost\n");
  spawnSync("cp", ["-a", `${packed}/.`, join(image, "pw")]);
  writeFileSync(
    join(image, "algorithm.mjs"),
    'import { readFileSync, writeFileSync } from "node:fs";\nwriteFileSync(process.argv[3], readFileSync(process.argv[2], "utf8").toUpperCase());\n',
  );
}

/** Why no root can be made and changed into. */
export function noChroot(): string | false {
  const probe = mkdtempSync(join(tmpdir(), "pipewright-mknod-"));
  try {
    const isRoot = spawnSync("chroot", ["/", "/bin/true"]).status === 0;
    return isRoot && spawnSync("mknod", [join(probe, "null"), "c", "1", "3"]).status === 0
      ? false
      : "chroot and mknod need a root that may use them";
  } finally {
    rmSync(probe, { recursive: true, force: true });
  }
}
