// The tour: six cards. Each sets text, word, unit and view itself, outlines one box, and tells what is seen there.

import { html, render, type TemplateResult } from "lit-html";
import type { Destination } from "../client/types";
import { TOUR_CARDS, type TourCard } from "../model/tourCards";
import type { Page, Panel } from "../state/page";
import { type TourFrame, tourFrame } from "./tourFrame";

/** A text, a model or an example that the reader chooses ends the tour and stays. */
const ENDS_BY: [event: string, selector: string][] = [
  ["input", "#rv-text"],
  ["change", "#rv-model"],
  ["click", ".rv-chips"],
];

/** What to come back to. */
interface Before {
  place: Destination;
  numbers: boolean;
  asking: Page["asking"];
  scroll: number;
}

const skeleton = html`<div class="rv-tour-frame" aria-hidden="true" hidden></div
  ><section class="rv-tour" role="dialog" tabindex="-1" aria-labelledby="rv-tour-title"
    aria-describedby="rv-tour-text" hidden></section>`;

class TourPanel implements Panel {
  private readonly page: Page;
  private readonly startButton: HTMLElement;
  private readonly numbers: HTMLInputElement;
  private readonly card: HTMLElement;
  private readonly frame: TourFrame;
  private cards: TourCard[] = [];
  /** The index of the card that is on its way or shown. */
  private at: number | null = null;
  private shown: TourCard | null = null;
  private before: Before | null = null;

  constructor(page: Page) {
    this.page = page;
    this.startButton = page.part(".rv-tour-start");
    this.numbers = page.part<HTMLInputElement>(".rv-numbers");
    render(skeleton, page.root); // after what is there
    this.card = page.part(".rv-tour");
    this.frame = tourFrame(page, page.part(".rv-tour-frame"), this.card);
    this.startButton.addEventListener("click", () => this.begin());
    for (const [name, selector] of ENDS_BY) page.part(selector).addEventListener(name, () => this.close());
    document.addEventListener("keydown", (event) => this.press(event), true);
  }

  draw(): void {
    this.startButton.hidden = !this.possible().length;
    if (this.at === null) return;
    if (this.shown) this.write(this.shown);
    this.arrive();
    this.frame.place();
  }

  refused(): void {
    this.end();
  }

  /** The cards whose network is served and whose picture a teacher's link has not left out. */
  private possible(): TourCard[] {
    const { page } = this;
    const isServed = ({ place }: TourCard) => page.props.models.some(({ name }) => name === place.model);
    const isLeftOut = ({ outline, place }: TourCard) =>
      [...outline, `.rv-view[data-view=${place.tab}]`].some((one) => page.find(one)?.closest(".rv-off"));
    return TOUR_CARDS.filter((card) => isServed(card) && !isLeftOut(card));
  }

  // --- from card to card ---------------------------------------------------------------------------------------------

  private begin(): void {
    const { page } = this;
    if (!page.shown || this.at !== null) return;
    this.cards = this.possible();
    this.before = this.whereNow();
    page.askClass(null);
    page.set({ all: false });
    this.showNumbers(true);
    page.root.dataset.touring = "";
    this.go(0);
  }
  private go(index: number): void {
    this.at = index;
    this.page.go(this.cards[index].place);
  }
  private step(by: number): void {
    const index = (this.at ?? 0) + by;
    if (this.cards[index]) this.go(index);
  }
  /** Show the card when its reading is there: what it says is only true of its own text. */
  private arrive(): void {
    const { page, at, card } = this;
    const wanted = at === null ? null : this.cards[at];
    if (!wanted || wanted === this.shown) return;
    if (page.shown?.model !== wanted.place.model || page.shown?.text !== wanted.place.text) return;
    this.shown = wanted;
    if (wanted.account) page.find(".rv-ledger-of > :last-child")?.click(); // the unit's account
    card.hidden = false;
    card.dataset.card = String(wanted.number);
    this.write(wanted);
    this.frame.show(wanted);
    card.focus({ preventScroll: true });
  }

  private whereNow(): Before {
    const { page } = this;
    const { reading, view, pinned, range, holds, batch, asking } = page;
    const { layer, direction, signal, all, tab, ledger, numbers } = view;
    const text = page.part<HTMLTextAreaElement>("#rv-text").value;
    const selected = { token: pinned.token, unit: pinned.unit, layer, direction, signal, all, range, tab, ledger };
    const place = { model: reading.model, text, start: reading.start, holds, batch, ...selected };
    return { place, numbers, asking, scroll: scrollY };
  }
  private showNumbers(isOn: boolean): void {
    this.numbers.checked = isOn;
    this.page.set({ numbers: isOn });
  }
  /** End the tour, and stay. */
  private close(): void {
    const { page, before } = this;
    if (this.at === null) return;
    this.at = null;
    this.shown = null;
    this.card.hidden = true;
    this.frame.hide();
    delete page.root.dataset.touring;
    if (!before) return;
    page.askClass(before.asking);
    this.showNumbers(before.numbers);
  }
  /** End the tour, and go back to where it began. */
  private end(): void {
    const { before } = this;
    if (this.at === null || !before) return;
    this.close();
    this.page.go(before.place);
    scrollTo({ top: before.scroll, behavior: "instant" });
    this.startButton.focus({ preventScroll: true });
  }
  private press(event: KeyboardEvent): void {
    if (event.key !== "Escape" || this.at === null) return;
    event.preventDefault();
    event.stopPropagation(); // what is pinned stays pinned
    this.end();
  }

  // --- a card --------------------------------------------------------------------------------------------------------

  private write(card: TourCard): void {
    render(this.content(card), this.card);
  }
  private content(card: TourCard): TemplateResult {
    const { page } = this;
    const [index, count] = [this.cards.indexOf(card), this.cards.length];
    const isLast = index === count - 1;
    const next = () => (isLast ? this.end() : this.step(1));
    return html`<h2 id="rv-tour-title">${page.say(`tour_${card.number}_title`)}</h2
      ><p id="rv-tour-text">${page.say(`tour_${card.number}_text`)}</p
      ><div class="rv-tour-tools"
      ><span class="rv-tour-place">${page.say("tour_place", { number: index + 1, count })}</span
      ><button type="button" class="rv-button" ?disabled=${index === 0} @click=${() => this.step(-1)}
      >${page.say("tour_back")}</button
      ><button type="button" class="rv-button rv-tour-next" @click=${next}
      >${page.say(isLast ? "tour_done" : "tour_next")}</button></div
      ><button type="button" class="rv-button rv-close" aria-label=${page.say("tour_end")} @click=${() => this.end()}
      >×</button>`;
  }
}

export const tour = (page: Page): Panel => new TourPanel(page);
