// The outline around what a card of the tour is about; as long as the reader does not scroll, it is kept in sight.

import type { TourCard } from "../model/tourCards";
import type { Page } from "../state/page";
import { all } from "../ui/dom";
import { scrolling } from "../ui/scrolling";

const MARGIN = 12; // between the outlined box and the edge of the window, or the card
const FADE = 24; // at the right, where the words run on
const AROUND = 4; // between the box and its outline

export interface TourFrame {
  /** Outline what a card is about, and bring it into sight. */
  show(about: TourCard): void;
  /** The page has been drawn: what is outlined may be elsewhere now. */
  place(): void;
  hide(): void;
}

/** What is seen of a box: of one that runs on inside a card, the part that the card shows. */
const seenOf = (box: HTMLElement) => {
  const own = box.getBoundingClientRect();
  const outer = (box.closest(".rv-card") ?? box).getBoundingClientRect();
  const [left, right] = [Math.max(own.left, outer.left), Math.min(own.right, outer.right)];
  return { left, right, top: own.top, height: own.height };
};

/** At the end of the padding stand the answers: scroll to them where there is room for more. */
const bringEndsIntoSight = (box: HTMLElement): void => {
  const right = (one: Element) => one.getBoundingClientRect().right;
  const labels = all(box, ".rv-drift-picture .rv-drift-end").map(right);
  if (labels.length) box.scrollLeft += Math.max(...labels) + FADE - right(box);
};

class Frame implements TourFrame {
  private readonly page: Page;
  private readonly node: HTMLElement;
  private readonly card: HTMLElement;
  private about: TourCard | null = null;
  private box: HTMLElement | null = null;
  private follows = false;
  private readonly sizes: ResizeObserver;
  private readonly drawings: MutationObserver;

  constructor(page: Page, node: HTMLElement, card: HTMLElement) {
    this.page = page;
    this.node = node;
    this.card = card;
    const place = () => this.place();
    this.sizes = new ResizeObserver(place);
    this.sizes.observe(page.root);
    this.drawings = new MutationObserver(place); // another picture of the same size
    const release = (event: Event) => {
      if (!card.contains(event.target as Node | null)) this.follows = false;
    };
    for (const name of ["wheel", "touchmove", "pointerdown"]) addEventListener(name, release, { passive: true });
    // What grew while the page scrolled is brought into sight after it.
    for (const name of ["resize", "scrollend"]) addEventListener(name, place);
  }

  show(about: TourCard): void {
    this.about = about;
    this.follows = true;
    this.place();
  }

  place(): void {
    const { about, node } = this;
    const box = about ? this.boxOf(about) : null;
    node.hidden = !box;
    this.watch(box);
    if (!box || !about) return;
    this.outline(box);
    if (!this.follows) return;
    this.reveal(box);
    this.bringWordsIntoSight(box, ...about.words);
    if (about.ends) bringEndsIntoSight(box);
  }

  hide(): void {
    this.about = null;
    this.node.hidden = true;
  }

  /** The height that is free: beside the card that of the window, else what is above the card. */
  private roomOf(right: number): number {
    const taken = this.card.getBoundingClientRect();
    return right < taken.left ? innerHeight : taken.top;
  }
  private boxOf({ outline, place }: TourCard): HTMLElement | null {
    const { page } = this;
    const there = outline.map((one) => page.find(one)).filter((box): box is HTMLElement => Boolean(box?.offsetHeight));
    const fits = (box: HTMLElement) => box.offsetHeight + 2 * MARGIN <= this.roomOf(seenOf(box).right);
    // A view may have nothing to show yet.
    return there.findLast(fits) ?? there[0] ?? page.find(`.rv-view[data-view=${place.tab}]`);
  }
  private watch(box: HTMLElement | null): void {
    if (box === this.box) return;
    if (this.box) this.sizes.unobserve(this.box);
    this.drawings.disconnect();
    if (box) {
      this.sizes.observe(box);
      this.drawings.observe(box, { childList: true, characterData: true, subtree: true });
    }
    this.box = box;
  }

  private outline(box: HTMLElement): void {
    const { left, right, top, height } = seenOf(box);
    const origin = this.page.root.getBoundingClientRect();
    const { style } = this.node;
    style.left = `${left - origin.left - AROUND}px`;
    style.top = `${top - origin.top - AROUND}px`;
    style.width = `${right - left + 2 * AROUND}px`;
    style.height = `${height + 2 * AROUND}px`;
  }
  /** Scroll until a box stands at the foot of the room, below what leads up to it; a taller one at the top. */
  private reveal(box: HTMLElement): void {
    const { right, top, height } = seenOf(box);
    const below = top + height + MARGIN - this.roomOf(right);
    if (top >= MARGIN && below <= 0) return;
    scrollBy({ top: Math.min(top - MARGIN, below), behavior: scrolling() });
  }
  /** In the middle of what the names of the units leave free; of too many words the last ones, clear of the fade. */
  private bringWordsIntoSight(box: HTMLElement, first: number, last: number): void {
    const { edges, part } = this.page;
    const scroll = part(".rv-scroll");
    const middle = (edges[first] + edges[last + 1] - edges[0] - scroll.clientWidth) / 2;
    const fits = edges[last + 1] - edges[first] <= scroll.clientWidth - edges[0];
    scroll.scrollLeft = fits ? middle : edges[last + 1] + FADE - scroll.clientWidth;
    const word = box.querySelector<HTMLElement>(`button[data-token="${last}"]`);
    const columns = word?.closest(".rv-columns"); // a view that runs on has its own way along
    if (word && columns) columns.scrollLeft = word.offsetLeft - columns.clientWidth / 2;
  }
}

export const tourFrame = (page: Page, node: HTMLElement, card: HTMLElement): TourFrame => new Frame(page, node, card);
