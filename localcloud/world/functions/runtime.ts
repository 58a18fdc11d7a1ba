/** What the cloud tells a function's process. */
export interface Order {
  readonly requestId: string;
  readonly event: unknown;
  readonly deadlineMs: number;
  /** How far the world's clock is ahead of the machine's. */
  readonly clockAheadMs: number;
  readonly context: Readonly<Record<string, string>>;
}

/** What the process tells the cloud: a line for the log, that it is ready, or what came of an order. */
export type Report =
  | { readonly line: string }
  | { readonly ready: true }
  | { readonly result: string }
  | { readonly failure: Failure; readonly isInit?: true };

export interface Failure {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

/**
 * The runtime of a function's process, as Lambda's for Node: loads the handler that `_HANDLER` names and calls it for each
 * order. It travels as its own source text, so it uses nothing but what is global in the process.
 */
async function runtime(): Promise<void> {
  const environment = process.env as Record<string, string>;
  const tell = (report: Report) => void process.send?.(report);
  const machineNow = Date.now;
  let clockAheadMs = 0;
  let requestId = "";

  process.on("disconnect", () => process.exit(0));
  followWorldClock();
  writeLines();

  const handler = await load();
  process.on("message", async (order: Order) => {
    clockAheadMs = order.clockAheadMs;
    requestId = order.requestId;
    const context = { ...order.context, getRemainingTimeInMillis: () => order.deadlineMs - Date.now() };
    try {
      const result = await handler?.(order.event, context);
      tell({ result: JSON.stringify(result) ?? "null" });
    } catch (error) {
      console.error("Invoke Error", error);
      tell({ failure: failureOf(error) });
    }
  });
  if (handler) tell({ ready: true });

  async function load(): Promise<((event: unknown, context: unknown) => unknown) | undefined> {
    const [, file = "", name = ""] = /^(.*)\.([^.]+)$/.exec(environment._HANDLER ?? "") ?? [];
    let lastError: unknown;
    for (const extension of ["mjs", "js", "cjs"]) {
      try {
        const loaded = await import(`${environment.LAMBDA_TASK_ROOT}/${file}.${extension}`);
        const found = loaded[name] ?? loaded.default?.[name];
        if (typeof found === "function") return found;
        const errorMessage = `${environment._HANDLER} is undefined or not exported`;
        tell({ failure: { errorType: "Runtime.HandlerNotFound", errorMessage }, isInit: true });
        return undefined;
      } catch (error) {
        // The next extension is tried only where this file is not there; a file that fails is the function's own fault.
        lastError ??= error;
        if ((error as { code?: string }).code !== "ERR_MODULE_NOT_FOUND") {
          tell({ failure: failureOf(error), isInit: true });
          return undefined;
        }
      }
    }
    tell({ failure: { errorType: "Runtime.ImportModuleError", errorMessage: String(lastError) }, isInit: true });
    return undefined;
  }

  function failureOf(error: unknown): Failure {
    if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error) };
    return { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? "").split("\n") };
  }

  /** A function sees the time of the world that it runs in. */
  function followWorldClock(): void {
    const MachineDate = Date;
    globalThis.Date = class extends MachineDate {
      constructor(...given: []) {
        if (given.length === 0) super(machineNow() + clockAheadMs);
        else super(...given);
      }
      static override now() {
        return machineNow() + clockAheadMs;
      }
    } as DateConstructor;
    const machineMonotonic = performance.now.bind(performance);
    performance.now = () => machineMonotonic() + clockAheadMs;
  }

  /** As Lambda writes the console's lines: with time, request and level, in tabs or as JSON. */
  function writeLines(): void {
    const levels = { trace: "TRACE", debug: "DEBUG", log: "INFO", info: "INFO", warn: "WARN", error: "ERROR" };
    for (const [method, level] of Object.entries(levels)) {
      (console as unknown as Record<string, unknown>)[method] = (...values: unknown[]) => {
        const text = values.map(textOf).join(" ");
        const timestamp = new Date().toISOString();
        const asJson = environment.AWS_LAMBDA_LOG_FORMAT === "JSON";
        const line = asJson
          ? JSON.stringify({ timestamp, level, requestId, message: parsed(text) })
          : `${timestamp}\t${requestId}\t${level}\t${text}`;
        tell({ line });
      };
    }
  }

  function textOf(value: unknown): string {
    if (typeof value === "string") return value;
    if (value instanceof Error) return value.stack ?? String(value);
    return JSON.stringify(value) ?? String(value);
  }

  function parsed(text: string): unknown {
    try {
      return JSON.parse(text);
    } catch {
      return text;
    }
  }
}

/** The program of a function's process. */
export const runtimeProgram = `(${runtime})();\n`;
