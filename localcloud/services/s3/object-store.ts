import type { ServerSideEncryption } from "@aws-sdk/client-s3";
import type { Payload } from "../../wire/payload.ts";
import type { StoredHeaders } from "./state.ts";

/** One version of an object, or the mark that it was deleted. */
export interface Version {
  readonly key: string;
  /** "null" where the bucket was not versioned when it was written. */
  readonly id: string;
  /** Undefined for a delete marker. */
  readonly object: StoredObject | undefined;
  readonly modifiedAtMs: number;
}

export interface StoredObject {
  readonly body: Payload;
  /** With its quotes. */
  readonly etag: string;
  readonly headers: StoredHeaders;
  readonly metadata: Readonly<Record<string, string>>;
  /** Only those that the client gave, by member name (`ChecksumCRC32`). */
  readonly checksums: Readonly<Record<string, string>>;
  tags: ReadonlyMap<string, string>;
  /** Of its own writing: what the bucket says later is about later objects. */
  readonly encryption: ServerSideEncryption;
  /** Of a multipart upload. */
  readonly partCount: number | undefined;
}

/** A bucket's objects by key, every key with its versions, the newest first. */
export class ObjectStore {
  readonly #versions = new Map<string, Version[]>();
  #sorted: readonly string[] | undefined;

  /** As `all` gave them. */
  static of(versions: Iterable<Version>): ObjectStore {
    const made = new ObjectStore();
    for (const version of versions) made.put(version);
    return made;
  }

  /** Of each key the oldest version first. */
  all(): Version[] {
    return [...this.#versions.values()].flatMap((versions) => versions.toReversed());
  }

  get isEmpty(): boolean {
    return this.#versions.size === 0;
  }

  /** Keys in the order of their UTF-8 bytes, as S3 lists them. */
  keys(): readonly string[] {
    this.#sorted ??= [...this.#versions.keys()].sort((left, right) =>
      Buffer.compare(Buffer.from(left), Buffer.from(right)),
    );
    return this.#sorted;
  }

  versions(key: string): readonly Version[] {
    return this.#versions.get(key) ?? [];
  }

  /** The newest version, unless it is a delete marker. */
  current(key: string): (Version & { object: StoredObject }) | undefined {
    const newest = this.versions(key)[0];
    return newest?.object ? { ...newest, object: newest.object } : undefined;
  }

  /** A version with the same id takes the other's place: that is how an unversioned bucket overwrites. */
  put(version: Version): void {
    const others = this.versions(version.key).filter((other) => other.id !== version.id);
    if (others.length !== this.versions(version.key).length) this.remove(version.key, version.id);
    if (others.length === 0) this.#sorted = undefined;
    this.#versions.set(version.key, [version, ...others]);
  }

  /** Answers the version that was removed. */
  remove(key: string, id: string): Version | undefined {
    const all = this.versions(key);
    const removed = all.find((version) => version.id === id);
    if (!removed) return undefined;
    void removed.object?.body.dispose();
    const left = all.filter((version) => version !== removed);
    if (left.length > 0) {
      this.#versions.set(key, left);
    } else {
      this.#versions.delete(key);
      this.#sorted = undefined;
    }
    return removed;
  }
}
