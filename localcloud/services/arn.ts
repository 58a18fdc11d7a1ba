/** An Amazon Resource Name, taken apart: `arn:aws:SERVICE:REGION:ACCOUNT:RESOURCE`. */
export interface Arn {
  readonly service: string;
  readonly region: string;
  readonly account: string;
  /** All that follows the account, colons included: `function:pw-grey`, `rule/pw-scaler`. */
  readonly resource: string;
}

/** Answers undefined for what is no ARN. */
export function parseArn(text: string): Arn | undefined {
  const match = /^arn:aws[a-z-]*:([^:]+):([^:]*):([^:]*):(.+)$/.exec(text);
  if (match === null) return undefined;
  const [, service, region, account, resource] = match as unknown as [string, string, string, string, string];
  return { service, region, account, resource };
}

export function arn(service: string, region: string, account: string, resource: string): string {
  return `arn:aws:${service}:${region}:${account}:${resource}`;
}

/** As the condition operator ArnLike: `*` for any run of characters, `?` for one, the case respected. */
export function arnLike(pattern: string, arn: string): boolean {
  const escaped = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${escaped}$`).test(arn);
}
