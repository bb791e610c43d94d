// F, the cell: what one unit does at one word, with the numbers that it did it with, drawn, written out and said.

import { html, nothing, render, type TemplateResult } from "lit-html";
import { classMap } from "lit-html/directives/class-map.js";
import { repeat } from "lit-html/directives/repeat.js";
import type { ReadSignal } from "../client/contract";
import type { CellKind } from "../client/types";
import { type Numbers, numbersAt } from "../model/cellNumbers";
import { type EquationLine, equationsOf } from "../model/equations";
import { clamp } from "../model/numbers";
import type { Here } from "../model/place";
import type { Page, Panel } from "../state/page";
import { choices, walkable } from "../ui/choices";
import { tell } from "../ui/dom";
import { scrolling } from "../ui/scrolling";
import { type Stepper, stepper } from "../ui/stepper";
import { type CellDrawings, cellDrawings } from "./cellDrawings";

const SLOW_MS = 900;
/** The signals in the order in which a cell computes them. */
const FLOW: Record<CellKind, string[]> = {
  lstm: ["forget", "input", "candidate", "cell", "output", "hidden"],
  gru: ["reset", "update", "candidate", "hidden"],
  rnn: ["hidden"],
};
/** The signals that a reader may hold at a value. */
const HOLDABLE: Record<CellKind, string[]> = {
  lstm: ["forget", "input", "candidate", "output"],
  gru: ["reset", "update", "candidate"],
  rnn: ["hidden"],
};

/** Where a bar begins, how wide it is, and where its knob is, in per cent of its way. */
const barOf = (value: number, { ends: [low, high] }: ReadSignal) => {
  const place = (number: number) => 100 * clamp((number - low) / (high - low), 0, 1);
  const [zero, end] = [place(0), place(value)];
  return { left: Math.min(zero, end), width: Math.abs(end - zero), knob: end };
};

const equation = ({ symbol, equals }: EquationLine) => html`<p><b>${symbol}</b>= ${equals}</p>`;

class CellPanel implements Panel {
  private readonly page: Page;
  private readonly card: HTMLElement;
  private readonly ways: HTMLElement;
  private readonly where: HTMLElement;
  private readonly drawing: HTMLElement;
  private readonly values: HTMLElement;
  private readonly said: HTMLElement;
  private readonly equation: HTMLElement;
  private readonly opened: HTMLElement;
  private readonly slow: HTMLElement;
  private readonly toCode: HTMLElement;
  private readonly drawings: CellDrawings;
  private readonly slowly: Stepper;
  private isUnrolled = false;
  /** The signal that the slow motion is at, and which one of the flow comes next. */
  private step: string | null = null;
  private next = 0;

  constructor(page: Page) {
    this.page = page;
    this.card = page.part(".rv-cell-card");
    this.ways = page.part(".rv-ways");
    this.where = page.part(".rv-cell-card > .rv-where");
    this.drawing = page.part(".rv-cell-drawing");
    this.values = page.part(".rv-values");
    this.said = page.part(".rv-did");
    this.equation = page.part(".rv-equation");
    this.opened = page.part(".rv-opened");
    this.slow = page.part(".rv-slow");
    this.toCode = page.part(".rv-to-code");
    this.drawings = cellDrawings(page);
    this.slowly = stepper(
      SLOW_MS,
      () => this.stepSlowly(),
      () => this.endSlowMotion(),
    );
    this.listen();
  }

  draw(): void {
    const { page } = this;
    if (!page.shown) return;
    this.labelSlow();
    this.toCode.hidden = page.hiddenPanels.has("views");
    choices(this.ways, [page.say("folded"), page.say("unrolled")], Number(this.isUnrolled), (place) => {
      this.isUnrolled = place === 1;
      this.draw();
      this.mark();
    });
  }

  mark(): void {
    const { page, slowly } = this;
    const { reading } = page;
    if (slowly.running && page.played !== null) slowly.stop();
    const here = page.here();
    const isHeld = reading.cell === "rnn" && page.heldAt("hidden", here) !== null;
    const numbers = numbersAt(reading, here, isHeld);
    const waits = page.toCome(here);
    for (const part of [this.drawing, this.values, this.said, this.equation, this.opened])
      part.classList.toggle("rv-untold", waits);
    this.card.dataset.cell = reading.cell;
    this.card.dataset.step = this.step ?? "";
    render(this.title(here), this.where);
    render(this.picture(numbers, here), this.drawing);
    render(this.rows(numbers, here), this.values);
    tell(this.said, this.step ? this.stepSays(this.step, numbers) : this.sentence(numbers, here));
    render(this.equations(numbers).map(equation), this.equation);
  }

  private picture(numbers: Numbers, here: Here): TemplateResult {
    const { drawings, step } = this;
    return this.isUnrolled ? drawings.unrolled(here) : drawings.folded(numbers, here, step);
  }

  // --- what is said --------------------------------------------------------------------------------------------------

  private title(here: Here): TemplateResult {
    const { page } = this;
    const { reading } = page;
    const position = reading.start + here.token + 1;
    const block = page.blockOf(here);
    const values = { word: page.token(here.token), position, count: reading.total, unit: here.unit };
    return html`<span>${page.say("where", values)}</span
      >${block ? html`<span class="rv-hint">${block}</span>` : nothing}<span class="rv-hint">${this.hint(here)}</span>`;
  }
  /** What a click or Esc does. The line is there also when it is empty. */
  private hint(here: Here): string {
    const { page } = this;
    const { hovered, pinned } = page;
    const ofPinnedUnit = hovered.unit === null || hovered.unit === pinned.unit;
    if (pinned.token !== null && here.token === pinned.token && ofPinnedUnit) return page.say("pinned");
    const nobodyLooks = [hovered, pinned].every(({ token, unit }) => token === null && unit === null);
    return nobodyLooks ? page.say("where_hint") : "";
  }

