/** What travels through a step's queues: the enqueuer writes it, the worker reads it, a redrive moves it back. */
import { z } from "zod";

/** One file to be processed. Other fields are let pass: a dead letter that is moved back is a message again. */
export const fileMessageSchema = z.object({
  bucket: z.string().min(1),
  /** Decoded. */
  key: z.string().min(1),
  /** Without quotes. */
  eTag: z.string().optional(),
  versionId: z.string().optional(),
  /** Bytes. */
  size: z.number().optional(),
  /** From 1; a retry travels as a copy with one more. */
  attempt: z.int().min(1),
});
export type FileMessage = z.infer<typeof fileMessageSchema>;

/**
 * Why a file was given up:
 * - `crashed`: it was received too often without coming to any end, so it kills its worker
 * - `exit-code`: the algorithm ended with a code that means failure, or once too often with one that means "again"
 * - `timeout`: it took longer than the workflow allows one file
 * - `no-result`: the algorithm ended well and left no result, or one that cannot be uploaded
 * - `source-missing`: the file is no longer in the input bucket
 * - `storage`: reading the file or writing its result was refused or failed again and again
 * - `unreadable`: the message is none of ours
 */
export type DeadLetterReason =
  | "crashed"
  | "exit-code"
  | "timeout"
  | "no-result"
  | "source-missing"
  | "storage"
  | "unreadable";

/** Its `attempt` is 1, so that a file moved back to the queue starts afresh. */
export interface DeadLetter extends FileMessage {
  readonly reason: DeadLetterReason;
  /** For people: what happened, with the algorithm's last words. */
  readonly detail: string;
  /** How often the file was tried. */
  readonly tries: number;
}

/** Undefined for what is no message of ours. */
export function readFileMessage(body: string): FileMessage | undefined {
  try {
    return fileMessageSchema.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
}
