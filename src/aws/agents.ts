/**
 * Connections of the clients. A request that opens one is sent only once it stands, and by then the lease may be another's: a
 * process that is paused in between would, once woken, send what it was allowed to send long ago.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { Duplex } from "node:stream";

export interface Agents {
  readonly httpAgent: HttpAgent;
  readonly httpsAgent: HttpsAgent;
  /** Sends a write: a connection that is opened for it is closed unused where nothing may be written any more. */
  writing<T>(send: () => Promise<T>): Promise<T>;
}

/** @param mayWrite throws where nothing may be sent any more */
export function createAgents(maxSockets: number, mayWrite: () => void): Agents {
  const writes = new AsyncLocalStorage<true>();

  function watched<S extends Duplex | null | undefined>(socket: S): S {
    if (!writes.getStore()) return socket;
    for (const event of ["connect", "secureConnect"]) {
      // Before the request's own listeners, which come with its first bytes.
      socket?.once(event, () => {
        try {
          mayWrite();
        } catch (error) {
          socket.destroy(error as Error);
        }
      });
    }
    return socket;
  }

  class Http extends HttpAgent {
    override createConnection(...given: Parameters<HttpAgent["createConnection"]>) {
      return watched(super.createConnection(...given));
    }
  }
  class Https extends HttpsAgent {
    override createConnection(...given: Parameters<HttpsAgent["createConnection"]>) {
      return watched(super.createConnection(...given));
    }
  }
  return {
    httpAgent: new Http({ maxSockets, keepAlive: true }),
    httpsAgent: new Https({ maxSockets, keepAlive: true }),
    writing: (send) => writes.run(true, send),
  };
}
