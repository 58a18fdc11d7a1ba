import type { Log } from "../../src/core/ports.ts";

/** A log that nobody keeps. */
export const silent: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };
