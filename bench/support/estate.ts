/** A cloud in which so many one-step workflows stand, watched by the product. */
import { FOUNDATION } from "../../src/core/resource.ts";
import { type Cloud, startCloud } from "./cloud.ts";
import { type BenchFolder, createFolder, names } from "./folder.ts";
import { type Product, startProduct } from "./product.ts";

export interface Estate {
  readonly cloud: Cloud;
  readonly folder: BenchFolder;
  readonly product: Product;
  readonly workflows: readonly string[];
  stop(): Promise<void>;
}

/** Set up without latency, quotas or limits: creation is not what is measured here. */
export async function setUp(count: number, steps = 1): Promise<Estate> {
  const [cloud, folder] = await Promise.all([startCloud(), createFolder()]);
  const workflows = names(count);
  await Promise.all(workflows.map((name) => folder.add(name, steps)));
  const product = await startProduct(cloud, folder);
  const standing = product.synced([...workflows, FOUNDATION]);
  await product.engine.start();
  await standing;
  return {
    cloud,
    folder,
    product,
    workflows,
    async stop() {
      await product.stop();
      await cloud.stop();
      await folder.remove();
    },
  };
}
