// A sentence in which code stands between backticks, as in a text file.

import { html, type TemplateResult } from "lit-html";

/** The sentence with each piece of code in an element of its own: it is English, and read from left to right. */
export const withCode = (sentence: string): (string | TemplateResult)[] =>
  sentence
    .split("`")
    .map((part, place) => (place % 2 ? html`<code lang="en" dir="ltr">${part}</code>` : part))
    .filter((part) => part !== "");
/** A piece of code for the place of a sentence. */
export const asCode = (code: string): string => `\`${code}\``;
