/**
 * Workflow files named one by one on a command line, seen as a folder. It is never a complete scan: what is not named
 * may well exist, so nothing is ever pruned because of it.
 */
import { dirname } from "node:path";
import type { Folder } from "../engine/ports.ts";
import { createWorkflowFolder } from "./workflow-folder.ts";

/** @param algorithmsBeside folder whose `algorithms` are looked through after those beside each file */
export function createFileList(files: readonly string[], algorithmsBeside: string): Folder {
  const beside = createWorkflowFolder(algorithmsBeside);
  return {
    path: files.join(":"),
    list: async () => ({ files, complete: false }),
    read: (file) => createWorkflowFolder(dirname(file)).read(file),
    algorithm: beside.algorithm,
    readMarker: async () => undefined,
    writeMarker: async () => {},
  };
}
