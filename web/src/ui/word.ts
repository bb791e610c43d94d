// The pieces that several pictures of a reading are made of: a word's name, its bar of class probabilities, a legend.

import { html, nothing, type TemplateResult } from "lit-html";
import type { ShownClasses } from "../model/colours";
import type { Reading } from "../model/reading";
import { visible } from "../model/text";
import { type Attributes, make } from "./dom";

export const wordName = ({ tokens, unknown }: Pick<Reading, "tokens" | "unknown">, t: number): HTMLElement =>
  make("bdi", { class: unknown[t] ? "rv-name rv-unknown" : "rv-name" }, visible(tokens[t]));

/** The class probabilities after a word, one upon the other. */
export const sharesBar = (
  { classes, verdicts }: Pick<Reading, "classes" | "verdicts">,
  t: number,
  attributes: Attributes = {},
): HTMLElement => {
  const bar = make("span", { class: "rv-shares", ...attributes });
  for (const place of classes.stacking) {
    const part = make("span");
    part.style.height = `${100 * verdicts[t][place]}%`;
    part.style.background = classes.colour(place);
    bar.append(part);
  }
  return bar;
};

/** A word's name, underlined where the vocabulary does not have it; `style` colours it. */
export const nameTemplate = (
  { tokens, unknown }: Pick<Reading, "tokens" | "unknown">,
  t: number,
  style = "",
): TemplateResult =>
  html`<bdi class=${unknown[t] ? "rv-name rv-unknown" : "rv-name"} .style=${style}>${visible(tokens[t])}</bdi>`;

/** The class probabilities after a word, one upon the other, and what else stands in the bar. */
export const sharesTemplate = (
  { classes, verdicts }: Pick<Reading, "classes" | "verdicts">,
  t: number,
  more: TemplateResult | typeof nothing = nothing,
): TemplateResult => {
  const part = (place: number) =>
    html`<span .style=${`height: ${100 * verdicts[t][place]}%; background: ${classes.colour(place)}`}></span>`;
  return html`<span class="rv-shares" aria-hidden="true">${classes.stacking.map(part)}${more}</span>`;
};

/** The entries of a legend: the classes that have a colour of their own, by their names. */
export const legendEntry = (label: string, colour: string): HTMLLIElement => {
  const item = make("li", {}, label);
  item.style.setProperty("--rv-class", colour);
  return item;
};
export const entryTemplate = (label: string, colour: string): TemplateResult =>
  html`<li .style=${`--rv-class: ${colour}`}>${label}</li>`;
export const classEntries = (
  { shown, colour }: ShownClasses,
  labels: string[],
  nameOf: (label: string) => string,
): HTMLLIElement[] => shown.map((place) => legendEntry(nameOf(labels[place]), colour(place)));
