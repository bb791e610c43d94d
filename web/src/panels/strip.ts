// The token strip: every word a button, under it the class probabilities if the text ended there.

import { html, nothing, render, type TemplateResult } from "lit-html";
import { classMap } from "lit-html/directives/class-map.js";
import { guard } from "lit-html/directives/guard.js";
import { colourOf, css, inkOn, isDark } from "../model/colours";
import { edgesOf } from "../model/columns";
import { last, sum } from "../model/numbers";
import { wordAlone } from "../model/place";
import type { Reading } from "../model/reading";
import { type Sign, signsOf } from "../model/signs";
import { visible } from "../model/text";
import { there } from "../model/there";
import type { Page, Panel } from "../state/page";
import { all, closest, goesInto, placeBetween, targetOf } from "../ui/dom";
import { widthOf } from "../ui/textWidth";
import { letterName, sharesBar, wordName } from "../ui/word";

const NARROW = 38;
const WIDE = 170;
const MOST_SPARE = 220;
const NARROW_LETTER = 24; // the least that a finger can be asked to meet
const MOST_SPARE_LETTER = 14;
const FONT = "system-ui, -apple-system, 'Segoe UI', 'Noto Sans', sans-serif";

export interface Strip extends Panel {
  focus(token: number): void;
}

/** From how wide a strip on words are written how large, in pixels. */
const LETTERS = [
  [1200, 24],
  [900, 19],
  [560, 16],
];
const isNarrow = (width: number) => width < 560;
/** Room for the names of the units. */
const gutterOf = (width: number) => (isNarrow(width) ? 44 : 80);
/** How large the words are written, in pixels. */
const letterOf = (width: number) => LETTERS.find(([least]) => width >= least)?.[1] ?? 15;

/** Columns of letters, which share the room of the sign that they make up. */
const measureLetters = (letters: string[], signs: readonly Sign[], width: number): number[] => {
  const font = `700 ${letterOf(width)}px ${FONT}`;
  const natural = signs.flatMap(([from, to]) => {
    const wide = widthOf(visible(letters.slice(from, to).join("")), font) + 10;
    return Array<number>(to - from).fill(Math.max(NARROW_LETTER, wide / (to - from)));
  });
  const gutter = gutterOf(width);
  const spare = Math.min(MOST_SPARE_LETTER, Math.max(0, width - gutter - 1 - sum(natural)) / natural.length);
  return edgesOf(
    gutter,
    natural.map((one) => one + spare),
  );
};

/** Words as wide as they are; what is left of the row is shared out, so that the picture fills it. */
const measure = (words: string[], width: number): number[] => {
  const font = `700 ${letterOf(width)}px ${FONT}`;
  const natural = words.map((word) => Math.min(WIDE, Math.max(NARROW, widthOf(visible(word), font) + 12)));
  const gutter = gutterOf(width);
  const spare = Math.min(MOST_SPARE, Math.max(0, width - gutter - 1 - sum(natural)) / natural.length);
  return edgesOf(
    gutter,
    natural.map((one) => one + spare),
  );
};

/** A word as its button shows it. As long as none of this changes, neither does what stands in the button. */
interface Word {
  key: string;
  says: string;
  inside: TemplateResult;
}

/** A word whose answer a class has yet to guess (classQuestion.ts). */
const coveredWord = (page: Page, t: number): Word => {
  const says = page.say("class_word", { word: page.token(t) });
  const inside = html`<span class="rv-flag"></span><span class="rv-shares rv-veil" aria-hidden="true">?</span>`;
  return { key: "covered", says, inside };
};

const wordSays = ({ reading, say, token, share, classOf }: Page, t: number): string => {
  const winner = reading.winners[t];
  const label = classOf(reading.labels[winner]);
  const parts = [say("word_says", { word: token(t), label, share: share(reading.verdicts[t][winner]) })];
  if (reading.turns[t]) parts.push(say("word_turn", { label }));
  if (reading.unknown[t]) parts.push(say("unknown_word"));
  return parts.join(", ");
};

/** What stands under a bar: the share of the likeliest class, or the likeliest next letter; letters leave no more room. */
const underBar = ({ reading, kindOf, share }: Page, t: number): string => {
  const { verdicts, winners, labels, model } = reading;
  const { tokens, task } = kindOf(model);
  if (task === "next") return visible(labels[winners[t]]);
  return tokens === "letters" ? "" : share(verdicts[t][winners[t]]);
};

const answeredWord = (page: Page, t: number): Word => {
  const { reading } = page;
  const { verdicts, winners, turns, ghost, classes, labels } = reading;
  const colour = classes.colour(winners[t]);
  // How high the lowest part of the bar stood before a gate was held.
  const before = ghost ? `bottom: ${100 * ghost.verdicts[t][classes.base]}%` : null;
  const mark = before === null ? nothing : html`<i class="rv-ghost" .style=${before}></i>`;
  const inside = html`<span class="rv-flag" aria-hidden="true" .style=${`color: ${colour}`}>${turns[t] ? "▲" : ""}</span
    >${sharesBar(reading, t, mark)}<span class="rv-share" aria-hidden="true" .style=${`--rv-class: ${colour}`}
    >${underBar(page, t)}</span>`;
  const looks = [page.language(), isDark(), labels, classes.stacking];
  const key = JSON.stringify([...looks, verdicts[t], winners[t], turns[t], before]);
  return { key, says: wordSays(page, t), inside };
};

