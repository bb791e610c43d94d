// The token strip: every word a button, under it the class probabilities if the text ended there.

import { colourOf, css, inkOn, isDark } from "../model/colours";
import { edgesOf } from "../model/columns";
import { last, sum } from "../model/numbers";
import { wordAlone } from "../model/place";
import type { Reading } from "../model/reading";
import { visible } from "../model/text";
import type { Page, Panel } from "../state/page";
import { all, closest, goesInto, keyed, make, renew, span, svgMake, targetOf } from "../ui/dom";
import { widthOf } from "../ui/textWidth";
import { sharesBar, wordName } from "../ui/word";

const BAR = 64;
const NARROW = 38;
const WIDE = 170;
const MOST_SPARE = 220;
const FONT = "700 15px system-ui, -apple-system, 'Segoe UI', 'Noto Sans', sans-serif";

export interface Strip extends Panel {
  focus(token: number): void;
}

/** Room for the names of the units. */
const gutterOf = (width: number) => (width < 560 ? 44 : 80);

/** Words as wide as they are; what is left of the row is shared out, so that the picture fills it. */
const measure = (words: string[], width: number): number[] => {
  const natural = words.map((word) => Math.min(WIDE, Math.max(NARROW, widthOf(visible(word), FONT) + 12)));
  const gutter = gutterOf(width);
  const spare = Math.min(MOST_SPARE, Math.max(0, width - gutter - 1 - sum(natural)) / natural.length);
  return edgesOf(
    gutter,
    natural.map((one) => one + spare),
  );
};

/** How high the lowest part of the bar stood before a gate was held. */
const ghostOf = ({ ghost, classes }: Reading, t: number): HTMLElement | null => {
  if (!ghost) return null;
  const mark = make("i", { class: "rv-ghost" });
  mark.style.bottom = `${100 * ghost.verdicts[t][classes.base]}%`;
  return mark;
};

/** A word whose answer a class has yet to guess (classQuestion.ts). */
const coveredButton = (page: Page, t: number): HTMLElement => {
  const says = page.say("class_word", { word: page.token(t) });
  const bar = make("span", { class: "rv-shares rv-veil", "aria-hidden": "true" }, "?");
  const attributes = { type: "button", class: "rv-word", "data-token": t, title: says, "aria-label": says };
  return make("button", attributes, wordName(page.reading, t), make("span", { class: "rv-flag" }), bar);
};

const wordButton = (page: Page, t: number): HTMLElement => {
  const { reading } = page;
  const winner = reading.winners[t];
  const label = page.classOf(reading.labels[winner]);
  const sure = page.share(reading.verdicts[t][winner]);
  const parts = [page.say("word_says", { word: page.token(t), label, share: sure })];
  if (reading.turns[t]) parts.push(page.say("word_turn", { label }));
  if (reading.unknown[t]) parts.push(page.say("unknown_word"));
  const says = parts.join(", ");
  const colour = reading.classes.colour(winner);
  const flag = make("span", { class: "rv-flag", "aria-hidden": "true" }, reading.turns[t] ? "▲" : "");
  flag.style.color = colour;
  const bar = sharesBar(reading, t, { "aria-hidden": "true" });
  const ghost = ghostOf(reading, t);
  if (ghost) bar.append(ghost);
  const number = make("span", { class: "rv-share", "aria-hidden": "true" }, sure);
  number.style.setProperty("--rv-class", colour);
  const attributes = { type: "button", class: "rv-word", "data-token": t, title: says, "aria-label": says };
  return make("button", attributes, wordName(reading, t), flag, bar, number);
};

/** The line of the lowest class, over the bars; a wider one under it sets it off from their colours. */
const pointsOf = (reading: Reading, edges: readonly number[]): string => {
  const height = (t: number) => BAR * (1 - reading.verdicts[t][reading.classes.base]);
  return reading.tokens.map((_, t) => `${(edges[t] + edges[t + 1]) / 2},${height(t)}`).join(" ");
};
const line = (points: string, width: number): SVGElement => {
  const paths = ["rv-under-line", "rv-over-line"].map((kind) => svgMake("polyline", { class: kind, points }));
  return svgMake("svg", { class: "rv-line", "aria-hidden": "true", width, height: BAR }, ...paths);
};

class StripPanel implements Strip {
  private readonly page: Page;
  private readonly box: HTMLElement;
  private readonly scroll: HTMLElement;
  private readonly panels: HTMLElement[];
  private buttons: HTMLElement[] = [];

  constructor(page: Page) {
    this.page = page;
    this.box = page.part(".rv-strip");
    this.scroll = page.part(".rv-scroll");
    this.panels = all(this.scroll, ":scope > [data-panel]");
    this.listen();
  }

