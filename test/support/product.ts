/** The product as a test uses it: its own clients and kinds, what it sent, and a crash after a number of writes. */
import { type Aws, type AwsOptions, createAws, type PackedWorker } from "../../src/aws/aws.ts";
import { isWrite } from "../../src/aws/clients.ts";
import type { Pass } from "../../src/core/resource.ts";
import { systemClock } from "../../src/io/clock.ts";
import type { Backend } from "./backend.ts";
import { assertLoopback } from "./loopback.ts";

export interface Call {
  readonly service: string;
  readonly operation: string;
  readonly input: object;
}

export interface Product {
  readonly aws: Aws;
  readonly calls: readonly Call[];
  readonly writes: readonly Call[];
  /** A pass that reads from the services themselves; `batched` reads as a resync does. */
  pass(how?: "fresh" | "batched"): Pass;
  /** Has a write been refused because the product was told to crash there? */
  readonly crashed: boolean;
  /** Resolves once nothing is on its way any more. */
  quiet(): Promise<void>;
  stop(): void;
}

export interface ProductOptions {
  /** Writes that get through; all later ones are never sent, as after a SIGKILL. @default unlimited */
  readonly writesAllowed?: number;
  /** Zips by their base64 SHA-256. @default none */
  readonly code?: AwsOptions["code"];
  readonly packedWorker?: PackedWorker;
  /** @default "contract" */
  readonly owner?: string;
}

export const OWNER = "contract";

/** A new instance, as after a start: it remembers nothing. */
export function createProduct(backend: Backend, options: ProductOptions = {}): Product {
  const { writesAllowed = Number.POSITIVE_INFINITY, code = new Map(), owner = OWNER, packedWorker } = options;
  const calls: Call[] = [];
  const running = new Set<Promise<unknown>>();
  let asked = 0;
  const aws = createAws({
    endpoint: assertLoopback(backend.endpoint),
    region: backend.region,
    credentials: backend.credentials,
    clock: systemClock,
    limiter: { take: async () => {} },
    code,
    ...(packedWorker ? { packedWorker } : {}),
    mayWrite() {
      asked++;
      if (asked > writesAllowed) throw new Error(`crashed after ${writesAllowed} writes`);
    },
  });
  for (const [service, client] of Object.entries(aws.clients)) {
    watch(client.middlewareStack as Stack, (operation, input, sending) => {
      calls.push({ service, operation, input });
      running.add(sending);
      const done = () => running.delete(sending);
      sending.then(done, done);
    });
  }
  const noTagging = backend.cannot("tagging-api");
  if (noTagging !== undefined) {
    const down = () => async () => Promise.reject(new Error(`${backend.name} ${noTagging}`));
    aws.clients.tagging.middlewareStack.add(down, { step: "initialize", name: "taggingIsDown" });
  }
  const signal = new AbortController().signal;
  return {
    aws,
    calls,
    get writes() {
      return calls.filter((call) => isWrite(call.operation));
    },
    pass: (how = "fresh") => ({
      id: "contract",
      owner,
      account: backend.account,
      signal,
      fresh: how === "fresh",
      mayLoseData: false,
    }),
    get crashed() {
      return asked > writesAllowed;
    },
    async quiet() {
      while (running.size > 0) await Promise.allSettled(running);
    },
    stop() {
      for (const client of Object.values(aws.clients)) client.destroy();
    },
  };
}

interface Stack {
  addRelativeTo(middleware: (next: Next, context: Context) => Next, options: object): void;
}
type Next = (args: { input: object }) => Promise<unknown>;
interface Context {
  readonly commandName?: string;
}

/** Right behind the place where the product asks whether it may write: what is seen here is really sent. */
function watch(stack: Stack, onSend: (operation: string, input: object, sending: Promise<unknown>) => void): void {
  stack.addRelativeTo(
    (next, context) => (args) => {
      const sending = next(args);
      onSend((context.commandName ?? "").replace(/Command$/, ""), args.input, sending);
      return sending;
    },
    { relation: "after", toMiddleware: "pipewrightSend", name: "contractWatch" },
  );
}
