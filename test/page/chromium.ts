/** A headless Chromium as a child process, spoken to by its own protocol (CDP) over a WebSocket. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** Path of the program, or undefined where there is none. */
export const CHROMIUM: string | undefined = ["chromium", "chromium-browser", "google-chrome"].flatMap(pathOf)[0];

function pathOf(name: string): string[] {
  try {
    return [execFileSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).trim()];
  } catch {
    return [];
  }
}

export interface Browser {
  /** A new page; its size in CSS pixels. */
  open(url: string, options?: PageOptions): Promise<Page>;
  close(): Promise<void>;
}

export interface PageOptions {
  /** @default 1200 */
  readonly width?: number;
  readonly scheme?: "light" | "dark";
  readonly javascript?: boolean;
}

export interface Page {
  /** Value of an expression in the page; promises are awaited. */
  evaluate<T>(expression: string): Promise<T>;
  /** Resolves once the expression is true of a page that is loaded whole, across any navigation that is under way. */
  until(expression: string): Promise<void>;
  press(key: string): Promise<void>;
  /** The page as a PNG, in its whole length or down to a height in CSS pixels. */
  screenshot(height?: number): Promise<Buffer>;
  /** What the browser itself complained of: blocked resources, thrown errors. */
  readonly complaints: readonly string[];
  /** Roles and names as a screen reader is told them. */
  accessibility(): Promise<readonly { readonly role: string; readonly name: string }[]>;
  close(): Promise<void>;
}

/** Time for one answer or one condition, milliseconds. */
const PATIENCE_MS = 60_000;

export async function startChromium(): Promise<Browser> {
  const profile = await mkdtemp(join(tmpdir(), "pipewright-chromium-"));
  const child = spawn(
    CHROMIUM!,
    [
      "--headless=new",
      "--remote-debugging-port=0",
      `--user-data-dir=${profile}`,
      ...["--no-sandbox", "--no-first-run", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"],
      ...["--disable-background-networking", "--disable-component-update", "--disable-sync", "--mute-audio"],
      "about:blank",
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  const gone = once(child, "close");
  const connection = await connect(await addressOf(child));
  return {
    open: (url, options) => openPage(connection, url, options ?? {}),
    async close() {
      await connection.call("Browser.close").catch(() => {});
      child.kill("SIGKILL");
      await gone;
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function addressOf(child: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: child.stderr! })) {
    const found = /DevTools listening on (ws:\S+)/.exec(line)?.[1];
    if (found) {
      child.stderr!.resume();
      return found;
    }
  }
  throw new Error("Chromium ended before it listened");
}

interface Connection {
  call(method: string, params?: object, sessionId?: string): Promise<Record<string, unknown>>;
  on(listener: (event: { method: string; params: Record<string, unknown>; sessionId?: string }) => void): void;
}

async function connect(url: string): Promise<Connection> {
  const socket = new WebSocket(url);
  await once(socket, "open");
  const waiting = new Map<
    number,
    (answer: { result?: Record<string, unknown>; error?: { message: string } }) => void
  >();
  const listeners: Parameters<Connection["on"]>[0][] = [];
  let last = 0;
  socket.addEventListener("message", ({ data }) => {
    const message = JSON.parse(String(data));
    if (message.id === undefined) for (const listener of listeners) listener(message);
    else waiting.get(message.id)?.(message);
  });
  return {
    on: (listener) => void listeners.push(listener),
    call(method, params = {}, sessionId) {
      const id = ++last;
      socket.send(JSON.stringify({ id, method, params, ...(sessionId ? { sessionId } : {}) }));
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`no answer to ${method}`)), PATIENCE_MS);
        waiting.set(id, ({ error, result }) => {
          clearTimeout(timer);
          waiting.delete(id);
          if (error) reject(new Error(`${method}: ${error.message}`));
          else resolve(result ?? {});
        });
      });
    },
  };
}

async function openPage(connection: Connection, url: string, options: PageOptions): Promise<Page> {
  const { javascript = true, scheme = "light", width = 1_200 } = options;
  const { targetId } = await connection.call("Target.createTarget", { url: "about:blank", newWindow: true });
  const { sessionId } = await connection.call("Target.attachToTarget", { targetId, flatten: true });
  const call = (method: string, params?: object) => connection.call(method, params, String(sessionId));
  const complaints: string[] = [];
  connection.on((event) => {
    if (event.sessionId !== sessionId) return;
    const { method, params } = event;
    if (method === "Log.entryAdded") complaints.push((params.entry as { text: string }).text);
    if (method === "Runtime.exceptionThrown") complaints.push(JSON.stringify(params.exceptionDetails));
  });
  for (const domain of ["Page", "Runtime", "Log", "Accessibility"]) await call(`${domain}.enable`);
  // A page in the background is hidden, and then rests.
  await call("Emulation.setFocusEmulationEnabled", { enabled: true });
  await call("Emulation.setScriptExecutionDisabled", { value: !javascript });
  await call("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: scheme }] });
  await call("Emulation.setDeviceMetricsOverride", { width, height: 900, deviceScaleFactor: 1, mobile: false });

  async function evaluate<T>(expression: string): Promise<T> {
    const answer = await call("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
    if (answer.exceptionDetails) throw new Error(`${expression}: ${JSON.stringify(answer.exceptionDetails)}`);
    return (answer.result as { value: T }).value;
  }

  async function until(expression: string): Promise<void> {
    const end = Date.now() + PATIENCE_MS;
    while (!(await evaluate(`document.readyState === "complete" && (${expression})`).catch(notWhereItWasLeft))) {
      if (Date.now() > end) throw new Error(`never true: ${expression}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  await call("Page.navigate", { url });
  await until(`location.href !== "about:blank"`);
  return {
    complaints,
    evaluate,
    until,
    close: async () => void (await connection.call("Target.closeTarget", { targetId })),
    async press(key) {
      await call("Input.dispatchKeyEvent", { type: "rawKeyDown", key, code: key, windowsVirtualKeyCode: KEYS[key] });
      if (key === "Enter") await call("Input.dispatchKeyEvent", { type: "char", text: "\r" });
      await call("Input.dispatchKeyEvent", { type: "keyUp", key, code: key, windowsVirtualKeyCode: KEYS[key] });
    },
    async screenshot(most = Number.POSITIVE_INFINITY) {
      const whole = await evaluate<number>("document.documentElement.scrollHeight");
      const clip = { x: 0, y: 0, width, height: Math.min(whole, most), scale: 1 };
      const answer = await call("Page.captureScreenshot", { format: "png", clip, captureBeyondViewport: true });
      return Buffer.from(String(answer.data), "base64");
    },
    async accessibility() {
      const { nodes } = (await call("Accessibility.getFullAXTree")) as unknown as { nodes: Node[] };
      return nodes
        .filter((node) => !node.ignored)
        .map((node) => ({ role: String(node.role?.value ?? ""), name: String(node.name?.value ?? "") }));
    },
  };
}

/** The answer to a question that was asked of a document just as another one took its place: not true, so far. */
function notWhereItWasLeft(error: Error): false {
  if (/navigated or closed|context was destroyed|Cannot find (default execution )?context/.test(error.message))
    return false;
  throw error;
}

const KEYS: Readonly<Record<string, number>> = { Tab: 9, Enter: 13 };

interface Node {
  readonly ignored: boolean;
  readonly role?: { readonly value: unknown };
  readonly name?: { readonly value: unknown };
}