  /** All that a word's button depends on: as long as it is the same, so is the button. */
  private keysOf(edges: readonly number[]): string[] {
    const { page } = this;
    const { tokens, unknown, turns, verdicts, winners, ghost, classes, labels } = page.reading;
    if (page.covered()) return tokens.map((token, t) => JSON.stringify([page.language(), token, unknown[t]]));
    const shared = [page.language(), isDark(), labels, classes.stacking];
    const own = (t: number) => [tokens[t], unknown[t], turns[t], verdicts[t], winners[t]];
    const keys = tokens.map((_, t) => JSON.stringify([...shared, ...own(t), ghost?.verdicts[t][classes.base]]));
    return [...keys, pointsOf(page.reading, edges)];
  }

  draw(): void {
    const { page, box, scroll } = this;
    // Asking for the width makes the browser lay the page out, so it is kept.
    if (!page.width) page.setWidth(scroll.clientWidth);
    if (!page.shown || !page.width) return;
    const edges = measure(page.reading.tokens, page.width);
    const end = last(edges);
    page.setEdges(edges);
    scroll.style.setProperty("--rv-gutter", `${edges[0]}px`);
    // So that what sticks to the left does so to the end.
    for (const panel of this.panels) panel.style.minWidth = `${end + 1}px`;
    scroll.style.setProperty("--rv-width", `${page.width}px`); // what stays in place while the words scroll
    const focused = this.buttons.indexOf(document.activeElement as HTMLElement);
    const count = page.reading.tokens.length;
    const keys = this.keysOf(edges);
    const build = (t: number) => {
      if (t === count) return line(keys[t], end);
      return page.covered() ? coveredButton(page, t) : wordButton(page, t);
    };
    this.buttons = keyed(box, keys, build).slice(0, count);
    this.buttons.forEach((node, t) => {
      span(node, edges[t], edges[t + 1]);
    });
    box.style.width = `${end + 1}px`;
    if (focused >= 0) this.buttons[Math.min(focused, count - 1)].focus({ preventScroll: true });
  }

  mark(): void {
    const { page } = this;
    const { range, played } = page;
    const { token } = page.here();
    this.buttons.forEach((node, t) => {
      node.classList.toggle("rv-at", t === token);
      node.classList.toggle("rv-later", played !== null && t > played);
      node.classList.toggle("rv-chosen", range !== null && t >= range[0] && t <= range[1]);
      renew(node, { "aria-pressed": t === page.pinned.token, tabindex: t === token ? 0 : -1 });
    });
    this.tint();
  }
  /** The text in the colours of the pinned unit's memory. */
  private tint(): void {
    const { page } = this;
    const { reading, pinned } = page;
    const { unit, layer, direction } = page.here();
    const memory = reading.signal(reading.memory);
    const tinted = pinned.unit !== null && !page.covered();
    this.buttons.forEach((node, t) => {
      const known = tinted && !page.toCome({ token: t, layer, direction });
      const value = known ? reading.value(memory, t, unit, layer, direction) : 0;
      const colour = known ? colourOf(value, memory.low, memory.high) : null;
      const { style } = node.firstElementChild as HTMLElement;
      style.background = colour ? css(colour) : "";
      style.color = colour ? inkOn(colour) : "";
    });
  }

  focus(token: number): void {
    this.buttons[token]?.focus();
  }

  private listen(): void {
    const { page, box } = this;
    const hover = (event: Event) => {
      const token = tokenOf(event);
      page.hover(token === null ? null : wordAlone(token));
    };
    box.addEventListener("pointerover", (event) => event.pointerType !== "touch" && hover(event));
    box.addEventListener("pointerleave", () => page.hover(null));
    box.addEventListener("focusin", (event) => targetOf(event).matches(":focus-visible") && hover(event));
    box.addEventListener("focusout", (event) => goesInto(box, event) || page.hover(null));
    box.addEventListener("click", (event) => this.click(event));
  }
  /** A click pins a word; with shift, everything from the pinned word to this one becomes the range. */
  private click(event: MouseEvent): void {
    const { page } = this;
    const { token: anchor } = page.pinned;
    const token = tokenOf(event);
    if (token === null) return;
    if (event.shiftKey && anchor !== null) {
      page.chooseRange(anchor, token);
      page.mark();
      return;
    }
    page.chooseRange(null);
    page.leave();
    // A key pressed on a word to which the arrow keys have gone, and so have pinned it, does not let go of it at once.
    const again = event.detail === 0 && page.stepped === page.pinned && anchor === token;
    page.endStepping();
    if (again) page.mark();
    else page.pin({ ...page.pinned, token });
  }
}

const tokenOf = (event: Event): number | null => {
  const node = closest(event, ".rv-word");
  return node ? Number(node.dataset.token) : null;
};

export const strip = (page: Page): Strip => new StripPanel(page);
