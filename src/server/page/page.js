// Keeps the page as the server would render it now, and lets commands be copied. Everything else works without it.

const GATHER_MS = 300;
/** Of a page that takes long, the daemon is asked seldom: it has better things to do than to render it for us. */
const PAUSE_PER_MS = 10;
/** So that "2 min ago" does not stand still. */
const REFRESH_MS = 30_000;

let waiting = false;
let fetching = false;
let pauseMs = GATHER_MS;
/** What the page speaks of is there. */
let there = true;
let source;

/** What is marked live is replaced where it differs; what a person is writing, or has opened, stays. */
async function refresh() {
  waiting = false;
  if (fetching) return later();
  fetching = true;
  const began = performance.now();
  try {
    const answer = await fetch(location.pathname, { headers: { accept: "text/html" } });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    renewAll(fresh, answer.ok);
    say();
  } catch {
    tell("The daemon does not answer. What you see may be old.");
  } finally {
    fetching = false;
    pauseMs = Math.max(GATHER_MS, PAUSE_PER_MS * (performance.now() - began));
  }
}

function renewAll(fresh, found) {
  if (found !== there) {
    renew(document.getElementById("main"), fresh.getElementById("main"));
    there = found;
    return;
  }
  for (const old of document.querySelectorAll("[data-live]")) {
    const now = fresh.getElementById(old.id);
    if (now) renew(old, now);
  }
}

function renew(old, now) {
  const open = [...old.querySelectorAll("details")].map((one) => one.open);
  const scrolled = [...old.querySelectorAll(".scroll")].map((one) => one.scrollLeft);
  [...now.querySelectorAll("details")].forEach((one, index) => {
    if (open[index]) one.setAttribute("open", "");
  });
  showButtons(now);
  if (old.innerHTML === now.innerHTML) return;
  const place = placeOf(document.activeElement, old);
  old.replaceChildren(...now.childNodes);
  [...old.querySelectorAll(".scroll")].forEach((one, index) => {
    one.scrollLeft = scrolled[index] ?? 0;
  });
  if (place !== undefined) focusables(old)[place]?.focus({ preventScroll: true });
}

const focusables = (root) => [...root.querySelectorAll("a[href], button, summary, [tabindex]")];

function placeOf(element, root) {
  const place = focusables(root).indexOf(element);
  return place < 0 ? undefined : place;
}

function later() {
  if (waiting) return;
  waiting = true;
  setTimeout(refresh, pauseMs);
}

let said = document.querySelector("[data-say]")?.firstChild?.textContent;

/** The sentence at the top is read out when it changes, and nothing else. */
function say() {
  const now = document.querySelector("[data-say]")?.firstChild?.textContent;
  if (now !== said) tell(now ?? "");
  said = now;
}

function tell(text) {
  const live = document.getElementById("live");
  if (live.textContent !== text) live.textContent = text;
}

function listen() {
  source = new EventSource("/api/v1/events");
  source.addEventListener("changed", later);
  source.addEventListener("open", () => tell(""));
  source.addEventListener("error", () => tell("The daemon does not answer. What you see may be old."));
}

function showButtons(root) {
  for (const button of root.querySelectorAll("[data-copy]")) button.hidden = false;
}

document.addEventListener("click", async ({ target }) => {
  const button = target.closest?.("[data-copy]");
  if (!button) return;
  const code = document.getElementById(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(code.textContent);
    tell("Copied.");
    button.textContent = "Copied";
    setTimeout(() => {
      button.textContent = "Copy";
    }, 2_000);
  } catch {
    // Browsers give no clipboard to plain HTTP from another machine: then it is at least selected.
    getSelection().selectAllChildren(code);
  }
});

// Nobody looks at a hidden page, and a browser opens only six connections to one host.
document.addEventListener("visibilitychange", () => {
  source?.close();
  if (document.hidden) return;
  listen();
  later();
});

showButtons(document);
listen();
setInterval(() => document.hidden || later(), REFRESH_MS);
