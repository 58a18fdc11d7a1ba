/** The region by the SDK's ordinary chain: environment, then the profile's configuration. */
import { STSClient } from "@aws-sdk/client-sts";

/** @throws when no region is configured anywhere */
export async function resolveRegion(): Promise<string> {
  const client = new STSClient({});
  try {
    return await client.config.region();
  } catch (error) {
    throw new Error("no region is configured; set AWS_REGION, or a region in your AWS profile", { cause: error });
  } finally {
    client.destroy();
  }
}
