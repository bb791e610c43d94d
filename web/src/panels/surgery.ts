// Gate surgery: the reader drags a bar of the cell, which holds its signal there, and the text is read again. What was
// there before stays as a ghost. Everything that is held can be let go, one by one or at once.

import { html, nothing, render, type TemplateResult } from "lit-html";
import type { Hold } from "../client/contract";
import type { Values } from "../client/types";
import { changeOfHolds, covers, sameHold } from "../model/holds";
import { clamp } from "../model/numbers";
import type { Here } from "../model/place";
import { allUnits, hasUnit, type Ranges, rangesOf } from "../model/units";
import type { Page, Panel } from "../state/page";
import { closest, tell } from "../ui/dom";

const MOST = 20;
const STEP = 0.05;
const KEYS: Partial<Record<string, number>> = {
  ArrowRight: STEP,
  ArrowUp: STEP,
  ArrowLeft: -STEP,
  ArrowDown: -STEP,
  PageUp: 4 * STEP,
  PageDown: -4 * STEP,
};

/** A bar that is being dragged. */
interface Drag {
  bar: HTMLElement;
  name: string;
  moved: boolean;
}

const sliderOf = (event: Event) => closest(event, ".rv-gauge[role=slider]");

class SurgeryPanel implements Panel {
  private readonly page: Page;
  private readonly card: HTMLElement;
  private readonly hint: HTMLElement;
  private readonly everywhere: HTMLInputElement;
  private readonly everyUnit: HTMLInputElement;
  private readonly units: HTMLInputElement;
  private readonly tools: HTMLElement;
  private readonly undoButton: HTMLButtonElement;
  private readonly resetButton: HTMLButtonElement;
  private readonly result: HTMLElement;
  private readonly list: HTMLElement;
  /** What is held in the reading that was drawn last. */
  private drawn: readonly Hold[];
  /** What the last question of this panel holds. */
  private asked: readonly Hold[];
  /** What will be held once that is answered. */
  private wanted: readonly Hold[];
  /** What was held before, step by step. */
  private past: (readonly Hold[])[] = [];
  /** What this panel has asked for. Any other change of what is held begins a new past. */
  private readonly own = new WeakSet<readonly Hold[]>();
  private drag: Drag | null = null;

  constructor(page: Page) {
    this.page = page;
    this.card = page.part(".rv-cell-card");
    this.hint = page.part(".rv-hold-hint");
    this.everywhere = page.part<HTMLInputElement>(".rv-everywhere");
    this.everyUnit = page.part<HTMLInputElement>(".rv-every-unit");
    this.units = page.part<HTMLInputElement>("#rv-hold-units");
    this.tools = page.part(".rv-hold-tools");
    this.undoButton = page.part<HTMLButtonElement>(".rv-undo");
    this.resetButton = page.part<HTMLButtonElement>(".rv-reset");
    this.result = page.part(".rv-hold-result");
    this.list = page.part(".rv-holds");
    this.drawn = this.asked = this.wanted = page.holds;
    page.provide({ heldAt: (name, here) => this.heldAt(name, here) });
    this.listenToBars();
    this.listenToButtons();
  }

  draw(): void {
    const { page } = this;
    if (!page.shown) return;
    this.follow();
    this.tools.hidden = !this.wanted.length && !this.past.length;
    this.undoButton.disabled = !this.past.length;
    this.resetButton.disabled = !this.wanted.length;
    render(this.difference(), this.result);
    const there = this.wanted.filter(({ signal }) => page.reading.find(signal));
    render(
      there.map((hold) => this.item(hold)),
      this.list,
    );
  }

  mark(): void {
    const { page } = this;
    const { reading, range } = page;
    const { token } = page.here();
    const key = this.everywhere.checked ? "hold_hint_all" : range ? "hold_hint_range" : "hold_hint_word";
    const [first, last] = range ?? [token, token];
    if (last >= reading.tokens.length) return;
    this.units.disabled = this.everyUnit.checked;
    const isBad = this.unitsOf(0) === null;
    this.units.setAttribute("aria-invalid", String(isBad));
    if (isBad) tell(this.hint, page.say("hold_units_bad", { last: reading.units - 1 }));
    else this.sayWords(key, token, first, last);
  }
  private sayWords(key: string, token: number, first: number, last: number): void {
    const { page } = this;
    tell(this.hint, page.say(key, { word: page.token(token), first: page.token(first), last: page.token(last) }));
  }

