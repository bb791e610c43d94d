// The hits of the view Find: each stretch that was found in its text, marked, with what is known of it. A click opens
// the text in the reader.

import { html, type TemplateResult } from "lit-html";
import type { FoundHits, Hit } from "../client/contract";
import { type Stretch, wholeSigns } from "../model/finding";
import { signsOf } from "../model/signs";
import { isolated, visible } from "../model/text";
import type { Page } from "../state/page";

/** Opens a hit's text. */
type Open = (hit: Hit) => void;

/** Letters as the signs that they make up: a blank is one, a line feed is seen. */
const lettersOf = (tokens: readonly string[], isMarked: boolean): string =>
  signsOf(tokens)
    .map(([from, to]) => tokens.slice(from, to).join(""))
    .map((sign) => (sign === " " && !isMarked ? sign : visible(sign)))
    .join("");

/** What is before the stretch, the stretch, and what follows. Words stand apart; no sign is torn. */
const written = ({ tokens, first, start, stop }: Hit, isLetters: boolean): [string, string, string] => {
  const stretch: Stretch = [start - first, Math.min(stop - first, tokens.length) - 1];
  const [from, to] = isLetters ? wholeSigns(stretch, signsOf(tokens)) : stretch;
  const [before, inside, after] = [tokens.slice(0, from), tokens.slice(from, to + 1), tokens.slice(to + 1)];
  if (isLetters) return [lettersOf(before, false), lettersOf(inside, true), lettersOf(after, false)];
  const words = (part: string[]) => part.map(isolated).join(" ");
  return [before.length ? `${words(before)} ` : "", words(inside), after.length ? ` ${words(after)}` : ""];
};

const context = (page: Page, model: string, hit: Hit): TemplateResult => {
  const isLetters = page.kindOf(model).tokens === "letters";
  const [before, stretch, after] = written(hit, isLetters);
  const gap = isLetters ? "" : " ";
  return html`<bdi class="rv-find-text">${hit.first > 0 ? `…${gap}` : ""}${before}<mark>${stretch}</mark>${after}${
    hit.more ? `${gap}…` : ""
  }</bdi>`;
};

const facts = (page: Page, model: string, hit: Hit, asked: number): string => {
  const { label, answer, probability, units, bits } = hit;
  const said = [];
  if (label !== null) said.push(page.say("find_hit_label", { label: page.classOf(label, model) }));
  if (answer !== null)
    said.push(page.say("find_hit_answer", { answer: page.classOf(answer, model), share: page.share(probability) }));
  said.push(page.say("find_hit_units", { found: units.length, count: asked }));
  said.push(
    page.say("find_hit_bits", { bits: page.written(bits, { minimumFractionDigits: 1, maximumFractionDigits: 1 }) }),
  );
  return said.join(" · ");
};

/** The hits of a search by so many units. */
export const findHits = (page: Page, model: string, { hits }: FoundHits, asked: number, open: Open): TemplateResult => {
  const inside = (hit: Hit) =>
    html`${context(page, model, hit)} <span class="rv-find-facts">${facts(page, model, hit, asked)}</span>`;
  const entry = (hit: Hit) =>
    html`<li data-text=${hit.text} data-start=${hit.start}>${
      hit.whole === null
        ? html`<div class="rv-find-far">${inside(hit)} <span class="rv-find-facts">${page.say("find_far")}</span></div>`
        : html`<button type="button" @click=${() => open(hit)}>${inside(hit)}</button>`
    }</li>`;
  return html`<h3>${page.say("find_hits")}</h3><ol class="rv-find-hits">${hits.map(entry)}</ol>`;
};
