import { type OperationShape, operationShape, type StructShape, shapeOf } from "./shape.ts";

/** The services that the local cloud speaks, and how each of them puts its calls on the wire. */
export interface ServiceEntry {
  /** As in the SDK's package name. */
  readonly id: ServiceId;
  /** Service name in the credential scope of a signature. */
  readonly signingName: string;
  readonly protocol: Protocol;
  /** What stands before the operation in `X-Amz-Target`, and in the path of a CBOR call. */
  readonly target: string;
  readonly version: string;
  readonly namespace: string;
  readonly xmlNamespace: string;
  /** Codes of the failures that every operation can have. */
  readonly codes: CommonCodes;
}

export type Protocol = "query" | "ec2" | "json-1.0" | "json-1.1" | "rest-json" | "rest-xml";

/** How a call was written; the answer takes the same way back. */
export type Encoding = Protocol | "cbor";

export interface CommonCodes {
  readonly denied: readonly [code: string, status: number];
  readonly throttled: readonly [code: string, status: number];
  readonly internal: readonly [code: string, status: number];
  /** An input that lacks a required member or holds a value of the wrong type. */
  readonly invalid: string;
}

export type ServiceId =
  | "s3"
  | "sts"
  | "sqs"
  | "iam"
  | "lambda"
  | "eventbridge"
  | "ecs"
  | "ec2"
  | "cloudwatch"
  | "cloudwatch-logs"
  | "resource-groups-tagging-api";

export interface Schemas {
  readonly operations: ReadonlyMap<string, OperationShape>;
  /** Modelled errors, by the name that the SDK gives them. */
  readonly errors: ReadonlyMap<string, StructShape>;
}

export const catalog: Readonly<Record<ServiceId, ServiceEntry>> = {
  s3: {
    id: "s3",
    signingName: "s3",
    protocol: "rest-xml",
    target: "AmazonS3",
    version: "2006-03-01",
    namespace: "com.amazonaws.s3",
    xmlNamespace: "http://s3.amazonaws.com/doc/2006-03-01/",
    codes: {
      denied: ["AccessDenied", 403],
      throttled: ["SlowDown", 503],
      internal: ["InternalError", 500],
      invalid: "MalformedXML",
    },
  },
  sts: {
    id: "sts",
    signingName: "sts",
    protocol: "query",
    target: "AWSSecurityTokenServiceV20110615",
    version: "2011-06-15",
    namespace: "com.amazonaws.sts",
    xmlNamespace: "https://sts.amazonaws.com/doc/2011-06-15/",
    codes: {
      denied: ["AccessDenied", 403],
      throttled: ["Throttling", 400],
      internal: ["InternalFailure", 500],
      invalid: "ValidationError",
    },
  },
  sqs: {
    id: "sqs",
    signingName: "sqs",
    protocol: "json-1.0",
    target: "AmazonSQS",
    version: "2012-11-05",
    namespace: "com.amazonaws.sqs",
    xmlNamespace: "http://queue.amazonaws.com/doc/2012-11-05/",
    codes: {
      denied: ["AccessDenied", 403],
      throttled: ["RequestThrottled", 403],
      internal: ["InternalFailure", 500],
      invalid: "MissingParameter",
    },
  },
  iam: {
    id: "iam",
    signingName: "iam",
    protocol: "query",
    target: "AWSIdentityManagementV20100508",
    version: "2010-05-08",
    namespace: "com.amazonaws.iam",
    xmlNamespace: "https://iam.amazonaws.com/doc/2010-05-08/",
    codes: {
      denied: ["AccessDenied", 403],
      throttled: ["Throttling", 400],
      internal: ["ServiceFailure", 500],
      invalid: "ValidationError",
    },
  },
  lambda: {
    id: "lambda",
    signingName: "lambda",
    protocol: "rest-json",
    target: "AWSGirApiService",
    version: "2015-03-31",
    namespace: "com.amazonaws.lambda",
    xmlNamespace: "",
    codes: {
      denied: ["AccessDeniedException", 403],
      throttled: ["TooManyRequestsException", 429],
      internal: ["ServiceException", 500],
      invalid: "ValidationException",
    },
  },
  eventbridge: {
    id: "eventbridge",
    signingName: "events",
    protocol: "json-1.1",
    target: "AWSEvents",
    version: "2015-10-07",
    namespace: "com.amazonaws.eventbridge",
    xmlNamespace: "http://events.amazonaws.com/doc/2015-10-07",
    codes: {
      denied: ["AccessDeniedException", 400],
      throttled: ["ThrottlingException", 400],
      internal: ["InternalException", 500],
      invalid: "ValidationException",
    },
  },
  ecs: {
    id: "ecs",
    signingName: "ecs",
    protocol: "json-1.1",
    target: "AmazonEC2ContainerServiceV20141113",
    version: "2014-11-13",
    namespace: "com.amazonaws.ecs",
    xmlNamespace: "http://ecs.amazonaws.com/doc/2014-11-13/",
    codes: {
      denied: ["AccessDeniedException", 400],
      throttled: ["ThrottlingException", 400],
      internal: ["ServerException", 500],
      invalid: "InvalidParameterException",
    },
  },
  ec2: {
    id: "ec2",
    signingName: "ec2",
    protocol: "ec2",
    target: "AmazonEC2",
    version: "2016-11-15",
    namespace: "com.amazonaws.ec2",
    xmlNamespace: "http://ec2.amazonaws.com/doc/2016-11-15/",
    codes: {
      denied: ["UnauthorizedOperation", 403],
      throttled: ["RequestLimitExceeded", 503],
      internal: ["InternalError", 500],
      invalid: "MissingParameter",
    },
  },
  cloudwatch: {
    id: "cloudwatch",
    signingName: "monitoring",
    protocol: "json-1.0",
    target: "GraniteServiceVersion20100801",
    version: "2010-08-01",
    namespace: "com.amazonaws.cloudwatch",
    xmlNamespace: "http://monitoring.amazonaws.com/doc/2010-08-01/",
    codes: {
      denied: ["AccessDenied", 403],
      throttled: ["Throttling", 400],
      internal: ["InternalServiceFault", 500],
      invalid: "ValidationError",
    },
  },
  "cloudwatch-logs": {
    id: "cloudwatch-logs",
    signingName: "logs",
    protocol: "json-1.1",
    target: "Logs_20140328",
    version: "2014-03-28",
    namespace: "com.amazonaws.cloudwatchlogs",
    xmlNamespace: "http://monitoring.amazonaws.com/doc/2014-03-28/",
    codes: {
      denied: ["AccessDeniedException", 400],
      throttled: ["ThrottlingException", 400],
      internal: ["ServiceUnavailableException", 500],
      invalid: "InvalidParameterException",
    },
  },
  "resource-groups-tagging-api": {
    id: "resource-groups-tagging-api",
    signingName: "tagging",
    protocol: "json-1.1",
    target: "ResourceGroupsTaggingAPI_20170126",
    version: "2017-01-26",
    namespace: "com.amazonaws.resourcegroupstaggingapi",
    xmlNamespace: "",
    codes: {
      denied: ["AccessDeniedException", 400],
      throttled: ["ThrottledException", 400],
      internal: ["InternalServiceException", 500],
      invalid: "InvalidParameterException",
    },
  },
};

