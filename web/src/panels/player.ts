// Reading aloud, as it were: word by word, a step every 600 ms; and stepping by the arrow keys.

import { html, render } from "lit-html";
import { clamp } from "../model/numbers";
import { sameBlock, type Unit, wordAlone } from "../model/place";
import type { Page, Panel } from "../state/page";
import { closest } from "../ui/dom";
import { scrolling, turnTo } from "../ui/scrolling";
import { type Stepper, stepper } from "../ui/stepper";
import type { Strip } from "./strip";

const STEP_MS = 600;
const MARGIN = 12; // between the strip and the edge of the window

type Move = readonly [along: number, down: number];
const MOVES: Partial<Record<string, Move>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
  Home: [Number.NEGATIVE_INFINITY, 0],
  End: [Number.POSITIVE_INFINITY, 0],
};

export interface Player extends Panel {
  stop(): void;
}

const within = (value: number, count: number) => clamp(value, 0, count - 1);
const isControl = (event: Event) => closest(event, "input, textarea, select, button, [role=slider]") !== null;

class PlayerPanel implements Player {
  private readonly page: Page;
  private readonly words: Strip;
  private readonly control: HTMLElement;
  private readonly strip: HTMLElement;
  private readonly scroll: HTMLElement;
  private readonly steps: Stepper;
  private token = -1;
  /** Where the next part of a long text begins, while it is on its way. */
  private coming: number | null = null;
  /** The word that is read has yet to be brought into sight. */
  private isBehind = false;
  /** The strip is kept in sight: until the reader scrolls. */
  private follows = false;

  constructor(page: Page, words: Strip) {
    this.page = page;
    this.words = words;
    this.control = page.part(".rv-read");
    this.strip = page.part(".rv-strip");
    this.scroll = page.part(".rv-scroll");
    this.steps = stepper(
      STEP_MS,
      () => this.next(),
      () => this.stop(),
    );
    this.listen();
  }

  draw(): void {
    // The next part of a long text has come: it is read on there.
    if (this.coming !== null && this.page.reading.start === this.coming) {
      this.coming = null;
      this.begin();
    }
    this.label();
  }

  /** After the other panels: what is told above the strip may have grown and have moved it. */
  mark(): void {
    const { played } = this.page;
    if (this.isBehind && played !== null) this.follow(played);
    this.isBehind = false;
  }

  refused(): void {
    if (this.coming !== null) this.stop();
  }

  readonly stop = (): void => {
    this.steps.halt();
    this.coming = null;
    this.page.endPlaying();
    this.label();
  };

  // --- playing -------------------------------------------------------------------------------------------------------

  private isPlaying(): boolean {
    return this.steps.running || this.coming !== null;
  }
  private label(): void {
    const [sign, caption] = this.page.playParts(this.isPlaying(), "read");
    render(html`<span class="rv-disc">${sign}</span> <span class="rv-caption">${caption}</span>`, this.control);
    this.control.setAttribute("aria-pressed", String(this.isPlaying()));
  }

  private toggle(): void {
    if (this.isPlaying()) {
      this.stop();
    } else if (this.page.shown) {
      this.follows = true;
      this.begin();
      this.label();
    }
  }
  private begin(): void {
    this.token = -1;
    this.steps.start();
  }
  /** Go to the next word, or ask for the next part of the text; say whether there is one. */
  private next(): boolean {
    const { page } = this;
    const { tokens, start, size, read } = page.reading;
    this.token += 1;
    if (this.token < tokens.length) {
      this.isBehind = true;
      page.playTo(this.token);
      return true;
    }
    if (start + tokens.length >= read || !page.server) return false;
    this.steps.halt();
    this.coming = start + size;
    page.ask({ start: this.coming, holds: page.holds });
    return true;
  }

  /** Bring the word and its bar into sight: along the strip, and on the page, by as little as that takes. */
  private follow(token: number): void {
    const { page, scroll } = this;
    const { top, bottom, height } = this.strip.getBoundingClientRect();
    const down = this.follows && height ? Math.min(Math.max(0, bottom + MARGIN - innerHeight), top - MARGIN) : 0;
    if (down) scrollBy({ top: down, behavior: scrolling() });
    if (turnTo(scroll, page.edges, token) || down) page.holdStill();
  }

  // --- the arrow keys ------------------------------------------------------------------------------------------------

  /** With shift, from the pinned word on: the range grows or shrinks by a word at its other end. */
  private stretch(along: number): void {
    const { page } = this;
    const anchor = page.pinned.token ?? page.here().token;
    const [first, last] = page.range ?? [anchor, anchor];
    const end = within((first === anchor ? last : first) + along, page.reading.tokens.length);
    page.extend(anchor, end);
    this.words.focus(end);
  }
  private step([along, down]: Move): void {
    const { page } = this;
    const here = page.here();
    const token = within(here.token + along, page.reading.tokens.length);
    const { unit, layer, direction } = down ? this.unitBeside(down) : here;
    if (this.isPlaying()) this.stop();
    const alone = !down && page.pinned.unit === null;
    page.stepTo(alone ? wordAlone(token) : { token, unit, layer, direction }, along !== 0);
    if (along) this.words.focus(token);
  }
  /** Up and down among the shown units; where none is pinned, the first of the rows is the next one down. */
  private unitBeside(down: number): Unit {
    const { page } = this;
    const here = page.here();
    const shown = page
      .blocks()
      .flatMap(({ rows, layer, direction }) => rows.map((unit) => ({ unit, layer, direction })));
    const at = shown.findIndex((one) => one.unit === here.unit && sameBlock(one, here));
    const row = page.pinned.unit === null ? -1 : Math.max(0, at);
    return shown[within(row + down, shown.length)];
  }

  private letGo(): void {
    this.stop();
    this.page.letGo();
  }
  private press(event: KeyboardEvent): void {
    const { page } = this;
    if (!page.shown || page.root.dataset.state !== "shown" || event.isComposing || event.defaultPrevented) return;
    if (event.key === "Escape") this.letGo();
    else if (event.key === " ") this.pressSpace(event);
    else this.pressArrow(event);
  }
  private pressSpace(event: KeyboardEvent): void {
    if (isControl(event) && !closest(event, ".rv-word")) return;
    event.preventDefault();
    this.toggle();
  }
  private pressArrow(event: KeyboardEvent): void {
    const move = MOVES[event.key];
    const isElsewhere = !closest(event, ".rv-scroll") || closest(event, "[role=radiogroup], [role=slider], select");
    if (!move || isElsewhere) return;
    event.preventDefault();
    if (event.shiftKey && move[0]) this.stretch(move[0]);
    else this.step(move);
  }

  private listen(): void {
    const { page } = this;
    const release = () => {
      this.follows = false;
    };
    for (const name of ["wheel", "touchmove"]) addEventListener(name, release, { passive: true });
    page.root.addEventListener("keydown", (event) => this.press(event));
    // Also where nothing has the focus, as after a click beside everything.
    document.addEventListener("keydown", ({ key, target }) => {
      if (key === "Escape" && target === document.body && page.shown) this.letGo();
    });
    this.control.addEventListener("click", () => this.toggle());
  }
}

export const player = (page: Page, words: Strip): Player => new PlayerPanel(page, words);
