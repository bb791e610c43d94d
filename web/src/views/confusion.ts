// A confusion matrix: how often each class was answered as which.

import { html, type TemplateResult } from "lit-html";
import type { Page } from "../state/page";

/** The matrix of a network: counts, one row a class, one column an answer. */
export const confusion = (
  page: Page,
  model: string,
  labels: string[],
  counts: readonly (readonly number[])[],
): TemplateResult => {
  const names = page.classesOf(labels, model);
  const row = (answers: readonly number[], place: number) =>
    html`<tr><th scope="row">${names[place]}</th>${answers.map(
      (count, answer) => html`<td class=${answer === place ? "rv-own-right" : ""}>${page.count(count)}</td>`,
    )}</tr>`;
  const caption = page.say("own_confusion");
  return html`<div class="rv-table" role="group" tabindex="0" aria-label=${caption}><table><caption>${caption}</caption
    ><thead><tr><td></td>${names.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead
    ><tbody>${counts.map(row)}</tbody></table></div>`;
};