  /** What was asked for is not held after all. */
  refused(): void {
    const { page } = this;
    this.wanted = page.holds;
    if (this.past.at(-1) === this.wanted) this.past.pop();
    this.draw();
    page.mark();
  }

  // --- what is held --------------------------------------------------------------------------------------------------

  /** Take over what the reading holds that is drawn now. */
  private follow(): void {
    const { holds } = this.page;
    if (holds === this.drawn) return;
    this.drawn = holds;
    const isOwn = this.own.has(holds);
    if (!isOwn) this.past = [];
    if (!isOwn || holds === this.asked) this.wanted = holds;
  }

  /** The value at which a signal is held at a place, or null; of two, the later one holds. */
  private heldAt(name: string, here: Here): number | null {
    const t = this.page.reading.start + here.token;
    return this.wanted.findLast((hold) => covers(hold, name, t, here))?.value ?? null;
  }
  private wordsFrom(token: number): [first: number, last: number] {
    const { reading, range } = this.page;
    if (this.everywhere.checked) return [0, reading.read - 1];
    const [first, last] = range ?? [token, token];
    return [reading.start + first, reading.start + last];
  }

  /** The units that a bar is held in: all, those that are written, or the selected one; null where they are none. */
  private unitsOf(unit: number): Ranges | null {
    const { units: count } = this.page.reading;
    if (this.everyUnit.checked) return allUnits(count);
    const written = this.units.value.trim();
    if (!written) return [[unit, unit]];
    const ranges = rangesOf(written);
    return ranges && ranges[ranges.length - 1][1] < count ? ranges : null;
  }

  private ask(holds: readonly Hold[]): void {
    const { page } = this;
    if (!page.stands()) {
      page.ask(); // another text is on its way, or got no answer: it comes first
      return;
    }
    this.asked = this.wanted = holds;
    this.own.add(holds);
    page.ask({ start: page.reading.start, holds });
    page.mark();
  }
  private change(holds: readonly Hold[]): void {
    this.past.push(this.wanted);
    this.ask(holds);
  }
  /** Hold a signal of the selected unit. Of one drag only the first change is a step of the past. */
  private hold(name: string, wanted: number, isFirst: boolean): void {
    const { page } = this;
    const { token, unit, layer, direction } = page.here();
    const units = this.unitsOf(unit);
    if (!units) return; // the hint says why
    const [low, high] = page.reading.signal(name).ends;
    const value = clamp(Math.round(wanted * 100) / 100, low, high);
    const one: Hold = { signal: name, value, tokens: this.wordsFrom(token), units, layer, direction };
    const others = this.wanted.filter((other) => !sameHold(one, other));
    if (others.length >= MOST) {
      page.alert(page.say("holds_full", { count: MOST }));
      return;
    }
    if (isFirst) this.past.push(this.wanted);
    this.ask([...others, one]);
  }
  private undo(): void {
    const before = this.past.pop();
    if (before) this.ask(before);
  }
  private letGo(hold: Hold): void {
    this.change(this.wanted.filter((other) => other !== hold));
    this.undoButton.focus({ preventScroll: true });
  }
  private letGoOfAll(): void {
    this.everywhere.checked = this.everyUnit.checked = false;
    this.units.value = "";
    this.change([]);
  }

  // --- the bars, by mouse, touch and keyboard ------------------------------------------------------------------------

  private listenToBars(): void {
    const { card } = this;
    const end = () => {
      this.drag = null;
    };
    card.addEventListener("pointerdown", (event) => this.grasp(event));
    card.addEventListener("pointermove", (event) => this.pull(event));
    for (const name of ["pointerup", "pointercancel"]) card.addEventListener(name, end);
    card.addEventListener("keydown", (event) => this.press(event));
  }
  private listenToButtons(): void {
    this.undoButton.addEventListener("click", () => this.undo());
    this.resetButton.addEventListener("click", () => this.letGoOfAll());
    for (const check of [this.everywhere, this.everyUnit]) check.addEventListener("change", () => this.mark());
    this.units.addEventListener("input", () => this.mark());
  }

