import { IAM } from "@aws-sdk/client-iam";
import { type LocalCloud, type LocalCloudOptions, startLocalCloud } from "../../../localcloud/server.ts";
import type { PolicyStatement } from "../../../localcloud/services/policy-document.ts";

export const ACCOUNT = "123456789012";
export const REGION = "us-east-1";
export const role = (name: string) => `arn:aws:iam::${ACCOUNT}:role/${name}`;

export interface ClientOptions {
  readonly endpoint: string;
  readonly region: string;
  readonly maxAttempts: number;
  readonly credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
}

export interface RoleCloud {
  readonly cloud: LocalCloud;
  /** Settings for a client of the account's administrator. */
  readonly admin: ClientOptions;
  /** Settings for a client that acts with a role. */
  as(roleName: string, session?: string): ClientOptions;
  /** Makes a role that a service may take on, with one inline policy. */
  makeRole(name: string, statements: readonly PolicyStatement[], service?: string): Promise<string>;
  /** Replaces that policy. */
  setPolicy(name: string, statements: readonly PolicyStatement[]): Promise<void>;
  stop(): Promise<void>;
}

export async function startRoleCloud(options: LocalCloudOptions = {}): Promise<RoleCloud> {
  const cloud = await startLocalCloud(options);
  const common = { endpoint: cloud.endpoint, region: REGION, maxAttempts: 1 };
  const admin = { ...common, credentials: { accessKeyId: "test", secretAccessKey: "test" } };
  const iam = new IAM(admin);
  const setPolicy = async (name: string, Statement: readonly PolicyStatement[]) => {
    const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
    await iam.putRolePolicy({ RoleName: name, PolicyName: "inline", PolicyDocument });
  };
  return {
    cloud,
    admin,
    as: (name, session = "session") => ({ ...common, credentials: cloud.credentialsOf(role(name), session) }),
    async makeRole(name, statements, service = "lambda.amazonaws.com") {
      const trust = { Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" };
      const AssumeRolePolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: [trust] });
      await iam.createRole({ RoleName: name, AssumeRolePolicyDocument });
      if (statements.length > 0) await setPolicy(name, statements);
      return role(name);
    },
    setPolicy,
    async stop() {
      iam.destroy();
      await cloud.stop();
    },
  };
}