/** The line of the lowest class, over the bars, whose height is 1; a wider one under it sets it off from their colours. */
const pointsOf = (reading: Reading, edges: readonly number[]): string => {
  const down = (t: number) => 1 - reading.verdicts[t][reading.classes.base];
  return reading.tokens.map((_, t) => `${(edges[t] + edges[t + 1]) / 2},${down(t)}`).join(" ");
};
const line = (points: string, width: number): TemplateResult => html`<svg
  class="rv-line" aria-hidden="true" width=${width} viewBox=${`0 0 ${width} 1`} preserveAspectRatio="none"
><polyline class="rv-under-line" points=${points}></polyline
><polyline class="rv-over-line" points=${points}></polyline></svg>`;

/** A colour for a word's name, and an ink that can be read on it. */
interface Tint {
  ground: string;
  ink: string;
}

class StripPanel implements Strip {
  private readonly page: Page;
  private readonly box: HTMLElement;
  private readonly scroll: HTMLElement;
  private readonly panels: HTMLElement[];
  private words: Word[] = [];
  /** Of letters, the signs that they make up. */
  private signs: readonly Sign[] = [];
  private points = "";

  constructor(page: Page) {
    this.page = page;
    this.box = page.part(".rv-strip");
    this.scroll = page.part(".rv-scroll");
    this.panels = all(this.scroll, ":scope > [data-panel]");
    this.listen();
  }

  draw(): void {
    const { page, box, scroll } = this;
    // Asking for the width makes the browser lay the page out, so it is kept.
    if (!page.width) page.setWidth(scroll.clientWidth);
    if (!page.shown || !page.width) return;
    const { tokens, model } = page.reading;
    this.signs = page.kindOf(model).tokens === "letters" ? signsOf(tokens) : [];
    const isNext = page.tellsNext(model);
    box.classList.toggle("rv-of-letters", this.signs.length > 0);
    box.classList.toggle("rv-of-next", isNext);
    const edges = this.signs.length ? measureLetters(tokens, this.signs, page.width) : measure(tokens, page.width);
    const end = last(edges);
    page.setEdges(edges);
    const stage = there(scroll.parentElement);
    stage.style.setProperty("--rv-gutter", `${edges[0]}px`);
    stage.style.setProperty("--rv-letter", `${letterOf(page.width)}px`);
    // So that what sticks to the left does so to the end.
    for (const panel of this.panels) panel.style.minWidth = `${end + 1}px`;
    scroll.style.setProperty("--rv-width", `${page.width}px`); // what stays in place while the words scroll
    box.style.width = `${end + 1}px`;
    const covered = page.wordsCovered();
    this.words = tokens.map((_, t) => (covered ? coveredWord(page, t) : answeredWord(page, t)));
    this.points = covered || isNext ? "" : pointsOf(page.reading, edges); // what comes next has no one class to follow
    const focused = this.buttons().indexOf(document.activeElement as HTMLElement);
    this.mark();
    if (focused >= this.words.length) last(this.buttons()).focus({ preventScroll: true }); // its word is gone
  }

  mark(): void {
    const { page, words, points } = this;
    if (!words.length) return;
    const tints = this.tints();
    const several = this.signs.filter(([from, to]) => to - from > 1);
    const parts = new Set(several.flatMap(([from, to]) => words.slice(from, to).map((_, t) => from + t)));
    const buttons = words.map((word, t) => this.button(word, t, tints[t], parts.has(t)));
    const over = points ? guard([points], () => line(points, last(page.edges))) : nothing;
    render([buttons, several.map((sign) => this.sign(sign, tints)), over], this.box);
  }

  /** A sign over the columns of its letters. */
  private sign([from, to]: Sign, tints: (Tint | null)[]): TemplateResult {
    const { edges, played, reading } = this.page;
    const tint = tints[to - 1];
    const names = classMap({
      "rv-sign": true,
      "rv-later": played !== null && from > played,
      "rv-unknown": reading.unknown.slice(from, to).includes(true),
    });
    const ink = tint ? `; color: ${tint.ink}; text-shadow: 0 0 3px ${tint.ground}` : "";
    return html`<bdi class=${names} aria-hidden="true" .style=${placeBetween(edges[from], edges[to]) + ink}
      >${visible(reading.tokens.slice(from, to).join(""))}</bdi>`;
  }
  private button(
    { key, says, inside }: Word,
    t: number,
    tint: Tint | null | undefined,
    isPart: boolean,
  ): TemplateResult {
    const { page } = this;
    const { edges, range, played, pinned, reading } = page;
    const { token } = page.here();
    const names = classMap({
      "rv-word": true,
      "rv-at": t === token,
      "rv-later": played !== null && t > played,
      "rv-chosen": range !== null && t >= range[0] && t <= range[1],
    });
    const tinted = tint ? `background: ${tint.ground}; color: ${tint.ink}` : "";
    return html`<button type="button" class=${names} data-token=${t} title=${says} aria-label=${says}
      aria-pressed=${t === pinned.token} tabindex=${t === token ? 0 : -1} .style=${placeBetween(edges[t], edges[t + 1])}
      >${isPart ? letterName(reading.unknown[t], tinted) : wordName(reading, t, tinted)}${guard([key], () => inside)}</button>`;
  }
  /** The text in the colours of the pinned unit's memory. */
  private tints(): (Tint | null)[] {
    const { page } = this;
    const { reading, pinned } = page;
    if (pinned.unit === null || page.wordsCovered()) return [];
    const { unit, layer, direction } = page.here();
    const memory = reading.signal(reading.memory);
    return reading.tokens.map((_, token) => {
      if (page.toCome({ token, layer, direction })) return null;
      const colour = colourOf(reading.value(memory, token, unit, layer, direction), memory.low, memory.high);
      return { ground: css(colour), ink: inkOn(colour) };
    });
  }

  focus(token: number): void {
    this.buttons()[token]?.focus();
  }
  private buttons(): HTMLElement[] {
    return all(this.box, ".rv-word");
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
