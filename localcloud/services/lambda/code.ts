import { createHash } from "node:crypto";
import type { FunctionCode } from "@aws-sdk/client-lambda";
import { notImplemented } from "../../failures.ts";
import { invalidParameter } from "./errors.ts";

/** The zip of a function, as it was uploaded. */
export interface CodePackage {
  readonly zip: Uint8Array;
  /** Base64 SHA-256 of the zip's bytes: equal zips, equal value, everywhere. */
  readonly sha256: string;
}

export function codePackage(code: FunctionCode | undefined): CodePackage {
  if (code?.S3Bucket !== undefined || code?.ImageUri !== undefined) {
    throw notImplemented("lambda", "code from S3 or from an image");
  }
  const zip = code?.ZipFile;
  if (zip === undefined || zip.length === 0) throw invalidParameter("Please provide a source for function code.");
  // A zip begins with its first entry, or with its end where it is empty.
  const signature = Buffer.from(zip.subarray(0, 4)).toString("latin1");
  if (signature === "PK\x05\x06") throw invalidParameter("Uploaded file must be a non-empty zip");
  if (signature !== "PK\x03\x04") {
    throw invalidParameter("Could not unzip uploaded file. Please check your file, then try to upload again.");
  }
  return { zip, sha256: createHash("sha256").update(zip).digest("base64") };
}
