import type { WorkerSettings } from "../src/desired/worker-environment.ts";

type Codes = Pick<WorkerSettings, "successExitCodes" | "retryExitCodes" | "failExitCodes">;

/** What an exit code means, by the algorithm's description. */
export function judgeExit(code: number, codes: Codes): "success" | "retry" | "fail" {
  if (codes.successExitCodes.includes(code)) return "success";
  if (codes.failExitCodes.includes(code)) return "fail";
  return codes.retryExitCodes === "rest" || codes.retryExitCodes.includes(code) ? "retry" : "fail";
}
