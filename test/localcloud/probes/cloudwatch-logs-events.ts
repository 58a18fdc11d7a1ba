import * as logs from "@aws-sdk/client-cloudwatch-logs";
import { at, group, messages, written } from "./log-groups.ts";
import type { Probe } from "./probe.ts";

const REFERENCE = "CloudWatch Logs API Reference";
const PATTERNS = "CloudWatch Logs User Guide, filter pattern syntax";

export const cloudwatchLogsEventProbes: readonly Probe[] = [
  {
    operation: "cloudwatch-logs:FilterLogEvents",
    question: "of two streams: the order",
    aws: "1, 2, 3",
    source: `${REFERENCE}, FilterLogEvents`,
    async ask(sdk) {
      const events: [string, number, string][] = [
        ["a", 1, "1"],
        ["a", 3, "3"],
        ["b", 2, "2"],
      ];
      return messages(sdk, await written(sdk, "streams", events));
    },
  },
  {
    operation: "cloudwatch-logs:FilterLogEvents",
    question: "the latest first, if asked for",
    aws: "2, 1",
    source: `${REFERENCE}, FilterLogEvents (startFromHead)`,
    async ask(sdk) {
      const input = await written(sdk, "latest", [
        ["a", 1, "1"],
        ["a", 2, "2"],
      ]);
      return messages(sdk, { ...input, startTime: at(0), startFromHead: false });
    },
  },
  {
    operation: "cloudwatch-logs:FilterLogEvents",
    question: "the latest first, back to 2023",
    aws: "InvalidParameterException",
    source: `${REFERENCE}, FilterLogEvents (startFromHead)`,
    async ask(sdk) {
      const input = { ...(await group(sdk, "old")), startTime: Date.UTC(2023, 0, 1), startFromHead: false };
      return messages(sdk, input);
    },
  },
  {
    operation: "cloudwatch-logs:FilterLogEvents",
    question: "two, in pages of one",
    aws: "1, more",
    source: `${REFERENCE}, FilterLogEvents (limit)`,
    async ask(sdk) {
      const input = await written(sdk, "events-page", [
        ["a", 1, "1"],
        ["a", 2, "2"],
      ]);
      const answer = await sdk.logs.send(new logs.FilterLogEventsCommand({ ...input, limit: 1 }));
      return `${answer.events?.length}, ${answer.nextToken ? "more" : "no more"}`;
    },
  },
  {
    operation: "cloudwatch-logs:FilterLogEvents",
    question: "an event of the very end of the time range",
    aws: "1, 2",
    source: `${REFERENCE}, FilterLogEvents (endTime)`,
    async ask(sdk) {
      const input = await written(sdk, "range", [
        ["a", 1, "1"],
        ["a", 2, "2"],
        ["a", 3, "3"],
      ]);
      return messages(sdk, { ...input, startTime: at(1), endTime: at(2) });
    },
  },
  {
    operation: "cloudwatch-logs:FilterLogEvents",
    question: "two words: both must occur",
    aws: "two one",
    source: PATTERNS,
    async ask(sdk) {
      const input = await written(sdk, "words", [
        ["a", 1, "one"],
        ["a", 2, "two one"],
      ]);
      return messages(sdk, { ...input, filterPattern: "one two" });
    },
  },
  {
    operation: "cloudwatch-logs:FilterLogEvents",
    question: "`?one ?two`: either",
    aws: "one, two",
    source: PATTERNS,
    async ask(sdk) {
      const input = await written(sdk, "either", [
        ["a", 1, "one"],
        ["a", 2, "three"],
        ["a", 3, "two"],
      ]);
      return messages(sdk, { ...input, filterPattern: "?one ?two" });
    },
  },
  {
    operation: "cloudwatch-logs:FilterLogEvents",
    question: "by a field of JSON messages",
    aws: '{"key":"one"}',
    source: PATTERNS,
    async ask(sdk) {
      const input = await written(sdk, "json", [
        ["a", 1, '{"key":"one"}'],
        ["a", 2, '{"key":"two"}'],
      ]);
      return messages(sdk, { ...input, filterPattern: '{ $.key = "one" }' });
    },
  },
  {
    operation: "cloudwatch-logs:FilterLogEvents",
    question: "names of streams and their prefix together",
    aws: "InvalidParameterException",
    source: `${REFERENCE}, FilterLogEvents (logStreamNamePrefix)`,
    async ask(sdk) {
      const input = await written(sdk, "both", [["a", 1, "1"]]);
      return messages(sdk, { ...input, logStreamNames: ["a"], logStreamNamePrefix: "a" });
    },
  },
  {
    operation: "cloudwatch-logs:FilterLogEvents",
    question: "of a group that is not there",
    aws: "ResourceNotFoundException",
    source: `${REFERENCE}, FilterLogEvents`,
    ask: (sdk) => messages(sdk, { logGroupName: "/probe/never" }),
  },
];
