/**
 * Stands in for the SDK's chain of credential providers in the functions' bundles: Lambda hands a function its role's
 * credentials in the environment, so files, single sign-on and instance metadata are code that never runs there.
 */
import { fromEnv } from "@aws-sdk/credential-provider-env";

export const defaultProvider = fromEnv;
