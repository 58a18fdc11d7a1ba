/** What clouds say of an operation that they have never heard of: no answer to a question about it. */
const UNKNOWN = ["InvalidAction", "UnknownOperationException", "NotImplemented", "NotImplementedException"];

/** For what AWS documents that it refuses, and not under which name: "refused", or "accepted". */
export async function verdict(call: Promise<unknown>): Promise<"accepted" | "refused"> {
  try {
    await call;
    return "accepted";
  } catch (error) {
    const { $metadata } = error as { $metadata?: { httpStatusCode?: number } };
    const status = $metadata?.httpStatusCode ?? 0;
    if (status < 400 || status >= 500 || isUnknownOperation(error)) throw error;
    return "refused";
  }
}

export const isUnknownOperation = (error: unknown): boolean => UNKNOWN.includes((error as Error).name);
