import type { Shelf, Shelved } from "../../service.ts";
import { ObjectStore, type StoredObject, type Version } from "./object-store.ts";
import type { Bucket, Part, Upload } from "./state.ts";

/** Buckets as a snapshot holds them: the bytes of objects and parts lie on its shelf. */
export interface SavedBuckets {
  readonly buckets: readonly SavedBucket[];
  readonly deletedAtMs: ReadonlyMap<string, number>;
}

type SavedBucket = Omit<Bucket, "objects" | "uploads"> & {
  readonly versions: readonly SavedVersion[];
  readonly uploads: readonly SavedUpload[];
};
type OnShelf<T> = Omit<T, "body"> & { readonly body: Shelved };
type SavedVersion = Omit<Version, "object"> & { readonly object: OnShelf<StoredObject> | undefined };
type SavedUpload = Omit<Upload, "parts"> & { readonly parts: readonly OnShelf<Part>[] };

export function savedBucket({ objects, uploads, ...bucket }: Bucket, shelf: Shelf): SavedBucket {
  return {
    ...bucket,
    versions: objects.all().map(({ object, ...version }) => ({
      ...version,
      object: object && { ...object, body: shelf.put(object.body) },
    })),
    uploads: [...uploads.values()].map(({ parts, ...upload }) => ({
      ...upload,
      parts: [...parts.values()].map((part) => ({ ...part, body: shelf.put(part.body) })),
    })),
  };
}

export function restoredBucket({ versions, uploads, ...bucket }: SavedBucket, shelf: Shelf): Bucket {
  const objects = versions.map(({ object, ...version }) => ({
    ...version,
    object: object && { ...object, body: shelf.take(object.body) },
  }));
  const parts = ({ parts }: SavedUpload) =>
    new Map(parts.map((part) => [part.number, { ...part, body: shelf.take(part.body) }]));
  return {
    ...bucket,
    objects: ObjectStore.of(objects),
    uploads: new Map(uploads.map((upload) => [upload.id, { ...upload, parts: parts(upload) }])),
  };
}
