/** What an error of AWS means for a call that changes something. */

interface AwsFailure {
  readonly name?: string;
  readonly message?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

const THROTTLED = new Set([
  "Throttling",
  "ThrottlingException",
  "ThrottledException",
  "RequestLimitExceeded",
  "RequestThrottled",
  "SlowDown",
  "TooManyRequestsException",
  "EC2ThrottledException",
]);

/** The call of an earlier run is under way or has had its effect: EC2's and ECS's answers to a token that was used before. */
const SEEN_BEFORE = new Set([
  "IdempotentParameterMismatch",
  "IdempotentInstanceTerminated",
  "ConflictException",
  "IdempotencyException",
]);

/** Another place may have what this one has not. */
const NOT_HERE = new Set([
  "InsufficientInstanceCapacity",
  "InsufficientCapacity",
  "InsufficientHostCapacity",
  "InsufficientReservedInstanceCapacity",
  "InsufficientFreeAddressesInSubnet",
  "InvalidSubnetID.NotFound",
  "SpotMaxPriceTooLow",
  // The zone does not offer the type.
  "Unsupported",
]);

/** The account's quota in one market is used up, in all subnets; the other market has its own. */
const MARKET_FULL = new Set(["MaxSpotInstanceCountExceeded", "VcpuLimitExceeded"]);

/** AWS said no, and says so again if nothing changes. Otherwise it is unclear whether anything happened. */
export function isRefusal(error: unknown): boolean {
  const { name = "", $metadata } = error as AwsFailure;
  const status = $metadata?.httpStatusCode ?? 0;
  return status >= 400 && (status < 500 || NOT_HERE.has(name)) && !THROTTLED.has(name) && !SEEN_BEFORE.has(name);
}

export const isNotHere = (error: unknown): boolean => NOT_HERE.has((error as AwsFailure).name ?? "");

export const isMarketFull = (error: unknown): boolean => MARKET_FULL.has((error as AwsFailure).name ?? "");

export const reasonOf = (error: unknown): string => {
  const { name = "Error", message = String(error) } = error as AwsFailure;
  return `${name}: ${message}`;
};
