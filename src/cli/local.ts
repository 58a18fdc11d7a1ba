/** `local`: the embedded cloud for other programs, on a port that they know, until Ctrl-C. */
import { type Context, EXIT } from "./context.ts";
import { makeNamedKeyPairs, portOf } from "./run.ts";

export interface LocalOptions {
  readonly port: string;
  /** Folder of workflow files, whose algorithms say where their programs lie. */
  readonly pipelines: string;
  /** Keeps what the cloud holds, across its restarts. */
  readonly data?: string;
}

export async function local(context: Context, { pipelines, ...options }: LocalOptions): Promise<number> {
  const { terminal } = context;
  const asked = context.stopAsked();
  const cloud = await context.startLocal({ ...options, port: portOf(options.port)!, pipelines });
  await makeNamedKeyPairs(context, cloud, pipelines);
  const { accessKeyId, secretAccessKey } = cloud.credentials;
  terminal.line(terminal.paint("bold", `An AWS of this process' own listens at ${cloud.endpoint}`));
  terminal.line("For pipewright, the SDKs, boto3 and the aws command, in another terminal:");
  terminal.line();
  terminal.line(`export AWS_ENDPOINT_URL=${cloud.endpoint}`);
  terminal.line(`export AWS_REGION=${cloud.region} AWS_DEFAULT_REGION=${cloud.region}`);
  terminal.line(`export AWS_ACCESS_KEY_ID=${accessKeyId} AWS_SECRET_ACCESS_KEY=${secretAccessKey}`);
  terminal.line("unset AWS_PROFILE AWS_SESSION_TOKEN");
  terminal.line();
  terminal.line(`Old versions of the aws command know no endpoint for SQS: aws --endpoint-url ${cloud.endpoint} sqs …`);
  terminal.line(
    options.data === undefined
      ? "Ctrl-C ends it, and everything in it."
      : `Ctrl-C ends it; what is in it waits in ${options.data} for the next time.`,
  );
  await asked;
  await cloud.stop();
  return EXIT.ok;
}
