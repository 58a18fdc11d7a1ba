import { objectPayloadOptions } from "../../request-body.ts";
import { type Payload, readPayload } from "../../wire/payload.ts";
import { invalidArgument } from "./errors.ts";

export interface CopySource {
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string | undefined;
}

/** `[/]bucket/key[?versionId=…]`, percent-encoded. */
export function copySource(header: string | undefined): CopySource {
  const [path = "", search] = (header ?? "").split("?versionId=");
  const [, bucket, key] = /^\/?([^/]+)\/(.+)$/s.exec(decodeURIComponent(path)) ?? [];
  if (bucket === undefined || key === undefined) {
    const members = { ArgumentName: "x-amz-copy-source", ArgumentValue: header };
    throw invalidArgument("Copy Source must mention the source bucket and key: sourcebucket/sourcekey", members);
  }
  return { bucket, key, versionId: search };
}

/** Bytes of their own: the source may be deleted before the copy is. */
export function copyOf(body: Payload, start = 0, end = body.size): Promise<Payload> {
  return readPayload(body.open(start, end) as AsyncIterable<Buffer>, objectPayloadOptions);
}
