/** Alone in its file, since the enqueuer, which starts with the first upload, is to carry no schemas along. */

/** SQS refuses bodies with U+FFFE and U+FFFF, which a key may hold and JSON leaves as they are. */
export const writeMessage = (message: object): string =>
  JSON.stringify(message).replace(/[\uFFFE\uFFFF]/g, (one) => `\\u${one.charCodeAt(0).toString(16)}`);
