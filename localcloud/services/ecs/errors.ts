import { AwsError } from "../../service.ts";

export function invalidParameter(message: string): AwsError {
  return new AwsError("InvalidParameterException", message);
}

export function clientException(message: string): AwsError {
  return new AwsError("ClientException", message);
}

export function clusterNotFound(message = "Cluster not found."): AwsError {
  return new AwsError("ClusterNotFoundException", message);
}
