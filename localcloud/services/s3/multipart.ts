import { createHash } from "node:crypto";
import type * as api from "@aws-sdk/client-s3";
import { AwsError, type Call, type World } from "../../service.ts";
import { emptyPayload, joinPayloads, type Payload } from "../../wire/payload.ts";
import { takeChecksums } from "./checksums.ts";
import { checkWrite } from "./conditions.ts";
import { copyOf, copySource } from "./copy.ts";
import { invalidArgument, malformedXml, noSuchUpload } from "./errors.ts";
import { encoder, limitOf } from "./listing.ts";
import {
  checkPartChecksum,
  compositeChecksum,
  copiedChecksum,
  declaredChecksum,
  isSameChecksum,
} from "./multipart-checksum.ts";
import { findObject } from "./reading.ts";
import { type Bucket, type Buckets, canonicalOwner, type Part, type Upload } from "./state.ts";
import { checkedKey, encryptionOf, headersOf, refuseAcl, store, tagsOfHeader } from "./writing.ts";

/** Only the last part may be smaller. */
const SMALLEST_PART_BYTES = 5 * 1024 ** 2;
const MOST_PARTS = 10_000;

export function multipartOperations(world: World, buckets: Buckets) {
  return {
    CreateMultipartUpload(input: api.CreateMultipartUploadCommandInput, call: Call) {
      const bucket = buckets.of(input, call);
      refuseAcl(bucket, input);
      const encryption = encryptionOf(bucket, input);
      const upload: Upload = {
        id: world.id("", 64),
        key: checkedKey(input.Key),
        startedAtMs: world.now(),
        headers: headersOf(input),
        metadata: input.Metadata ?? {},
        tags: tagsOfHeader(input.Tagging),
        encryption,
        checksum: declaredChecksum(input),
        parts: new Map(),
      };
      bucket.uploads.set(upload.id, upload);
      return {
        Bucket: bucket.name,
        Key: upload.key,
        UploadId: upload.id,
        ServerSideEncryption: encryption,
        ChecksumAlgorithm: upload.checksum?.algorithm,
        ChecksumType: upload.checksum?.type,
      };
    },

    async UploadPart(input: api.UploadPartCommandInput, call: Call) {
      const bucket = buckets.of(input, call);
      const upload = findUpload(bucket, input);
      const body = (input.Body as Payload | undefined) ?? emptyPayload;
      const checksums = await takeChecksums(input, body);
      checkPartChecksum(upload, checksums);
      const part = addPart(world, upload, input.PartNumber, body, checksums);
      return { ETag: part.etag, ...checksums, ServerSideEncryption: upload.encryption };
    },

    async UploadPartCopy(input: api.UploadPartCopyCommandInput, call: Call) {
      const bucket = buckets.of(input, call);
      const upload = findUpload(bucket, input);
      const source = copySource(input.CopySource);
      const from = buckets.of({ Bucket: source.bucket }, call);
      const { object } = findObject(from, source.key, source.versionId);
      const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(input.CopySourceRange ?? "") ?? [];
      const end = last === undefined ? object.body.size : Number(last) + 1;
      if (end > object.body.size) throw invalidArgument("Range specified is not valid for source object");
      const body = await copyOf(object.body, Number(first ?? 0), end);
      const checksums = await copiedChecksum(upload, body);
      const part = addPart(world, upload, input.PartNumber, body, checksums);
      return {
        CopyPartResult: { ...checksums, ETag: part.etag, LastModified: new Date(part.modifiedAtMs) },
        ServerSideEncryption: upload.encryption,
      };
    },

    async CompleteMultipartUpload(input: api.CompleteMultipartUploadCommandInput, call: Call) {
      const bucket = buckets.of(input, call);
      const upload = findUpload(bucket, input);
      const parts = chosenParts(upload, input.MultipartUpload?.Parts);
      checkWrite(input, upload.key, bucket.objects.current(upload.key));
      const body = joinPayloads(parts.map((part) => part.body));
      const etag = etagOf(parts);
      const { headers, metadata, tags, encryption } = upload;
      const checksums = await compositeChecksum(upload, parts);
      const object = { body, etag, headers, metadata, tags, encryption, checksums, partCount: parts.length };
      const stored = store(world, bucket, upload.key, object, "CompleteMultipartUpload");
      await discard(bucket, upload, parts);
      return {
        Bucket: bucket.name,
        Key: upload.key,
        ETag: etag,
        Location: `${world.endpoint()}/${bucket.name}/${encodeURIComponent(upload.key)}`,
        ...checksums,
        ChecksumType: upload.checksum?.type,
        ServerSideEncryption: upload.encryption,
        ...stored,
      };
    },

    async AbortMultipartUpload(input: api.AbortMultipartUploadCommandInput, call: Call) {
      const bucket = buckets.of(input, call);
      await discard(bucket, findUpload(bucket, input));
    },

    ListParts(input: api.ListPartsCommandInput, call: Call) {
      const bucket = buckets.of(input, call);
      const upload = findUpload(bucket, input);
      const limit = limitOf(input.MaxParts, "max-parts");
      const marker = Number(input.PartNumberMarker ?? 0);
      const all = [...upload.parts.values()].sort((left, right) => left.number - right.number);
      const behind = all.filter((part) => part.number > marker);
      const page = behind.slice(0, limit);
      const isTruncated = behind.length > page.length;
      return {
        Bucket: bucket.name,
        Key: upload.key,
        UploadId: upload.id,
        PartNumberMarker: String(marker),
        NextPartNumberMarker: isTruncated ? String(page.at(-1)?.number ?? marker) : undefined,
        MaxParts: limit,
        IsTruncated: isTruncated,
        Parts: page.map((part) => ({
          PartNumber: part.number,
          ETag: part.etag,
          Size: part.body.size,
          LastModified: new Date(part.modifiedAtMs),
        })),
        Initiator: canonicalOwner(call.account),
        Owner: canonicalOwner(bucket.account),
        StorageClass: upload.headers.StorageClass ?? "STANDARD",
      };
    },

    ListMultipartUploads(input: api.ListMultipartUploadsCommandInput, call: Call) {
      const bucket = buckets.of(input, call);
      const limit = limitOf(input.MaxUploads, "max-uploads");
      const encode = encoder(input.EncodingType);
      const { KeyMarker: key = "", UploadIdMarker: id = "", Prefix: prefix = "" } = input;
      const behind = [...bucket.uploads.values()]
        .filter((upload) => upload.key.startsWith(prefix))
        .filter((upload) => upload.key > key || (upload.key === key && id !== "" && upload.id > id))
        .sort((left, right) => compare(left.key, right.key) || compare(left.id, right.id));
      const page = behind.slice(0, limit);
      const last = behind.length > page.length ? page.at(-1) : undefined;
      return {
        Bucket: bucket.name,
        Prefix: encode(prefix),
        KeyMarker: encode(key),
        UploadIdMarker: id,
        NextKeyMarker: last && encode(last.key),
        NextUploadIdMarker: last?.id,
        MaxUploads: limit,
        IsTruncated: last !== undefined,
        EncodingType: input.EncodingType,
        Uploads: page.map((upload) => ({
          Key: encode(upload.key),
          UploadId: upload.id,
          Initiated: new Date(upload.startedAtMs),
          StorageClass: upload.headers.StorageClass ?? "STANDARD",
          Initiator: canonicalOwner(bucket.account),
          Owner: canonicalOwner(bucket.account),
        })),
      };
    },
  };
}

