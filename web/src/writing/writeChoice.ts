// What could have come in a letter's place: the five likeliest with their probabilities, and what top-k cut away.

import { html, nothing, type TemplateResult } from "lit-html";
import type { Letter } from "../engine/write";
import { isolated } from "../model/text";
import { bitsOf } from "../model/writing";
import type { Page } from "../state/page";

/** A letter that is pointed at or pinned. */
export interface Chosen {
  letter: Letter;
  /** In the whole text. */
  place: number;
  /** Letters of the beginning. */
  start: number;
  topK: number | null;
}

/** A letter as it is named in a sentence. */
export const letterName = (page: Page, token: string): string => {
  if (token === " ") return page.say("write_space");
  return token === "\n" ? page.say("write_line") : `“${isolated(token)}”`;
};
/** A letter as it stands in a bar. */
const glyph = (token: string): string => (token === " " ? "␣" : token === "\n" ? "↵" : isolated(token));

export const choiceCard = (page: Page, chosen: Chosen | null, fork: (at: number) => void): TemplateResult => {
  if (!chosen) return html`<p class="rv-note">${page.say("write_choice_none")}</p>`;
  const { letter, place, start } = chosen;
  const isGiven = place < start;
  const number = isGiven ? place + 1 : place - start + 1;
  const at = page.say(isGiven ? "write_at_start" : "write_at", {
    place: number,
    letter: letterName(page, letter.token),
  });
  return html`<p class="rv-write-at"><b>${at}</b></p>
    <p>${toldOf(page, letter, place)}</p>
    ${letter.likeliest.length ? bars(page, chosen) : nothing}
    ${letter.cut > 0 ? html`<p class="rv-note">${page.say("write_cut", { share: shareOf(page, letter.cut) })}</p>` : nothing}
    ${letter.close ? html`<p class="rv-note">${page.say("write_close_here")}</p>` : nothing}
    ${
      isGiven && place < start - 1
        ? nothing
        : html`<button type="button" class="rv-button rv-write-fork" @click=${() => fork(place - start + 1)}>${page.say("write_fork")}</button>`
    }`;
};

const LEAST = 0.00001;
/** In per cent, whatever its size, so that two shares can be compared. */
const shareOf = (page: Page, share: number): string =>
  share < LEAST
    ? `< ${page.share(LEAST, { maximumFractionDigits: 3 })}`
    : page.share(share, { maximumSignificantDigits: share < 0.1 ? 2 : 3 });

const toldOf = (page: Page, letter: Letter, place: number): string => {
  if (letter.probability === null) return page.say(place === 0 ? "write_first" : "write_unknown_here");
  const bits = page.signed(bitsOf(letter) ?? 0, 1);
  return page.say("write_had", { share: shareOf(page, letter.probability), bits });
};

const bars = (page: Page, { letter, topK, place, start }: Chosen): TemplateResult => {
  const isWritten = place >= start;
  const rows = letter.likeliest.map(([token, share], rank) => ({
    token,
    share,
    isCut: isWritten && topK !== null && rank >= topK,
  }));
  if (letter.probability !== null && !rows.some(({ token }) => token === letter.token))
    rows.push({ token: letter.token, share: letter.probability, isCut: false });
  const row = ({ token, share, isCut }: (typeof rows)[number]) => {
    const came = token === letter.token;
    return html`<li class=${`${came ? "rv-came" : ""} ${isCut ? "rv-cut" : ""}`}><span class="rv-write-glyph">${glyph(token)}</span
      ><span class="rv-write-bar"><span .style=${`width: ${100 * share}%`}></span></span
      ><span class="rv-write-share">${shareOf(page, share)}</span
      ><span class="rv-write-said">${came ? page.say("write_came") : isCut ? page.say("write_was_cut") : ""}</span></li>`;
  };
  return html`<ol class="rv-write-bars" aria-label=${page.say("write_choice")}>${rows.map(row)}</ol>`;
};
