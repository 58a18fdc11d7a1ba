/** A command with a button that copies it; without JavaScript the button stays hidden. */
import { type Html, html } from "./html.ts";

export function copyable(id: string, command: string, label: string): Html {
  return html`<div class="copyable"><span class="label" id="${id}-label">${label}</span>
<code id="${id}" tabindex="0" aria-labelledby="${id}-label">${command}</code><button type="button" id="${id}-copy" data-copy="${id}" aria-label="Copy: ${label}" hidden>Copy</button></div>`;
}

/** One word for a POSIX shell, whatever it holds: whoever pastes the command runs only that. */
export const quoted = (word: string): string =>
  /^[\w./:@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
