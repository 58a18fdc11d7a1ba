import * as s3 from "@aws-sdk/client-s3";
import type { Sdk } from "../../support/sdk.ts";
import { bucket, objects } from "./made.ts";
import { outcomeOf, type Probe } from "./probe.ts";

const S3 = "S3 API Reference";

export const s3MultipartProbes: readonly Probe[] = [
  {
    operation: "s3:CreateMultipartUpload",
    question: "of the same key twice: two uploads, and no object yet",
    aws: "2, 404 NotFound",
    source: "S3 User Guide, multipart upload",
    async ask(sdk) {
      const at = await bucket(sdk, "probe-begun");
      const ids = [await begin(sdk, at), await begin(sdk, at)].map(({ UploadId }) => UploadId);
      return `${new Set(ids).size}, ${await outcomeOf(sdk.s3.send(new s3.HeadObjectCommand({ ...at, Key: "k" })))}`;
    },
  },
  {
    operation: "s3:CreateMultipartUpload",
    question: "metadata given at the beginning is the object's",
    aws: "probe",
    source: `${S3}, CreateMultipartUpload`,
    async ask(sdk) {
      const upload = await begin(sdk, await bucket(sdk, "probe-described"), { Metadata: { origin: "probe" } });
      await complete(sdk, upload, [await part(sdk, upload, 1)]);
      const { UploadId: _, ...at } = upload;
      return (await sdk.s3.send(new s3.HeadObjectCommand(at))).Metadata?.origin ?? "absent";
    },
  },
  {
    operation: "s3:UploadPart",
    question: "the same number twice: the later one counts",
    aws: "later",
    source: `${S3}, UploadPart`,
    async ask(sdk) {
      const upload = await begin(sdk, await bucket(sdk, "probe-twice"));
      await part(sdk, upload, 1, "earlier");
      await complete(sdk, upload, [await part(sdk, upload, 1, "later")]);
      const { UploadId: _, ...at } = upload;
      return (await (await sdk.s3.send(new s3.GetObjectCommand(at))).Body?.transformToString()) ?? "nothing";
    },
  },
  {
    operation: "s3:UploadPart",
    question: "number 10,001",
    aws: "400 InvalidArgument",
    source: "S3 User Guide, multipart upload limits",
    async ask(sdk) {
      return outcomeOf(part(sdk, await begin(sdk, await bucket(sdk, "probe-parts")), 10_001));
    },
  },
  {
    operation: "s3:UploadPart",
    question: "of an upload that was given up",
    aws: "404 NoSuchUpload",
    source: `${S3}, UploadPart`,
    async ask(sdk) {
      const upload = await begin(sdk, await bucket(sdk, "probe-too-late"));
      await sdk.s3.send(new s3.AbortMultipartUploadCommand(upload));
      return outcomeOf(part(sdk, upload, 1));
    },
  },
  {
    operation: "s3:CompleteMultipartUpload",
    question: "the entity tag tells the number of parts",
    aws: "…-1",
    source: "S3 User Guide, checking object integrity",
    async ask(sdk) {
      const upload = await begin(sdk, await bucket(sdk, "probe-tagged"));
      const { ETag = "" } = await complete(sdk, upload, [await part(sdk, upload, 1)]);
      return ETag.replaceAll('"', "").replace(/^[0-9a-f]{32}/, "…");
    },
  },
  {
    operation: "s3:CompleteMultipartUpload",
    question: "a first part of less than 5 MiB",
    aws: "400 EntityTooSmall",
    source: `${S3}, CompleteMultipartUpload`,
    async ask(sdk) {
      const upload = await begin(sdk, await bucket(sdk, "probe-small"));
      return outcomeOf(complete(sdk, upload, [await part(sdk, upload, 1), await part(sdk, upload, 2)]));
    },
  },
  {
    operation: "s3:CompleteMultipartUpload",
    question: "parts in the wrong order",
    aws: "400 InvalidPartOrder",
    source: `${S3}, CompleteMultipartUpload`,
    async ask(sdk) {
      const upload = await begin(sdk, await bucket(sdk, "probe-part-order"));
      const [one, two] = [await part(sdk, upload, 1, LARGE), await part(sdk, upload, 2, LARGE)];
      return outcomeOf(complete(sdk, upload, [two, one]));
    },
  },
  {
    operation: "s3:CompleteMultipartUpload",
    question: "a part that was not uploaded",
    aws: "400 InvalidPart",
    source: `${S3}, CompleteMultipartUpload`,
    async ask(sdk) {
      const upload = await begin(sdk, await bucket(sdk, "probe-no-part"));
      const one = await part(sdk, upload, 1);
      return outcomeOf(complete(sdk, upload, [{ ...one, PartNumber: 2 }]));
    },
  },
  {
    operation: "s3:CompleteMultipartUpload",
    question: "`If-None-Match: *` over an object that came meanwhile",
    aws: "412 PreconditionFailed",
    source: "S3 User Guide, conditional requests",
    async ask(sdk) {
      const at = await bucket(sdk, "probe-raced");
      const upload = await begin(sdk, at);
      const one = await part(sdk, upload, 1);
      await objects(sdk, at, "k");
      return outcomeOf(complete(sdk, { ...upload, IfNoneMatch: "*" }, [one]));
    },
  },
  {
    operation: "s3:AbortMultipartUpload",
    question: "an id that S3 never gave",
    aws: "404 NoSuchUpload",
    source: `${S3}, AbortMultipartUpload`,
    async ask(sdk) {
      const given = { ...(await bucket(sdk, "probe-unknown-upload")), Key: "k", UploadId: "never" };
      return outcomeOf(sdk.s3.send(new s3.AbortMultipartUploadCommand(given)));
    },
  },
  {
    operation: "s3:ListMultipartUploads",
    question: "pages of one, by key; what was completed or given up is not there",
    aws: "a then b",
    source: `${S3}, ListMultipartUploads`,
    async ask(sdk) {
      const at = await bucket(sdk, "probe-uploads");
      for (const Key of ["b", "a"]) await begin(sdk, at, { Key });
      const done = await begin(sdk, at, { Key: "c" });
      await complete(sdk, done, [await part(sdk, done, 1)]);
      await sdk.s3.send(new s3.AbortMultipartUploadCommand(await begin(sdk, at, { Key: "d" })));
      const pages: string[] = [];
      let next: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } | undefined = {};
      while (next && pages.length < 5) {
        const page: s3.ListMultipartUploadsCommandOutput = await sdk.s3.send(
          new s3.ListMultipartUploadsCommand({ ...at, MaxUploads: 1, ...next }),
        );
        pages.push((page.Uploads ?? []).map(({ Key }) => Key).join(", "));
        next = page.IsTruncated
          ? { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker }
          : undefined;
      }
      return pages.join(" then ");
    },
  },
];

/** Large enough for a part that others follow. */
const LARGE = "x".repeat(5 * 1024 ** 2);

interface Upload {
  readonly Bucket: string;
  readonly Key: string;
  readonly UploadId: string;
}

async function begin(
  { s3: client }: Sdk,
  { Bucket }: { Bucket: string },
  more: { Key?: string; Metadata?: Record<string, string> } = {},
): Promise<Upload> {
  const at = { Bucket, Key: "k", ...more };
  const { UploadId } = await client.send(new s3.CreateMultipartUploadCommand(at));
  return { Bucket, Key: at.Key, UploadId: UploadId! };
}

async function part({ s3: client }: Sdk, upload: Upload, PartNumber: number, Body = "x"): Promise<s3.CompletedPart> {
  const { ETag } = await client.send(new s3.UploadPartCommand({ ...upload, PartNumber, Body }));
  return { PartNumber, ETag };
}

function complete({ s3: client }: Sdk, upload: Upload & { IfNoneMatch?: string }, Parts: s3.CompletedPart[]) {
  return client.send(new s3.CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }));
}
