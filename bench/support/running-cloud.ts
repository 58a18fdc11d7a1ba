/** The local cloud with all that runs in it, as a process of its own: `node running-cloud.ts PIPELINES SEED`. */
import { startLocalCloud } from "../../localcloud/server.ts";
import { workerProgram } from "../../src/bundles.ts";
import { createAlgorithmSources } from "../../src/io/algorithm-sources.ts";
import { REGION, ROOT } from "./cloud.ts";

const [pipelines = "", seed = "1"] = process.argv.slice(2);
const tasks = { workerPath: workerProgram(`${ROOT}/src`), sources: createAlgorithmSources(pipelines) };
const run = { bootMs: 300, pullMs: 100, tasks };
const cloud = await startLocalCloud({ region: REGION, seed: Number(seed), run });
console.log(JSON.stringify({ endpoint: cloud.endpoint }));

const stop = () => void cloud.stop().then(() => process.exit(0));
process.once("SIGTERM", stop);
// Whoever started it is gone.
process.stdin.resume().once("close", stop);
