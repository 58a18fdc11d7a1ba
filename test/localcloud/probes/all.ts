import { computeProbes } from "./compute.ts";
import { iamProbes } from "./iam.ts";
import { lambdaProbes } from "./lambda.ts";
import type { Probe } from "./probe.ts";
import { s3Probes } from "./s3.ts";
import { sqsProbes } from "./sqs.ts";

export const probes: readonly Probe[] = [...s3Probes, ...sqsProbes, ...iamProbes, ...lambdaProbes, ...computeProbes];
