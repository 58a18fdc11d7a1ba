/** A person's mistake in how a command was called: told without a stack, exit code 64. */
export class UsageError extends Error {}
