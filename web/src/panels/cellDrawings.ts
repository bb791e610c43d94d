// F, drawn: one cell folded, with its loop, or unrolled over the words.

import { html, nothing, svg, type TemplateResult } from "lit-html";
import { classMap } from "lit-html/directives/class-map.js";
import { guard } from "lit-html/directives/guard.js";
import type { Numbers } from "../model/cellNumbers";
import {
  CELL_PLANS,
  type CellPlan,
  type Chip,
  endOf,
  type Label,
  type Note,
  type Operation,
  PLAN_WIDTH,
  type Wire,
} from "../model/cellPlans";
import { colourOf, css, inkOn } from "../model/colours";
import type { Here } from "../model/place";
import { cutTo, visible } from "../model/text";
import type { Page } from "../state/page";

const CHIP_WIDTH = 42;
const CHIP_HEIGHT = 24;
const LONGEST_WORD = 16;
const MEMORY_ARROW = "M1 0L-11 -6V6Z";
const ARROW = "M0 0L-7 -3.5V3.5Z";

export interface CellDrawings {
  /** The parts of one step of the slow motion are lit up. */
  folded(numbers: Numbers, here: Here, step: string | null): TemplateResult;
  unrolled(here: Here): TemplateResult;
}

/** All that has the key of the slow motion's step is lit up. */
const partClass = (key: string, step: string | null) => (key === step ? "rv-part rv-lit" : "rv-part");

// --- folded: chips hold a number, operations work on it, wires lead from one to the next -----------------------------

const label = (name: string, x: number, y: number, kind: string) =>
  svg`<text x=${x} y=${y} class=${kind}>${name}</text>`;

const arrowhead = (path: string, isMemory: boolean) => {
  const { x, y, turn } = endOf(path);
  const shape = isMemory ? MEMORY_ARROW : ARROW;
  return svg`<path class="rv-arrow" d=${shape} transform="translate(${x} ${y}) rotate(${turn})"></path>`;
};

const wire = ([key, path, arrow, kind]: Wire, step: string | null) => svg`<g
  class=${partClass(key, step)} data-part=${key}><path class="rv-wire rv-${kind ?? key}" d=${path}></path
  >${arrow ? arrowhead(path, kind === "memory") : nothing}</g>`;

const operation = ([key, sign, x, y]: Operation, nonlinearity: string, step: string | null) => {
  const squashes = sign === "tanh";
  const shape = squashes
    ? svg`<rect x=${x - 18} y=${y - 9} width="36" height="18" rx="9"></rect>`
    : svg`<circle cx=${x} cy=${y} r="9"></circle>`;
  const name = label(squashes ? nonlinearity : sign, x, y + 0.5, squashes ? "rv-small" : "rv-sign");
  return svg`<g class=${partClass(key, step)} data-part=${key}>${shape}${name}</g>`;
};

/** What is the same for all words and units. */
const wiring = ({ wires, operations }: CellPlan, nonlinearity: string, step: string | null) => [
  wires.map((one) => wire(one, step)),
  operations.map((one) => operation(one, nonlinearity, step)),
];

class Drawings implements CellDrawings {
  private readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  folded({ at, ...others }: Numbers, here: Here, step: string | null): TemplateResult {
    const { page } = this;
    const { cell, nonlinearity, tokens } = page.reading;
    const plan = CELL_PLANS[cell];
    const squash = nonlinearity ?? "tanh"; // the first picture, kept with the page, does not say
    const shown: Record<string, unknown> = { ...others, ...at };
    const numberOf = (key: string) => (typeof shown[key] === "number" ? shown[key] : null);
    const word = page.say("quoted", { word: cutTo(visible(tokens[here.token]), LONGEST_WORD) });
    const small = ([name, x, y]: Label) => label(name, x, y, "rv-small");
    return html`<svg class="rv-folded" viewBox="0 0 ${PLAN_WIDTH} ${plan.height}" aria-hidden="true"
      >${guard([cell, squash, step], () => wiring(plan, squash, step))}${plan.chips.map((chip) =>
        this.chip(chip, numberOf(chip[0]), step),
      )}${plan.notes.map((note) => this.note(note, numberOf(note[0])))}${guard([cell], () =>
        plan.labels.map(small),
      )}${label(
        word,
        ...plan.word,
        "rv-read-word",
      )}${plan.loops.map(([x, y]) => label(page.say("loop"), x, y, "rv-loop-name"))}</svg>`;
  }

