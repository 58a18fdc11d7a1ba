import type * as api from "@aws-sdk/client-s3";
import { AwsError } from "../../service.ts";
import type { Payload } from "../../wire/payload.ts";
import { checksumOf } from "./checksums.ts";
import type { DeclaredChecksum, Part, Upload } from "./state.ts";

/** The checksum that an upload is begun with: each part must bear it, and its completion name it again. */
export function declaredChecksum(input: api.CreateMultipartUploadCommandInput): DeclaredChecksum | undefined {
  const { ChecksumAlgorithm: algorithm, ChecksumType: type } = input;
  if (algorithm === undefined) return undefined;
  return { algorithm, type: type ?? (algorithm === "CRC64NVME" ? "FULL_OBJECT" : "COMPOSITE") };
}

/** Of an upload that was begun with none, a part may bear any. @throws AwsError InvalidRequest */
export function checkPartChecksum({ checksum }: Upload, given: Readonly<Record<string, string>>): void {
  if (checksum?.type !== "COMPOSITE" || memberOf(checksum) in given) return;
  const actual = Object.keys(given)[0]?.replace("Checksum", "").toLowerCase() ?? "null";
  const expected = checksum.algorithm.toLowerCase();
  const message = `Checksum Type mismatch occurred, expected checksum Type: ${expected}, actual checksum Type: ${actual}`;
  throw new AwsError("InvalidRequest", message);
}

/** What is copied within S3, S3 itself sums up. */
export async function copiedChecksum({ checksum }: Upload, body: Payload): Promise<Readonly<Record<string, string>>> {
  if (checksum?.type !== "COMPOSITE") return {};
  const sum = await checksumOf(memberOf(checksum), body.open());
  return sum === undefined ? {} : { [memberOf(checksum)]: sum };
}

/** Whether a completion names a part's checksum as it was. @throws AwsError InvalidRequest where it names none */
export function isSameChecksum({ checksum }: Upload, part: Part, wanted: api.CompletedPart): boolean {
  if (checksum?.type !== "COMPOSITE") return true;
  const named = (wanted as Readonly<Record<string, unknown>>)[memberOf(checksum)];
  if (named === undefined) {
    const how = checksum.algorithm.toLowerCase();
    const message = `The upload was created using a ${how} checksum. The complete request must include the checksum for each part. It was missing for part ${part.number} in the request.`;
    throw new AwsError("InvalidRequest", message);
  }
  return named === part.checksums[memberOf(checksum)];
}

/** The checksum of the parts' checksums, and their count: not one of the object's bytes. */
export async function compositeChecksum(
  { checksum }: Upload,
  parts: readonly Part[],
): Promise<Readonly<Record<string, string>>> {
  if (checksum?.type !== "COMPOSITE") return {};
  const member = memberOf(checksum);
  const sum = await checksumOf(
    member,
    parts.map(({ checksums }) => Buffer.from(checksums[member]!, "base64")),
  );
  return sum === undefined ? {} : { [member]: `${sum}-${parts.length}` };
}

const memberOf = ({ algorithm }: DeclaredChecksum): string => `Checksum${algorithm}`;