function findUpload(bucket: Bucket, input: { UploadId?: string | undefined; Key?: string | undefined }): Upload {
  const upload = bucket.uploads.get(input.UploadId ?? "");
  if (!upload || upload.key !== input.Key) throw noSuchUpload(input.UploadId ?? "");
  return upload;
}

function addPart(
  world: World,
  upload: Upload,
  number: number | undefined,
  body: Payload,
  checksums: Readonly<Record<string, string>>,
): Part {
  if (number === undefined || !Number.isInteger(number) || number < 1 || number > MOST_PARTS) {
    const message = `Part number must be an integer between 1 and ${MOST_PARTS}, inclusive`;
    throw invalidArgument(message, { ArgumentName: "partNumber", ArgumentValue: number });
  }
  void upload.parts.get(number)?.body.dispose();
  const part: Part = { number, etag: `"${body.md5}"`, checksums, body, modifiedAtMs: world.now() };
  upload.parts.set(number, part);
  return part;
}

/** @throws AwsError MalformedXML, InvalidPartOrder, InvalidPart, InvalidRequest, EntityTooSmall */
function chosenParts(upload: Upload, wanted: readonly api.CompletedPart[] | undefined): Part[] {
  if (!wanted || wanted.length === 0) throw malformedXml();
  const parts: Part[] = [];
  for (const one of wanted) {
    const { PartNumber: number = 0, ETag: etag = "" } = one;
    if (number <= (parts.at(-1)?.number ?? 0)) {
      const message =
        "The list of parts was not in ascending order. The parts list must be specified in order by part number.";
      throw new AwsError("InvalidPartOrder", message, { members: { UploadId: upload.id } });
    }
    const part = upload.parts.get(number);
    const isFound = part && part.etag.replaceAll('"', "") === etag.replaceAll('"', "");
    if (!isFound || !isSameChecksum(upload, part, one)) {
      const message =
        "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.";
      throw new AwsError("InvalidPart", message, { members: { UploadId: upload.id, PartNumber: number, ETag: etag } });
    }
    parts.push(part);
  }
  const small = parts.slice(0, -1).find((part) => part.body.size < SMALLEST_PART_BYTES);
  if (small) {
    throw new AwsError("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size", {
      members: { ProposedSize: small.body.size, MinSizeAllowed: SMALLEST_PART_BYTES, PartNumber: small.number },
    });
  }
  return parts;
}

/** The MD5 of the parts' MD5s, and their count: not an MD5 of the object. */
function etagOf(parts: readonly Part[]): string {
  const hash = createHash("md5");
  for (const part of parts) hash.update(Buffer.from(part.body.md5, "hex"));
  return `"${hash.digest("hex")}-${parts.length}"`;
}

/** @param kept parts that have become an object. @default none */
async function discard(bucket: Bucket, upload: Upload, kept: readonly Part[] = []): Promise<void> {
  bucket.uploads.delete(upload.id);
  const left = [...upload.parts.values()].filter((part) => !kept.includes(part));
  await Promise.all(left.map((part) => part.body.dispose()));
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
