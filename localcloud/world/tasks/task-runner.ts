/** A container of a task, as its definition and the request together describe it. */
export interface ContainerToRun {
  readonly name: string;
  readonly image: string;
  /** Entry point and arguments; empty where the image's own are meant. */
  readonly command: readonly string[];
  /** With the task's credentials, its region and this cloud as the endpoint. */
  readonly environment: Readonly<Record<string, string>>;
  readonly isEssential: boolean;
  /** MiB that it may take; undefined: as much as its machine has. */
  readonly memoryMiB: number | undefined;
  /** A process of the engine stands before its own, and takes what others leave behind. */
  readonly hasInit: boolean;
  /** Folders of the instance that it sees. */
  readonly mounts: readonly Mount[];
  /** From the wish to end until it is ended by force. */
  readonly stopTimeoutMs: number;
  /** Takes a line of its output to the task's log. */
  onLine(line: string): void;
}

export interface Mount {
  readonly hostPath: string;
  readonly containerPath: string;
  readonly readOnly: boolean;
}

export interface TaskToRun {
  readonly arn: string;
  readonly containers: readonly ContainerToRun[];
  /** Aborted when nobody waits for its start any more. */
  readonly signal: AbortSignal;
}

export interface RunningTask {
  /** Exit codes by the container's name, when the essential ones have ended. */
  readonly exited: Promise<ReadonlyMap<string, number>>;
  /** Asks the containers to end, and ends them by force when their time is over. */
  stop(): void;
  /** The machine is gone. */
  kill(): void;
}

/** Runs tasks where instances would: as local processes, or by a container engine. */
export interface TaskRunner {
  /** @throws Error whose message becomes the reason why the task could not start, as ECS would word it */
  start(task: TaskToRun): Promise<RunningTask>;
}
