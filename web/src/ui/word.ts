// The pieces that several pictures of a reading are made of: a word's name, its bar of class probabilities, a legend.

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

/** The entries of a legend: the classes that have a colour of their own, by their names. */
export const legendEntry = (label: string, colour: string): HTMLLIElement => {
  const item = make("li", {}, label);
  item.style.setProperty("--rv-class", colour);
  return item;
};
export const classEntries = (
  { shown, colour }: ShownClasses,
  labels: string[],
  nameOf: (label: string) => string,
): HTMLLIElement[] => shown.map((place) => legendEntry(nameOf(labels[place]), colour(place)));