  private chip([key, symbol, x, y]: Chip, value: number | null, step: string | null): TemplateResult {
    const { page } = this;
    const { reading } = page;
    const signal = reading.find(key) ?? reading.signal(key === "state" ? "hidden" : reading.memory);
    const colour = value === null ? null : colourOf(value, signal.low, signal.high);
    const [fill, ink] = colour ? [css(colour), inkOn(colour)] : ["var(--rv-soft)", "var(--rv-muted)"];
    return svg`<g class=${partClass(key, step)} data-part=${key}><rect class="rv-chip-box" x=${x - CHIP_WIDTH / 2}
      y=${y - CHIP_HEIGHT / 2} width=${CHIP_WIDTH} height=${CHIP_HEIGHT} rx="6" .style=${`fill: ${fill}`}></rect
      ><text x=${x} y=${y + 0.5} class="rv-number" .style=${`fill: ${ink}`}
      >${value === null ? "?" : page.signed(value)}</text>${label(symbol, x - 14, y - 21, "rv-symbol")}</g>`;
  }

  private note([key, x, y]: Note, value: number | null): TemplateResult {
    if (value === null) return label("", x, y, "rv-note");
    const sign = key === "rest" ? "1 − z = " : key === "added" && value > -0.005 ? "+" : "";
    return label(sign + this.page.signed(value), x, y, "rv-note");
  }

  // --- unrolled: the same cell small at the previous, this and the next word, state passed along between them --------

  unrolled(here: Here): TemplateResult {
    const gap = (place: number) => html`<div class="rv-passed">${this.passed(here.token + place - 2, here)}</div>`;
    const columns = [0, 1, 2].map((place) => [gap(place), this.smallCell(place, here)]);
    return html`<div><div class="rv-unrolled">${columns}${gap(3)}</div
      ><p class="rv-caption">${this.page.say("same_weights")}</p></div>`;
  }

  private isInside(t: number): boolean {
    return t >= 0 && t < this.page.reading.tokens.length;
  }

  private smallCell(place: number, here: Here): TemplateResult {
    const { page } = this;
    const t = here.token + place - 1;
    const isThere = this.isInside(t);
    const choose = () => {
      const { token, unit, layer, direction } = page.here();
      page.select({ token: token + place - 1, unit, layer, direction });
    };
    return html`<button type="button" class=${classMap({ "rv-small-cell": true, "rv-at": place === 1 })}
      aria-label=${isThere ? page.say("small_cell", { word: page.token(t) }) : nothing}
      .style=${isThere ? "" : "visibility: hidden"} @click=${choose}
      ><span class="rv-weights" aria-hidden="true"><b>W</b><b>U</b><b>b</b></span
      ><span class="rv-up" aria-hidden="true">↑</span><bdi>${isThere ? visible(page.reading.tokens[t]) : ""}</bdi
    ></button>`;
  }

  /** What is passed on in the gap between the word `left` and the one after it. */
  private passed(left: number, here: Here): TemplateResult[] {
    const { reading } = this.page;
    const forward = here.direction === 0;
    const [from, reads] = forward ? [left, left + 1] : [left + 1, left];
    if (this.isInside(from)) return this.carried(from, here);
    const begins = this.isInside(reads) && reading.earlier(reads, here.direction) === null;
    return begins ? this.carried(null, here) : [];
  }

  /** A number for each signal that a cell passes on from word t, or that it begins with. */
  private carried(t: number | null, { unit, layer, direction }: Here): TemplateResult[] {
    const { page } = this;
    const { reading } = page;
    const names = reading.cell === "lstm" ? ["cell", "hidden"] : ["hidden"];
    return names.map((name) => {
      const signal = reading.signal(name);
      const value = t === null ? 0 : reading.value(signal, t, unit, layer, direction);
      const colour = colourOf(value, signal.low, signal.high);
      const tint = `background: ${css(colour)}; color: ${inkOn(colour)}`;
      return html`<span class="rv-carry"><i>${signal.symbol}</i
        ><span class="rv-carried" title=${signal.symbol} .style=${tint}>${page.signed(value)}</span
        ><span class="rv-along" aria-hidden="true">${direction === 0 ? "⟶" : "⟵"}</span></span>`;
    });
  }
}

export const cellDrawings = (page: Page): CellDrawings => new Drawings(page);
