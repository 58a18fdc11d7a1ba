/**
 * Calls of a set-up from nothing, of a second one of the same files, and of a second workflow beside it. Today's tool needs
 * 16 for a first set-up, and 14 for a second one, which makes a queue, a function and a task definition once more.
 */
import { startCloud } from "./support/cloud.ts";
import { heading, line } from "./support/figures.ts";
import { createFolder } from "./support/folder.ts";
import { startProduct } from "./support/product.ts";

const [cloud, folder] = await Promise.all([startCloud(), createFolder()]);

/** Each by a process of its own, as far as what it remembers goes. */
async function apply(what: string): Promise<void> {
  const product = await startProduct(cloud, folder);
  product.clear();
  const { ok } = await product.engine.apply();
  if (!ok) throw new Error(`${what} did not converge`);
  const writes = product.calls.filter((call) => call.write).length;
  line(what, `${product.calls.length - writes} + ${writes}`);
  await product.stop();
}

heading("aws-calls: reads + writes of a whole `apply`");
await folder.add("first");
await apply("first set-up of a one-step workflow, foundation included");
await apply("second set-up: nothing changed");
await folder.add("second");
await apply("a second workflow beside it, both looked at");
await cloud.stop();
await folder.remove();
