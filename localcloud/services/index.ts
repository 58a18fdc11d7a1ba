import type { ServiceFactory } from "../service.ts";
import { createSqs } from "./sqs.ts";
import { createSts } from "./sts.ts";

/** Every service of the local cloud, by the id of its SDK client. */
export const factories: Readonly<Record<string, ServiceFactory>> = {
  sts: createSts,
  sqs: createSqs,
};
