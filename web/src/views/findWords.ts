// The words of the page's text as buttons, in the view Find: a first and a last one choose a stretch, also by touch and
// by keyboard. Letters stand together in the signs that they make up.

import { html, type TemplateResult } from "lit-html";
import { classMap } from "lit-html/directives/class-map.js";
import type { Stretch } from "../model/finding";
import type { Sign } from "../model/signs";
import { visible } from "../model/text";
import { stretchSentences } from "../panels/stretchSentences";
import type { Page } from "../state/page";

class FindWords {
  private readonly page: Page;
  /** To be called when another stretch is chosen. */
  private readonly chosen: () => void;
  /** What a stretch begins with, while its end is awaited. */
  private begun: Stretch | null = null;
  /** The button to which the Tab key leads. */
  private stop = 0;

  constructor(page: Page, chosen: () => void) {
    this.page = page;
    this.chosen = chosen;
  }

  /** Whether the next click ends a stretch. */
  isBegun(): boolean {
    const { range } = this.page;
    if (this.begun?.join() !== range?.join()) this.begun = null; // somebody else has chosen, or another text is read
    return this.begun !== null;
  }

  template(stretch: Stretch): TemplateResult {
    const { page } = this;
    const signs = stretchSentences(page).signs();
    this.stop = Math.min(this.stop, signs.length - 1);
    const names = classMap({
      "rv-find-words": true,
      "rv-of-letters": page.kindOf(page.reading.model).tokens === "letters",
    });
    return html`<div class=${names} role="group" aria-label=${page.say("find_words")}
      @focusin=${(event: Event) => this.remember(event)}>${signs.map((sign, place) => this.button(sign, place, stretch))}</div>`;
  }
  private button([from, to]: Sign, place: number, [first, last]: Stretch): TemplateResult {
    const { tokens } = this.page.reading;
    return html`<button type="button" data-token=${from} data-place=${place} tabindex=${place === this.stop ? 0 : -1}
      aria-pressed=${from >= first && to - 1 <= last} @click=${(event: MouseEvent) => this.click([from, to - 1], event.shiftKey, [first, last])}
      ><bdi>${visible(tokens.slice(from, to).join(""))}</bdi></button>`;
  }
  private remember(event: Event): void {
    this.stop = Number((event.target as HTMLElement).dataset.place ?? this.stop);
  }

  /** The first click begins a stretch, the second ends it; with shift, the one that is there ends here. */
  private click([from, to]: Stretch, hasShift: boolean, [first]: Stretch): void {
    const { page } = this;
    const anchor = hasShift ? first : this.isBegun() && page.range ? page.range[0] : null;
    if (anchor === null) {
      page.chooseRange(from, to);
      this.begun = page.range;
    } else {
      page.chooseRange(anchor, from < anchor ? from : to);
      this.begun = null;
    }
    page.mark();
    this.chosen();
  }
}

export const findWords = (page: Page, chosen: () => void): FindWords => new FindWords(page, chosen);
