import { describe } from "node:test";
import { eventInvokeConfig } from "../../src/kinds/event-invoke-config.ts";
import { eachDifferenceIsOneChange, offline } from "./diff-table.ts";

const undelivered = "arn:aws:sqs:us-east-1:123456789012:pw-plants-grey-undelivered";
const spec = { maximumEventAgeSeconds: 21_600, maximumRetryAttempts: 2, onFailureArn: undelivered };

describe("event-invoke configs, compared", () => {
  eachDifferenceIsOneChange(eventInvokeConfig(offline), spec, spec, {
    maximumEventAgeSeconds: (actual) => ({ ...actual, maximumEventAgeSeconds: 60 }),
    maximumRetryAttempts: (actual) => ({ ...actual, maximumRetryAttempts: 0 }),
    onFailureArn: (actual) => ({ ...actual, onFailureArn: `${undelivered}-other` }),
    "onFailureArn (none)": (actual) => ({ ...actual, onFailureArn: null }),
  });
});
