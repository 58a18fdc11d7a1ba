import { parseArgs } from "node:util";
import { startLocalCloud } from "./server.ts";

/**
 * Runs the local cloud as a process of its own:
 * `node localcloud/main.ts [--port N] [--account ID] [--region NAME] [--latency MS] [--quotas] [--lags] [--run] [--seed N] [--data DIR] [--stdin]`.
 * Prints one line of JSON with the endpoint, and ends on SIGTERM, on SIGINT or, with `--stdin`, when its input is closed.
 */
const { values } = parseArgs({
  options: {
    port: { type: "string", default: "0" },
    account: { type: "string", default: "123456789012" },
    region: { type: "string", default: "us-east-1" },
    latency: { type: "string", default: "0" },
    quotas: { type: "boolean", default: false },
    lags: { type: "boolean", default: false },
    run: { type: "boolean", default: false },
    seed: { type: "string", default: "1" },
    data: { type: "string" },
    stdin: { type: "boolean", default: false },
  },
});

const cloud = await startLocalCloud({
  port: Number(values.port),
  account: values.account,
  region: values.region,
  latencyMs: Number(values.latency),
  quotas: values.quotas,
  lags: values.lags,
  run: values.run,
  seed: Number(values.seed),
  ...(values.data !== undefined && { dataFolder: values.data }),
});
console.log(JSON.stringify({ endpoint: cloud.endpoint }));

const stop = () =>
  void cloud.stop().then(
    () => process.exit(0),
    (error: Error) => {
      console.error(error.message);
      process.exit(1);
    },
  );
process.once("SIGTERM", stop);
process.once("SIGINT", stop);
if (values.stdin) process.stdin.resume().once("end", stop).once("close", stop);
