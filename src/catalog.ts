/** What files mean, with this account's facts in hand: the pure rooms as the engine wants to see them. */
import type { Clients } from "./aws/clients.ts";
import { createObjectTexts } from "./aws/objects.ts";
import { canonical } from "./core/compare.ts";
import { keyOf } from "./core/resource.ts";
import { checkAgainst, noticesOf } from "./desired/check.ts";
import { checkClaims, type Flow, flowIn } from "./desired/claims.ts";
import { compile } from "./desired/compile.ts";
import type { Facts } from "./desired/facts.ts";
import { compileFoundation } from "./desired/foundation.ts";
import { controlBucket, STEPS_PREFIX, workflowOfDescription } from "./desired/names.ts";
import { type Share, shareIn } from "./desired/share.ts";
import type { Catalog, Head } from "./engine/ports.ts";
import { checkFolder } from "./workflow/folder.ts";
import { parseWorkflow } from "./workflow/parse.ts";
import type { Workflow } from "./workflow/workflow.ts";

export interface AccountCatalog extends Catalog {
  /** Clusters of the workflows that `lookElsewhere` found. */
  clustersElsewhere(): readonly string[];
}

/** @param s3 to read the step descriptions of all workflows of the account and region */
export function createCatalog(facts: Facts, s3: Clients["s3"]): AccountCatalog {
  const place = { bucket: controlBucket(facts), prefix: STEPS_PREFIX, account: facts.account };
  const descriptions = createObjectTexts({ s3, ...place });
  // The engine hands back what `parse` gave it, and knows no more of it than its head.
  const whole = (head: Head) => head as Workflow;
  let elsewhere: readonly Share[] = [];
  let flows: readonly Flow[] = [];
  return {
    parse(file, algorithms) {
      const parsed = parseWorkflow(file, algorithms);
      const notices = parsed.workflow ? noticesOf(parsed.workflow, facts) : [];
      return { ...parsed, problems: [...parsed.problems, ...notices] };
    },
    checkFolder: (workflows) => checkFolder(workflows.map(whole)),
    compile: (workflow) => compile(whole(workflow), facts),
    compileFoundation: (workflows) => compileFoundation(workflows.map(whole), facts, elsewhere),
    async lookElsewhere(inForce) {
      const texts = await descriptions.read((key) => !inForce.has(workflowOfDescription(key)));
      flows = [...texts].flatMap(([key, text]) => flowIn(workflowOfDescription(key), text) ?? []);
      const shares = [...texts.values()].flatMap((text) => shareIn(text) ?? []);
      elsewhere = [...new Map(shares.map((share) => [canonical(share), share])).values()];
      return elsewhere.map(canonical).sort().join("\n");
    },
    checkElsewhere(workflow, beside, except) {
      const others = flows.filter((flow) => !except.has(flow.workflow) && flow.workflow !== workflow.name);
      return checkClaims(whole(workflow), beside.map(whole), others, facts);
    },
    usedElsewhere(except) {
      const others = flows.filter((flow) => !except.has(flow.workflow));
      return new Map(
        others.flatMap(({ input, output, workflow }) =>
          [input, output].map((bucket) => [keyOf("bucket", bucket), workflow] as const),
        ),
      );
    },
    folderOf: (workflow) => descriptions.folder((key) => workflowOfDescription(key) === workflow),
    clustersElsewhere: () => [...new Set(elsewhere.map((share) => share.cluster))],
    checkAgainst: (workflow) => checkAgainst(whole(workflow), facts),
  };
}
