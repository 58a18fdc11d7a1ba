import { createHash } from "node:crypto";
import { AwsError } from "../../service.ts";

/** What a client token was first sent with, to tell the same wish from another. */
export interface TokenUse {
  readonly token: string;
  readonly fingerprint: string;
}

/** Of everything that a request asks for. */
export function fingerprintOf(input: { readonly ClientToken?: string | undefined }): string {
  return createHash("sha256")
    .update(JSON.stringify({ ...input, ClientToken: undefined }))
    .digest("hex");
}

/** @throws IdempotentParameterMismatch where the token was sent with another wish */
export function checkSameWish(before: string, now: string): void {
  if (before === now) return;
  throw new AwsError(
    "IdempotentParameterMismatch",
    "Arguments on this idempotent request are inconsistent with arguments used in previous request(s).",
  );
}

/** What this request has made before; undefined where it comes for the first time. */
export function madeBefore<T extends { readonly use?: TokenUse | undefined }>(
  records: Iterable<T>,
  input: { readonly ClientToken?: string | undefined },
): T | undefined {
  if (input.ClientToken === undefined) return undefined;
  const before = [...records].find(({ use }) => use?.token === input.ClientToken);
  if (before !== undefined) checkSameWish(before.use!.fingerprint, fingerprintOf(input));
  return before;
}

export function useOf(input: { readonly ClientToken?: string | undefined }): TokenUse | undefined {
  return input.ClientToken === undefined ? undefined : { token: input.ClientToken, fingerprint: fingerprintOf(input) };
}
