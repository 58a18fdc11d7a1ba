/** A folder of workflow files that differ in nothing but their names and buckets. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface BenchFolder {
  readonly pipelines: string;
  readonly data: string;
  /** Writes a workflow file and answers its path. @param steps @default 1 @param fields that it has besides */
  add(name: string, steps?: number, fields?: object): Promise<string>;
  remove(): Promise<void>;
}

export async function createFolder(): Promise<BenchFolder> {
  const folder = await mkdtemp(join(tmpdir(), "pipewright-bench-"));
  const pipelines = join(folder, "pipelines");
  await mkdir(join(pipelines, "algorithms"), { recursive: true });
  await writeFile(join(pipelines, "algorithms", "grey.json"), JSON.stringify(GREY));
  return {
    pipelines,
    data: join(folder, "data"),
    async add(name, steps = 1, fields = {}) {
      const file = join(pipelines, `${name}.json`);
      await writeFile(file, JSON.stringify({ ...workflowFile(name, steps), ...fields }));
      return file;
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

const GREY = {
  name: "grey",
  container_name: "example/grey:1",
  run_command: "grey $input $output",
  input_file_path: "/in",
  output_file_path: "/out",
  memory: { minimal: 64, suggested: 128 },
  CPU: 0.5,
};

const workflowFile = (name: string, steps: number) => ({
  name,
  input_s3_name: `bench-${name}-in`,
  output_s3_name: `bench-${name}-out`,
  process: {
    type: steps === 1 ? "single_run" : "sequence_run",
    algorithms: Array.from({ length: steps }, () => ({ name: "grey" })),
  },
});

/** `w0000`, `w0001`, … */
export const names = (count: number): string[] =>
  Array.from({ length: count }, (_, at) => `w${String(at).padStart(4, "0")}`);
