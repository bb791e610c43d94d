// The pieces that several pictures of a reading are made of: a word's name, its bar of class probabilities, a legend.

import { html, nothing, type TemplateResult } from "lit-html";
import type { ShownClasses } from "../model/colours";
import type { Reading } from "../model/reading";
import { visible } from "../model/text";

/** A word's name, underlined where the vocabulary does not have it; `style` colours it. */
export const wordName = (
  { tokens, unknown }: Pick<Reading, "tokens" | "unknown">,
  t: number,
  style = "",
): TemplateResult =>
  html`<bdi class=${unknown[t] ? "rv-name rv-unknown" : "rv-name"} .style=${style}>${visible(tokens[t])}</bdi>`;
/** The same of a letter that is shown with others as one sign, which stands over all of their columns. */
export const letterName = (unknown: boolean, style = ""): TemplateResult =>
  html`<bdi class=${unknown ? "rv-name rv-unknown rv-part" : "rv-name rv-part"} .style=${style}>\u00a0</bdi>`;

/** The class probabilities after a word, one upon the other, and what else stands in the bar. */
export const sharesBar = (
  { classes, verdicts }: Pick<Reading, "classes" | "verdicts">,
  t: number,
  more: TemplateResult | typeof nothing = nothing,
): TemplateResult => {
  const part = (place: number) =>
    html`<span .style=${`height: ${100 * verdicts[t][place]}%; background: ${classes.colour(place)}`}></span>`;
  return html`<span class="rv-shares" aria-hidden="true">${classes.stacking.map(part)}${more}</span>`;
};

/** An entry of a legend. */
export const legendEntry = (label: string, colour: string): TemplateResult =>
  html`<li .style=${`--rv-class: ${colour}`}>${label}</li>`;
/** The classes that have a colour of their own, by their names. */
export const classEntries = ({ shown, colour }: ShownClasses, names: string[]): TemplateResult[] =>
  shown.map((place) => legendEntry(names[place], colour(place)));
