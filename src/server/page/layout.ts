/** The frame of every page: head, header with where and who, main, footer. */
import type { DaemonStatus } from "../../engine/status.ts";
import { asText, type Html, html } from "./html.ts";
import { sentence } from "./words.ts";

export interface Frame {
  readonly title: string;
  readonly status: DaemonStatus;
  /** Of this build. */
  readonly version: string;
  readonly body: Html;
  /** The current page of the navigation. */
  readonly home?: true;
}

export function frame({ title, status, version, body, home }: Frame): string {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="/page/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/page/page.css">
<script src="/page/page.js" defer></script>
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header class="top">
<nav aria-label="Pages"><a class="mark" href="/"${home ? html` aria-current="page"` : ""}>Pipewright</a></nav>
<dl class="where">
<div><dt>Account</dt><dd>${status.account ?? "not known yet"}</dd></div>
<div><dt>Region</dt><dd>${status.region}</dd></div>
<div><dt>Owner</dt><dd>${status.owner}</dd></div>
</dl>
</header>
<main id="main" tabindex="-1">
<div id="banner" data-live>${banners(status)}</div>
${body}
</main>
<footer class="bottom">
<p>Pipewright ${version} · <a href="/api/v1/openapi.json">API</a> · <a href="/metrics">metrics</a></p>
<p id="live" role="status" aria-live="polite"><noscript>Reload this page to see what is new.</noscript></p>
</footer>
</body>
</html>
`;
  return asText(page);
}

function banners({ awsProblem, brake, folderProblem, leader, stopping }: DaemonStatus): Html[] {
  if (awsProblem !== undefined)
    return [
      banner(
        "bad",
        html`<strong>AWS has not answered yet.</strong> Nothing is known until it does. ${sentence(awsProblem)}`,
      ),
    ];
  const watching = html`<strong>This daemon watches.</strong> Another one holds the lease and acts; this one takes over when it ends. What stands below is what this one has seen itself.`;
  return [
    ...(stopping ? [banner("calm", html`<strong>Stopping.</strong> What runs comes to its end.`)] : []),
    ...(leader ? [] : [banner("busy", watching)]),
    ...(folderProblem === undefined
      ? []
      : [banner("bad", html`<strong>The folder cannot be read whole.</strong> ${folderProblem}`)]),
    ...(brake === undefined ? [] : [banner("warn", html`<strong>Nothing is pruned.</strong> ${sentence(brake)}`)]),
  ];
}

const banner = (tone: string, content: Html): Html => html`<p class="banner ${tone}">${content}</p>`;
