/** A way to a cloud that can be closed: nothing listens then, and what was under way is cut off. */
import { connect, createServer, type Server, type Socket } from "node:net";
import { freePort } from "../support/free-port.ts";

export interface Gate {
  readonly endpoint: string;
  close(): Promise<void>;
  open(): Promise<void>;
}

export async function createGate(endpoint: string): Promise<Gate> {
  const target = new URL(endpoint);
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  const port = await freePort();

  async function open(): Promise<void> {
    server = createServer((near) => {
      const far = connect(Number(target.port), target.hostname);
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        sockets.add(one);
        one.on("error", () => other.destroy());
        one.on("close", () => {
          sockets.delete(one);
          other.destroy();
        });
        one.pipe(other);
      }
    });
    await new Promise<void>((resolve) => server!.listen(port, "127.0.0.1", resolve));
  }

  await open();
  return {
    endpoint: `http://127.0.0.1:${port}`,
    open,
    async close() {
      const closed = new Promise((resolve) => server!.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
