import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { DaemonStatus } from "../../src/engine/status.ts";
import { condition, daemon, serving, step, TOKEN, workflow } from "../server/stage.ts";
import { type Browser, CHROMIUM, type Page, startChromium } from "./chromium.ts";
import { type Scene, scenes } from "./scenes.ts";

const skip = CHROMIUM === undefined && "no Chromium on this machine (Debian: apt-get install chromium)";

/** Texts with too little contrast to what lies behind them: WCAG 2.2, 1.4.3, without its exception for large text. */
const FAINT = `(() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = ([r, g, b, a], under) => [r, g, b].map((one, i) => one * a + under[i] * (1 - a));
  const behind = (element) => {
    if (!element) return [255, 255, 255];
    const style = getComputedStyle(element);
    return over(rgba(style.backgroundColor), behind(element.parentElement));
  };
  const light = (rgb) => {
    const [r, g, b] = rgb.map((one) => one / 255).map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const faint = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (node.textContent.trim() === "" || !element.checkVisibility() || element.closest("title, noscript")) continue;
    const style = getComputedStyle(element);
    const box = element.namespaceURI.endsWith("svg") && element.parentElement.querySelector("rect");
    const under = box ? over(rgba(getComputedStyle(box).fill), behind(box.closest("svg"))) : behind(element);
    const ink = over(rgba(box ? style.fill : style.color), under);
    const [one, other] = [light(ink), light(under)].sort((a, b) => b - a);
    const contrast = (one + 0.05) / (other + 0.05);
    if (contrast < 4.5) faint.push(node.textContent.trim().slice(0, 40) + ": " + contrast.toFixed(2));
  }
  return faint;
})()`;

const LEVELS = `[...document.querySelectorAll("h1, h2, h3")].map((one) => Number(one.tagName[1]))`;
const WIDER = "document.documentElement.scrollWidth - innerWidth";

