/** What files mean, with this account's facts in hand: the pure rooms as the engine wants to see them. */
import { checkAgainst } from "./desired/check.ts";
import { compile } from "./desired/compile.ts";
import type { Facts } from "./desired/facts.ts";
import { compileFoundation } from "./desired/foundation.ts";
import type { Catalog, Head } from "./engine/ports.ts";
import { checkFolder } from "./workflow/folder.ts";
import { parseWorkflow } from "./workflow/parse.ts";
import type { Workflow } from "./workflow/workflow.ts";

export function createCatalog(facts: Facts): Catalog {
  // The engine hands back what `parse` gave it, and knows no more of it than its head.
  const whole = (head: Head) => head as Workflow;
  return {
    parse: parseWorkflow,
    checkFolder: (workflows) => checkFolder(workflows.map(whole)),
    compile: (workflow) => compile(whole(workflow), facts),
    compileFoundation: (workflows) => compileFoundation(workflows.map(whole), facts),
    checkAgainst: (workflow) => checkAgainst(whole(workflow), facts),
  };
}
