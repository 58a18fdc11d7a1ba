/** The daemon as its image runs it: the bundled binary under the same options of V8, a process of its own. */
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Cloud, CREDENTIALS, OWNER, REGION, ROOT } from "./cloud.ts";
import type { BenchFolder } from "./folder.ts";

export interface Daemon {
  /** User and system time since the start, milliseconds; undefined where there is no /proc. */
  cpuMs(): number | undefined;
  /** Resident memory, MiB; undefined where there is no /proc. */
  residentMiB(): number | undefined;
  /** Resolves once it is gone. @param signal @default "SIGTERM" */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

const TICKS_PER_SECOND = 100;

export function startDaemon(cloud: Cloud, folder: BenchFolder, environment: NodeJS.ProcessEnv = {}): Daemon {
  const binary = join(ROOT, "dist", "pipewright.js");
  if (!existsSync(binary)) throw new Error(`${binary} is missing; run \`npm run build\``);
  const child = spawn(
    process.execPath,
    [...imageOptions(), binary, "run", "--pipelines", folder.pipelines, "--data", folder.data],
    {
      stdio: ["ignore", "ignore", "inherit"],
      env: {
        PATH: process.env.PATH,
        AWS_ENDPOINT_URL: cloud.endpoint,
        AWS_REGION: REGION,
        AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
        AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
        PIPEWRIGHT_OWNER: OWNER,
        PIPEWRIGHT_LOG_LEVEL: "warn",
        ...environment,
      },
    },
  );
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const proc = (file: string): string | undefined => {
    const path = `/proc/${child.pid}/${file}`;
    return existsSync(path) ? readFileSync(path, "utf8") : undefined;
  };
  return {
    cpuMs() {
      // The fields after the command's name, which is in brackets: utime and stime are the 12th and the 13th.
      const fields = proc("stat")?.split(") ")[1]?.split(" ");
      return fields && ((Number(fields[11]) + Number(fields[12])) * 1_000) / TICKS_PER_SECOND;
    },
    residentMiB() {
      const found = /VmRSS:\s+(\d+)/.exec(proc("status") ?? "");
      return found ? Number(found[1]) / 1_024 : undefined;
    },
    async stop(signal = "SIGTERM") {
      child.kill(signal);
      await exited;
    },
  };
}

/** What stands between `node` and the program in the image's entry point. */
function imageOptions(): string[] {
  const [, entry] = /^ENTRYPOINT (\[.*\])$/m.exec(readFileSync(join(ROOT, "Dockerfile"), "utf8")) ?? [];
  const words: string[] = JSON.parse(entry ?? "[]");
  return words.filter((word) => word.startsWith("--"));
}
