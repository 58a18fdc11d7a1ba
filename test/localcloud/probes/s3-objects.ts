import * as s3 from "@aws-sdk/client-s3";
import { bucket, objects, versionedBucket } from "./made.ts";
import { outcomeOf, type Probe } from "./probe.ts";

const S3 = "S3 API Reference";
const CONDITIONS = "S3 User Guide, conditional requests";

export const s3ObjectProbes: readonly Probe[] = [
  {
    operation: "s3:PutObject",
    question: "`If-None-Match: *` over an object that is there",
    aws: "412 PreconditionFailed",
    source: CONDITIONS,
    async ask(sdk) {
      const at = await bucket(sdk, "probe-once");
      await objects(sdk, at, "k");
      return outcomeOf(sdk.s3.send(new s3.PutObjectCommand({ ...at, Key: "k", Body: "x", IfNoneMatch: "*" })));
    },
  },
  {
    operation: "s3:PutObject",
    question: "`If-None-Match: *` over a delete marker",
    aws: "accepted",
    source: CONDITIONS,
    async ask(sdk) {
      const at = await versionedBucket(sdk, "probe-once-more");
      await objects(sdk, at, "k");
      await sdk.s3.send(new s3.DeleteObjectCommand({ ...at, Key: "k" }));
      return outcomeOf(sdk.s3.send(new s3.PutObjectCommand({ ...at, Key: "k", Body: "x", IfNoneMatch: "*" })));
    },
  },
  {
    operation: "s3:PutObject",
    question: "`If-Match` of what was replaced meanwhile",
    aws: "412 PreconditionFailed",
    source: CONDITIONS,
    async ask(sdk) {
      const given = { ...(await bucket(sdk, "probe-stale")), Key: "k" };
      const { ETag: IfMatch } = await sdk.s3.send(new s3.PutObjectCommand({ ...given, Body: "one" }));
      await sdk.s3.send(new s3.PutObjectCommand({ ...given, Body: "two" }));
      return outcomeOf(sdk.s3.send(new s3.PutObjectCommand({ ...given, Body: "three", IfMatch })));
    },
  },
  {
    operation: "s3:PutObject",
    question: "`If-Match` where nothing is",
    aws: "404 NoSuchKey",
    source: CONDITIONS,
    async ask(sdk) {
      const given = { ...(await bucket(sdk, "probe-nothing")), Key: "k", Body: "x", IfMatch: '"0"' };
      return outcomeOf(sdk.s3.send(new s3.PutObjectCommand(given)));
    },
  },
  {
    operation: "s3:PutObject",
    question: "a body that is not the one of its MD5",
    aws: "400 BadDigest",
    source: `${S3}, error responses`,
    async ask(sdk) {
      const given = {
        ...(await bucket(sdk, "probe-digest")),
        Key: "k",
        Body: "x",
        ContentMD5: "1B2M2Y8AsgTpgAmY7PhCfg==",
      };
      return outcomeOf(sdk.s3.send(new s3.PutObjectCommand(given)));
    },
  },
  {
    operation: "s3:PutObject",
    question: "a key of 1,025 bytes",
    aws: "400 KeyTooLongError",
    source: `S3 User Guide, object keys; ${S3}, error responses`,
    async ask(sdk) {
      const given = { ...(await bucket(sdk, "probe-long-key")), Key: "k".repeat(1025), Body: "x" };
      return outcomeOf(sdk.s3.send(new s3.PutObjectCommand(given)));
    },
  },
  {
    operation: "s3:GetObject",
    question: "that is not there",
    aws: "404 NoSuchKey",
    source: `${S3}, GetObject`,
    async ask(sdk) {
      const at = await bucket(sdk, "probe-lost");
      return outcomeOf(sdk.s3.send(new s3.GetObjectCommand({ ...at, Key: "k" })));
    },
  },
  {
    operation: "s3:GetObject",
    question: "`If-Match` of what was replaced meanwhile",
    aws: "412 PreconditionFailed",
    source: `${S3}, GetObject`,
    async ask(sdk) {
      const given = { ...(await bucket(sdk, "probe-replaced")), Key: "k" };
      const { ETag: IfMatch } = await sdk.s3.send(new s3.PutObjectCommand({ ...given, Body: "one" }));
      await sdk.s3.send(new s3.PutObjectCommand({ ...given, Body: "two" }));
      return outcomeOf(sdk.s3.send(new s3.GetObjectCommand({ ...given, IfMatch })));
    },
  },
  {
    operation: "s3:GetObject",
    question: "a range that begins behind the end",
    aws: "416 InvalidRange",
    source: `${S3}, error responses`,
    async ask(sdk) {
      const at = await bucket(sdk, "probe-range");
      await objects(sdk, at, "k");
      return outcomeOf(sdk.s3.send(new s3.GetObjectCommand({ ...at, Key: "k", Range: "bytes=1-" })));
    },
  },
  {
    operation: "s3:HeadObject",
    question: "that is not there: a name of its own, for want of a body",
    aws: "404 NotFound",
    source: `${S3}, HeadObject`,
    async ask(sdk) {
      const at = await bucket(sdk, "probe-headless");
      return outcomeOf(sdk.s3.send(new s3.HeadObjectCommand({ ...at, Key: "k" })));
    },
  },
  {
    operation: "s3:HeadObject",
    question: "names of metadata come in lower case",
    aws: "origin",
    source: "S3 User Guide, object metadata",
    async ask(sdk) {
      const given = { ...(await bucket(sdk, "probe-metadata")), Key: "k" };
      await sdk.s3.send(new s3.PutObjectCommand({ ...given, Body: "x", Metadata: { Origin: "probe" } }));
      const { Metadata = {} } = await sdk.s3.send(new s3.HeadObjectCommand(given));
      return Object.keys(Metadata).join(", ");
    },
  },
  {
    operation: "s3:HeadObject",
    question: "an older version, by its id",
    aws: "3 bytes",
    source: `${S3}, HeadObject`,
    async ask(sdk) {
      const given = { ...(await versionedBucket(sdk, "probe-older")), Key: "k" };
      const { VersionId } = await sdk.s3.send(new s3.PutObjectCommand({ ...given, Body: "one" }));
      await sdk.s3.send(new s3.PutObjectCommand({ ...given, Body: "newer" }));
      const { ContentLength } = await sdk.s3.send(new s3.HeadObjectCommand({ ...given, VersionId }));
      return `${ContentLength} bytes`;
    },
  },
  {
    operation: "s3:ListObjectsV2",
    question: "order of U+FF61 and U+1F600: that of UTF-8, not of UTF-16",
    aws: "ff61, 1f600",
    source: `${S3}, ListObjectsV2`,
    async ask(sdk) {
      const at = await bucket(sdk, "probe-order");
      await objects(sdk, at, "\u{1F600}", "\u{FF61}");
      const { Contents = [] } = await sdk.s3.send(new s3.ListObjectsV2Command(at));
      return Contents.map(({ Key = "" }) => Key.codePointAt(0)!.toString(16)).join(", ");
    },
  },
  {
    operation: "s3:ListObjectsV2",
    question: "pages of one: what is folded at the delimiter counts as one",
    aws: "a/ then b",
    source: `${S3}, ListObjectsV2`,
    async ask(sdk) {
      const at = await bucket(sdk, "probe-folded");
      await objects(sdk, at, "a/1", "a/2", "b");
      const pages: string[] = [];
      let ContinuationToken: string | undefined;
      do {
        const page = { ...at, Delimiter: "/", MaxKeys: 1, ContinuationToken };
        const answer = await sdk.s3.send(new s3.ListObjectsV2Command(page));
        const folded = (answer.CommonPrefixes ?? []).map(({ Prefix }) => Prefix);
        pages.push([...folded, ...(answer.Contents ?? []).map(({ Key }) => Key)].join(", "));
        ContinuationToken = answer.NextContinuationToken;
      } while (ContinuationToken && pages.length < 5);
      return pages.join(" then ");
    },
  },
  {
    operation: "s3:ListObjectsV2",
    question: "`StartAfter` a key: that key is not among them",
    aws: "b",
    source: `${S3}, ListObjectsV2`,
    async ask(sdk) {
      const at = await bucket(sdk, "probe-after");
      await objects(sdk, at, "a", "b");
      const { Contents = [] } = await sdk.s3.send(new s3.ListObjectsV2Command({ ...at, StartAfter: "a" }));
      return Contents.map(({ Key }) => Key).join(", ");
    },
  },
  {
    operation: "s3:ListObjectVersions",
    question: "the version in a bucket that never had versions",
    aws: "null, the latest",
    source: "S3 User Guide, how versioning works",
    async ask(sdk) {
      const at = await bucket(sdk, "probe-unversioned");
      await objects(sdk, at, "k");
      const { Versions } = await sdk.s3.send(new s3.ListObjectVersionsCommand(at));
      return `${Versions?.[0]?.VersionId}, ${Versions?.[0]?.IsLatest ? "the latest" : "an older one"}`;
    },
  },
  {
    operation: "s3:ListObjectVersions",
    question: "pages of one through two versions and a delete marker",
    aws: "3 pages, 2 versions, 1 marker",
    source: `${S3}, ListObjectVersions`,
    async ask(sdk) {
      const at = await versionedBucket(sdk, "probe-versions");
      await objects(sdk, at, "k", "k");
      await sdk.s3.send(new s3.DeleteObjectCommand({ ...at, Key: "k" }));
      const count = { pages: 0, versions: 0, markers: 0 };
      let next: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } | undefined = {};
      while (next && count.pages < 9) {
        const page: s3.ListObjectVersionsCommandOutput = await sdk.s3.send(
          new s3.ListObjectVersionsCommand({ ...at, MaxKeys: 1, ...next }),
        );
        count.pages += 1;
        count.versions += page.Versions?.length ?? 0;
        count.markers += page.DeleteMarkers?.length ?? 0;
        next = page.IsTruncated
          ? { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker }
          : undefined;
      }
      return `${count.pages} pages, ${count.versions} versions, ${count.markers} marker`;
    },
  },
  {
    operation: "s3:DeleteObject",
    question: "that was never there",
    aws: "accepted",
    source: `${S3}, DeleteObject`,
    async ask(sdk) {
      const at = await bucket(sdk, "probe-nobody");
      return outcomeOf(sdk.s3.send(new s3.DeleteObjectCommand({ ...at, Key: "k" })));
    },
  },
  {
    operation: "s3:DeleteObject",
    question: "in a versioned bucket, then its marker by its id: the object is back",
    aws: "back",
    source: "S3 User Guide, deleting object versions",
    async ask(sdk) {
      const at = await versionedBucket(sdk, "probe-back");
      await objects(sdk, at, "k");
      const { VersionId } = await sdk.s3.send(new s3.DeleteObjectCommand({ ...at, Key: "k" }));
      await sdk.s3.send(new s3.DeleteObjectCommand({ ...at, Key: "k", VersionId }));
      const outcome = await outcomeOf(sdk.s3.send(new s3.HeadObjectCommand({ ...at, Key: "k" })));
      return outcome === "accepted" ? "back" : "gone";
    },
  },
  {
    operation: "s3:DeleteObjects",
    question: "one that was never there is told as deleted",
    aws: "deleted",
    source: `${S3}, DeleteObjects`,
    async ask(sdk) {
      const at = await bucket(sdk, "probe-nobodies");
      const Delete = { Objects: [{ Key: "never" }] };
      const { Deleted } = await sdk.s3.send(new s3.DeleteObjectsCommand({ ...at, Delete }));
      return Deleted?.[0]?.Key === "never" ? "deleted" : "not told";
    },
  },
  {
    operation: "s3:DeleteObjects",
    question: "1,001 keys",
    aws: "400 MalformedXML",
    source: `${S3}, DeleteObjects`,
    async ask(sdk) {
      const at = await bucket(sdk, "probe-many");
      const Objects = Array.from({ length: 1001 }, (_, index) => ({ Key: `k${index}` }));
      return outcomeOf(sdk.s3.send(new s3.DeleteObjectsCommand({ ...at, Delete: { Objects } })));
    },
  },
  {
    operation: "s3:DeleteObjects",
    question: "quiet: of what went well nothing is told",
    aws: "0",
    source: `${S3}, DeleteObjects`,
    async ask(sdk) {
      const at = await bucket(sdk, "probe-quiet");
      await objects(sdk, at, "k");
      const Delete = { Objects: [{ Key: "k" }], Quiet: true };
      const { Deleted } = await sdk.s3.send(new s3.DeleteObjectsCommand({ ...at, Delete }));
      return String(Deleted?.length ?? 0);
    },
  },
];
