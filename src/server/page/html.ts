/** HTML as a template: every value is escaped, and only what this tag has made goes in as it is. */

export interface Html {
  readonly [MADE]: string;
}

const MADE = Symbol("html");

export type Value = Html | string | number | undefined | false | readonly Value[];

/** @example html`<p title="${name}">${error}</p>` */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Html {
  return { [MADE]: parts.reduce((text, part, index) => text + textOf(values[index - 1]) + part) };
}

export const asText = (made: Html): string => made[MADE];

function textOf(value: Value): string {
  if (value === undefined || value === false) return "";
  if (typeof value === "string" || typeof value === "number") return escaped(String(value));
  return MADE in value ? value[MADE] : value.map(textOf).join("");
}

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** For text and for values of attributes in quotes. */
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => ESCAPES[character]!);
