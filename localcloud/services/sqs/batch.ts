import type { BatchResultErrorEntry } from "@aws-sdk/client-sqs";
import { AwsError } from "../../service.ts";
import { prefixed } from "./errors.ts";

/** Runs each entry by itself: what one does wrong is answered for that one. Throws where the batch as a whole is wrong. */
export function batch<E extends { Id: string | undefined }, R extends object>(
  entries: readonly E[] | undefined,
  run: (entry: E) => R,
): { Successful: (R & { Id: string })[]; Failed: BatchResultErrorEntry[] } {
  if (entries === undefined || entries.length === 0) {
    throw prefixed("EmptyBatchRequest", "There should be at least one entry in the request.");
  }
  if (entries.length > 10) {
    throw prefixed(
      "TooManyEntriesInBatchRequest",
      `Maximum number of entries per request are 10. You have sent ${entries.length}.`,
    );
  }
  for (const { Id } of entries) {
    if (!/^[\w-]{1,80}$/.test(Id ?? "")) {
      throw prefixed(
        "InvalidBatchEntryId",
        "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.",
      );
    }
  }
  const ids = new Set(entries.map(({ Id }) => Id));
  if (ids.size < entries.length)
    throw prefixed("BatchEntryIdsNotDistinct", "Two or more batch entries have the same Id.");

  const Successful: (R & { Id: string })[] = [];
  const Failed: BatchResultErrorEntry[] = [];
  for (const entry of entries) {
    const Id = entry.Id!;
    try {
      Successful.push({ ...run(entry), Id });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      Failed.push({ Id, SenderFault: true, Code: error.legacyCode ?? error.code, Message: error.message });
    }
  }
  return { Successful, Failed };
}
