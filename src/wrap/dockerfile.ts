/** How a wrapped image is made. Pure. */
import { WORKER_AT, WORKER_BUNDLE, workerEntryPoint } from "../desired/task-definition.ts";
import type { Architecture } from "../workflow/instance-types.ts";

/** Folder of the build context that holds the worker, in a folder for its architecture. */
export const WORKER_FOLDER = "worker";

/** The algorithm's image as it is, with the worker and all that it needs beside the program. */
export function dockerfile(image: string, architecture: Architecture): string {
  return [
    `FROM ${image}`,
    "# The worker with a Node, a loader and libraries of its own: it needs nothing of the image.",
    `COPY ${WORKER_FOLDER}/${WORKER_BUNDLE[architecture].folder}/ ${WORKER_AT}/`,
    `ENTRYPOINT ${JSON.stringify(workerEntryPoint(architecture))}`,
    "# What the image would run by itself are no arguments of the worker.",
    "CMD []",
    "",
  ].join("\n");
}

/**
 * `[REGISTRY/][USER/]NAME-wrapped`: never the name of the image below, which would be wrapped again the next time.
 * Repositories are in lower case, and know no `_-` (OCI distribution specification, "Pulling manifests").
 */
export function imageName({ registry, user, name }: { registry?: string; user?: string; name: string }): string {
  const repository = `${name.toLowerCase()}-wrapped`.replace(/[_-]+/g, "-");
  return [registry?.replace(/\/+$/, ""), user, repository].filter((part) => part !== undefined).join("/");
}