  private sentence(numbers: Numbers, here: Here): string {
    const { page } = this;
    const { cell, memory } = page.reading;
    const { at, before, keeper, rest } = numbers;
    const written = (value: number | null) => page.signed(value ?? 0, numbers.digits);
    return page.say(`did_${cell}${this.caseOf(numbers)}`, {
      word: page.token(here.token),
      unit: page.count(here.unit),
      before: before === null ? "?" : written(before),
      after: written(at[memory]),
      kept: keeper === null ? "" : page.share(keeper),
      gate: written(cell === "lstm" ? at.input : rest),
      candidate: written(at.candidate ?? null),
      shown: written(at.hidden),
    });
  }
  private caseOf({ held, before, first }: Numbers): string {
    if (held) return "_held";
    if (before === null) return "_unseen";
    return first ? "_first" : "";
  }

  private equations(numbers: Numbers): EquationLine[] {
    const { page } = this;
    const { cell, nonlinearity } = page.reading;
    const { held, at, digits } = numbers;
    if (held) return [{ symbol: "h", equals: page.say("value_held", { value: page.signed(at.hidden, digits) }) }];
    return equationsOf(cell, numbers, nonlinearity ?? "tanh", page.signed);
  }

  // --- the signals, each with its bar --------------------------------------------------------------------------------

  private rows({ at }: Numbers, here: Here): unknown {
    const { reading } = this.page;
    const row = (name: string) => this.row(reading.signal(name), at[name], here);
    return repeat(FLOW[reading.cell], (name) => name, row); // the bar that is dragged stays, whatever is read
  }
  private row(signal: ReadSignal, computed: number, here: Here): TemplateResult {
    const { page, step } = this;
    const { name, symbol, ends } = signal;
    const held = page.heldAt(name, here);
    const value = held ?? computed;
    const classes = { "rv-value": true, "rv-part": true, "rv-held": held !== null, "rv-lit": name === step };
    const reach = ends[1] > 1 ? ` ±${page.written(ends[1], { maximumFractionDigits: 1 })}` : ""; // more than the others
    return html`<div class=${classMap(classes)} data-part=${name} title=${page.meaningOf(signal)}
      ><dt>${page.nameOf(signal)} <var>${symbol}</var><small>${reach}</small></dt
      ><dd>${this.gauge(signal, value, held !== null)}<span>${page.signed(value)}</span></dd></div>`;
  }
  private gauge(signal: ReadSignal, value: number, isHeld: boolean): TemplateResult {
    const { page } = this;
    const { name, symbol, ends, low } = signal;
    const { left, width, knob } = barOf(value, signal);
    const kind = low === 0 ? "rv-gauge rv-gate" : "rv-gauge rv-both";
    const place = `left: ${left}%; width: ${width}%`;
    const fill = html`<i class=${value < 0 ? "rv-minus" : ""} .style=${place}></i>`;
    if (!page.server || !HOLDABLE[page.reading.cell].includes(name)) return html`<div class=${kind}>${fill}</div>`;
    const written = page.signed(value);
    return html`<div class=${kind} role="slider" tabindex="0" data-signal=${name}
      aria-label="${page.nameOf(signal)} ${symbol}" aria-valuemin=${ends[0]} aria-valuemax=${ends[1]}
      aria-valuenow=${value.toFixed(3)} aria-valuetext=${isHeld ? page.say("value_held", { value: written }) : written}
      >${fill}<b class="rv-knob" .style=${`left: ${knob}%`}></b></div>`;
  }

  // --- slow motion: one part of the cell at a time -------------------------------------------------------------------

  private stepSays(name: string, { at }: Numbers): string {
    const { page } = this;
    const signal = page.reading.signal(name);
    return page.say("slow_step", {
      signal: page.nameOf(signal),
      symbol: signal.symbol,
      value: page.signed(at[name]),
      meaning: page.meaningOf(signal),
    });
  }
  private labelSlow(): void {
    const { slow, slowly } = this;
    tell(slow, this.page.playLabel(slowly.running, "slow"));
    slow.setAttribute("aria-pressed", String(slowly.running));
  }
  private startSlowMotion(): void {
    if (!this.page.shown) return;
    this.next = 0;
    this.slowly.start();
    this.labelSlow();
  }
  private stepSlowly(): boolean {
    const name = FLOW[this.page.reading.cell][this.next];
    if (name === undefined) return false;
    this.next += 1;
    this.step = name;
    this.mark();
    return true;
  }
  private endSlowMotion(): void {
    this.labelSlow();
    this.step = null;
    this.mark();
  }

  /** Show this reading as code, in the view below, which may be out of sight. */
  private showCode(): void {
    const { page } = this;
    page.showView("code");
    page.part(".rv-views").scrollIntoView({ block: "start", behavior: scrolling() });
    page.part("[data-tab=code]").focus({ preventScroll: true });
  }

  private listen(): void {
    const { page, slow, slowly } = this;
    walkable(this.ways);
    this.toCode.addEventListener("click", () => this.showCode());
    slow.addEventListener("click", () => (slowly.running ? slowly.stop() : this.startSlowMotion()));
    // Before the page's own Esc, which lets go of the word.
    page.root.addEventListener(
      "keydown",
      (event) => {
        if (event.key !== "Escape" || !slowly.running) return;
        event.preventDefault();
        slowly.stop();
      },
      true,
    );
  }
}

export const cell = (page: Page): Panel => new CellPanel(page);