  private keepSelection(): void {
    const { page } = this;
    page.stopPlaying(); // else the next word comes under the bar that is being dragged
    const here = page.here();
    const units = this.unitsOf(here.unit);
    // What is dragged is what is shown, and stays so whatever the new reading brings.
    const unit = units && !hasUnit(units, here.unit) ? units[0][0] : here.unit;
    page.select({ ...here, unit });
  }
  private grasp(event: PointerEvent): void {
    const bar = sliderOf(event);
    if (!bar || event.button > 0) return;
    event.preventDefault();
    this.keepSelection();
    this.drag = { bar, name: bar.dataset.signal ?? "", moved: false };
    bar.setPointerCapture(event.pointerId);
    bar.focus({ preventScroll: true });
    this.pull(event);
  }
  private pull(event: PointerEvent): void {
    const { drag, page } = this;
    if (!drag?.bar.isConnected) return; // another kind of cell is shown by now
    const [low, high] = page.reading.signal(drag.name).ends;
    const box = drag.bar.getBoundingClientRect();
    const value = low + ((event.clientX - box.left) / box.width) * (high - low);
    this.hold(drag.name, value, !drag.moved);
    drag.moved = true;
  }
  private press(event: KeyboardEvent): void {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") {
      event.preventDefault();
      this.undo();
      return;
    }
    const bar = sliderOf(event);
    const name = bar?.dataset.signal;
    const value = bar && name ? this.valueAfter(event.key, bar, name) : undefined;
    if (!name || value === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.keepSelection();
    this.hold(name, value, !event.repeat);
  }
  /** The value that a key moves a bar to. */
  private valueAfter(key: string, bar: HTMLElement, name: string): number | undefined {
    const [low, high] = this.page.reading.signal(name).ends;
    if (key === "Home") return low;
    if (key === "End") return high;
    const step = KEYS[key];
    return step === undefined ? undefined : Number(bar.getAttribute("aria-valuenow")) + step;
  }

  // --- what is said about it -----------------------------------------------------------------------------------------

  private item(hold: Hold): TemplateResult {
    const what = this.told(`hold_${this.reachOf(hold)}`, hold);
    const label = this.page.say("let_go", { what });
    const letGo = () => this.letGo(hold);
    return html`<li><span>${what}</span
      ><button type="button" class="rv-button" aria-label=${label} @click=${letGo}>×</button></li>`;
  }

  /** The words of a hold: one, all of them, or some. */
  private reachOf({ tokens: [first, last] }: Hold): "word" | "all" | "range" {
    if (first === last) return "word";
    return first === 0 && last >= this.page.reading.read - 1 ? "all" : "range";
  }
  /** A word of a hold; one outside the window is told by its position. */
  private named(token: number): string {
    const { page } = this;
    const t = token - page.reading.start;
    return page.reading.tokens[t] === undefined ? page.say("word_at", { position: token + 1 }) : page.wordAt(t);
  }
  private told(key: string, hold: Hold, more: Values = {}): string {
    const { page } = this;
    const [first, last] = hold.tokens.map((token) => this.named(token));
    const signal = page.nameOf(page.reading.signal(hold.signal));
    const [units, value] = [page.unitsOf(hold), page.signed(hold.value)];
    return page.say(key, { signal, units, value, word: first, first, last, ...more });
  }

  /** How the answer changes in the end; and at which word it changes most, if that is elsewhere. */
  private difference(): unknown {
    const { page } = this;
    const { holds, reading } = page;
    if (!holds.length || !reading.ghost) return nothing;
    const { end, most } = changeOfHolds(reading, reading.ghost);
    const label = page.classOf(reading.labels[reading.answer]);
    const values = { label, before: page.share(end.before), after: page.share(end.after) };
    const [only, ...others] = holds;
    const said = others.length
      ? page.say("held_many", { ...values, count: holds.length })
      : this.told(`held_${this.reachOf(only)}`, only, values);
    if (!most) return html`<p>${said}</p>`;
    const [before, after] = [page.share(most.before), page.share(most.after)];
    const elsewhere = page.say("held_most", { word: page.wordAt(most.token), label, before, after });
    return html`<p>${said}</p><p>${[elsewhere, ...page.whichAnswers()].join(" ")}</p>`;
  }
}

export const surgery = (page: Page): Panel => new SurgeryPanel(page);