export const serviceIds = Object.keys(catalog) as readonly ServiceId[];

/** Reads a client's schemas at the first call to its service: EC2's alone take a third of a second. */
export function loadSchemas(id: ServiceId): Promise<Schemas> {
  let schemas = loaded.get(id);
  if (!schemas) {
    schemas = importClient(id).then(readSchemas);
    loaded.set(id, schemas);
  }
  return schemas;
}

const loaded = new Map<ServiceId, Promise<Schemas>>();

/** Written out, so that a bundler sees every package. */
function importClient(id: ServiceId): Promise<Record<string, unknown>> {
  switch (id) {
    case "s3":
      return import("@aws-sdk/client-s3");
    case "sts":
      return import("@aws-sdk/client-sts");
    case "sqs":
      return import("@aws-sdk/client-sqs");
    case "iam":
      return import("@aws-sdk/client-iam");
    case "lambda":
      return import("@aws-sdk/client-lambda");
    case "eventbridge":
      return import("@aws-sdk/client-eventbridge");
    case "ecs":
      return import("@aws-sdk/client-ecs");
    case "ec2":
      return import("@aws-sdk/client-ec2");
    case "cloudwatch":
      return import("@aws-sdk/client-cloudwatch");
    case "cloudwatch-logs":
      return import("@aws-sdk/client-cloudwatch-logs");
    case "resource-groups-tagging-api":
      return import("@aws-sdk/client-resource-groups-tagging-api");
  }
}

const OPERATION = 9;
const ERROR = -3;

function readSchemas(client: Record<string, unknown>): Schemas {
  const operations = new Map<string, OperationShape>();
  const errors = new Map<string, StructShape>();
  for (const exported of Object.values(client)) {
    if (!Array.isArray(exported)) continue;
    if (exported[0] === OPERATION) operations.set(exported[2], operationShape(exported));
    if (exported[0] === ERROR) errors.set(exported[2], shapeOf(exported) as StructShape);
  }
  return { operations, errors };
}
