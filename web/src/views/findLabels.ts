// The labels of the hits beside those of all texts, as two bars each, in the view Find.

import { html, nothing, type TemplateResult } from "lit-html";
import type { LabelShare } from "../client/contract";
import { totalsOf } from "../model/finding";
import type { Page } from "../state/page";

/** Two bars a label: the share of the hits' texts, and that of all texts. */
export const findLabels = (
  page: Page,
  model: string,
  labels: readonly LabelShare[],
): TemplateResult | typeof nothing => {
  const [found, all] = totalsOf(labels);
  if (!found) return nothing;
  const { labels: classes, classes: shown } = page.reading;
  const shares = [
    page.sharesOf(labels.map((one) => one.texts / found)),
    page.sharesOf(labels.map((one) => one.all / all)),
  ];
  const bar = (share: number, name: string) =>
    html`<span class=${name} aria-hidden="true"><i .style=${`width: ${100 * share}%`}></i></span>`;
  const row = ({ label, texts, all: whole }: LabelShare, n: number) => {
    const colour = shown.colour(classes.indexOf(label));
    return html`<tr .style=${`--rv-class: ${colour}`}><th scope="row">${page.classOf(label, model)}</th
      ><td class="rv-find-bars">${bar(texts / found, "rv-find-bar")}${bar(whole / all, "rv-find-bar rv-find-all")}</td
      ><td>${page.count(texts)} <span>${shares[0][n]}</span></td><td>${page.count(whole)} <span>${shares[1][n]}</span></td></tr>`;
  };
  return html`<table class="rv-find-labels"><caption>${page.say("find_labels")}</caption
    ><thead><tr><td colspan="2"></td><th scope="col">${page.say("find_of_hits")}</th><th scope="col">${page.say("find_of_all")}</th></tr></thead
    ><tbody>${labels.map(row)}</tbody></table>`;
};
