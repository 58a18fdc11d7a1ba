/** What came over the wire cannot be read as the operation's input. The codec turns it into the service's own error. */
export class SerializationError extends Error {
  override readonly name = "SerializationError";
}