describe("the page in a browser", { skip }, () => {
  let browser: Browser;
  before(async () => {
    browser = await startChromium();
  });
  after(() => browser.close());

  for (const [name, make] of Object.entries(scenes)) {
    for (const scheme of ["light", "dark"] as const) {
      it(`${name}, ${scheme}: reads well, fits, loads nothing that its policy forbids`, async (t) => {
        const scene: Scene = make();
        const { url } = await serving(t, scene);
        for (const path of ["/", ...(scene.about ? [`/workflows/${scene.about}`] : [])]) {
          for (const width of [1_200, 400]) {
            const page = await browser.open(url + path, { scheme, width });
            await page.evaluate(`document.querySelectorAll("details").forEach((one) => { one.open = true; })`);
            assert.deepEqual(await page.evaluate(FAINT), [], `${path} at ${width}`);
            assert.ok((await page.evaluate<number>(WIDER)) <= 0, `${path} is wider than ${width}`);
            assert.deepEqual(page.complaints, [], path);
            await page.close();
          }
        }
      });
    }
  }

  it("tells a screen reader landmarks, headings in their order, captions, and a name for everything", async (t) => {
    const { url } = await serving(t, scenes["dead-letters"]());
    for (const path of ["/", "/workflows/river-gauges"]) {
      const page = await browser.open(url + path);
      const nodes = await page.accessibility();
      const of = (role: string) => nodes.filter((one) => one.role === role);
      for (const landmark of ["banner", "navigation", "main", "contentinfo"])
        assert.equal(of(landmark).length, 1, landmark);
      for (const role of ["link", "button", "table", "image", "region", "textbox"])
        for (const one of of(role)) assert.notEqual(one.name.trim(), "", `${path}: a ${role} without a name`);
      assert.ok(of("table").length > 0);
      const levels = await page.evaluate<number[]>(LEVELS);
      assert.equal(levels.filter((level) => level === 1).length, 1);
      for (const [index, level] of levels.entries()) assert.ok(level <= (levels[index - 1] ?? 0) + 1, `${levels}`);
      await page.close();
    }
  });

  it("is gone through with the keyboard alone, and shows where one is", async (t) => {
    const { url } = await serving(t, scenes.healthy());
    const page = await browser.open(`${url}/workflows/river-gauges`);
    const seen: string[] = [];
    for (let count = 0; count < 12; count++) {
      await page.press("Tab");
      const { outline, what } = await page.evaluate<{ outline: number; what: string }>(
        `({ outline: Number.parseFloat(getComputedStyle(document.activeElement).outlineWidth), what: document.activeElement.textContent })`,
      );
      assert.ok(outline >= 2, `no outline at ${what}`);
      seen.push(what);
    }
    assert.equal(seen[0], "Skip to the content");
    assert.equal(seen[1], "Pipewright");
    await page.close();
  });

  it("reads the same without JavaScript, and offers no button that would do nothing", async (t) => {
    const { url } = await serving(t, scenes.drifted());
    const [plain, lively] = await Promise.all(
      [false, true].map((javascript) => browser.open(`${url}/workflows/grey-pictures`, { javascript })),
    );
    // The browser still evaluates for us what the page itself may not.
    const text = (page: Page) =>
      page.evaluate<string>(`document.querySelector("main").textContent.replace(/\\s+/g, " ")`);
    assert.equal(await text(plain!), await text(lively!));
    const copies = `[...document.querySelectorAll("[data-copy]")].filter((one) => one.checkVisibility()).length`;
    assert.equal(await plain!.evaluate(copies), 0);
    assert.equal(await lively!.evaluate(copies), 3);
    await Promise.all([plain!.close(), lively!.close()]);
  });

  it("shows by itself what changes, says so to a screen reader, and leaves focus and typing where they are", async (t) => {
    let status: DaemonStatus = daemon({ workflows: [workflow(FILES)] });
    const { tell, url } = await serving(t, { status: () => status, states: () => [step()], token: TOKEN });
    const list = await browser.open(url);
    const one = await browser.open(`${url}/workflows/plants`);
    await one.evaluate(`document.getElementById("token").value = "half a tok"`);
    await list.evaluate(`document.querySelector("th a").focus()`);
    await list.until(`document.querySelector(".badge").textContent.includes("Ready")`);
    const stalled = [condition("Stalled", "True", "AccessDenied", "sqs:CreateQueue is denied")];
    status = daemon({ workflows: [workflow({ ...FILES, conditions: stalled })] });
    tell({ type: "status-changed" });
    await list.until(`document.querySelector(".badge").textContent.includes("Stalled")`);
    await list.until(`document.getElementById("live").textContent.includes("0 of 1 workflow ready; 1 stalled.")`);
    assert.equal(await list.evaluate("document.activeElement.textContent"), "plants");
    await one.until(`document.querySelector(".lead").textContent.includes("denied")`);
    assert.equal(await one.evaluate(`document.getElementById("token").value`), "half a tok");
    await Promise.all([list.close(), one.close()]);
  });

  it("says that a workflow is gone, and shows it again when it is back", async (t) => {
    let status = daemon({ workflows: [workflow(FILES)] });
    const { tell, url } = await serving(t, { status: () => status });
    const page = await browser.open(`${url}/workflows/plants`);
    status = daemon({ workflows: [] });
    tell({ type: "status-changed" });
    await page.until(`document.querySelector("h1").textContent === "Not here"`);
    status = daemon({ workflows: [workflow(FILES)] });
    tell({ type: "status-changed" });
    await page.until(`document.querySelector("h1").textContent === "plants"`);
    await page.close();
  });

  it("says that the daemon does not answer any more", async (t) => {
    const { stop, url } = await serving(t);
    const page = await browser.open(url);
    await stop();
    await page.until(`document.getElementById("live").textContent.includes("does not answer")`);
    await page.close();
  });

  it("does what a button says once the token is typed", async (t) => {
    const { asked, url } = await serving(t, {
      status: () => daemon({ workflows: [workflow(FILES)] }),
      states: () => [step()],
      token: TOKEN,
    });
    const page = await browser.open(`${url}/workflows/plants`);
    await page.evaluate(`document.getElementById("token").value = "not the token, surely"`);
    await page.evaluate(`document.querySelector("form button").click()`);
    await page.until(`document.querySelector(".banner.bad")?.textContent.includes("not the token")`);
    await page.evaluate(`document.getElementById("token").value = ${JSON.stringify(TOKEN)}`);
    await page.evaluate(`document.getElementById("token").focus()`);
    await page.press("Enter");
    await page.until(`document.querySelector(".banner.good")?.textContent.includes("A pass was asked for")`);
    assert.deepEqual(asked, ["reconcile plants"]);
    await page.close();
  });
});

const FILES = { buckets: { input: "in", prefix: "", suffix: "", output: "out" }, suspendLine: 1 } as const;
