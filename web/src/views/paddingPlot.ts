// The picture of one text and its padding: the cells, the answer after each, and the units that the padding moves most.
// What reads on is solid, what stands still is dashed. The axis stays in sight where the picture is scrolled.

import { scaleLinear } from "d3-scale";
import { line } from "d3-shape";
import { html, nothing, svg, type TemplateResult } from "lit-html";
import { colourOf, css, type ShownClasses, shownClasses } from "../model/colours";
import { edgesOf } from "../model/columns";
import { counting, sum } from "../model/numbers";
import type { Moved } from "../model/padding";
import { spread } from "../model/spread";
import { isolated, visible } from "../model/text";
import type { Page } from "../state/page";
import { fitted, widthOf } from "../ui/textWidth";

const FONT = "13px system-ui, 'Segoe UI', 'Noto Sans', sans-serif";
const CELL = 28; // how tall a cell is
const BAND = 60; // the top of the band of answers
const CHART = 82; // the top of the chart, and how tall it is
const TALL = 130;
const STATES = CHART + TALL + 46; // the top of the first unit, and how tall one is
const ROW = 36;
const APART = 17; // from the name of one class to the next
const NAMED = 4; // classes with a name
const SHARES = [0, 0.5, 1];

const y = scaleLinear([0, 1], [CHART + TALL, CHART]);

type Svg = TemplateResult<2>;

const rect = (name: string, x: number, top: number, width: number, height: number, fill: string): Svg =>
  svg`<rect class=${name} x=${x} y=${top} width=${width} height=${height} fill=${fill} />`;
const lineAt = (name: string, x1: number, y1: number, x2: number, y2: number, stroke?: string): Svg =>
  svg`<line class=${name} x1=${x1} y1=${y1} x2=${x2} y2=${y2} stroke=${stroke ?? nothing} />`;
const text = (name: string, x: number, at: number, said: string): Svg =>
  svg`<text class=${name} x=${x} y=${at}>${said}</text>`;

class PaddingPlot {
  private readonly page: Page;
  private readonly found: Moved;
  /** How many tokens the text is filled up to. */
  private readonly length: number;
  /** The colour of the text in the batch. */
  private readonly tint: string;
  private readonly classes: ShownClasses;
  private readonly edges: number[];
  /** The room beside the last cell, for the names of the classes. */
  private readonly beyond: number;

  constructor(page: Page, found: Moved, length: number, room: number, tint: string) {
    this.page = page;
    this.found = found;
    this.length = length;
    this.tint = tint;
    const { tokens, labels, verdicts, known, alone, padded_to } = found;
    this.classes = shownClasses(labels, verdicts, alone.winner);
    const gutter = Math.max(70, ...known.map((unit) => widthOf(this.unitOf(unit), FONT) + 14));
    this.beyond = 24 + Math.max(...labels.map((_, place) => widthOf(this.named(place), FONT)));
    // Words as wide as they are; what is left of the room is shared out among the cells of padding.
    const words = tokens.map((token) => Math.min(110, Math.max(30, widthOf(visible(token), FONT) + 16)));
    const cells = padded_to - tokens.length;
    const left = room - gutter - this.beyond - sum(words);
    const narrow = Math.min(24, Math.max(8, left / Math.max(1, cells)));
    this.edges = edgesOf(gutter, [...words, ...counting(cells).map(() => narrow)]);
  }

  /** Where the picture ends as far as the text is filled up, with the names of the classes. */
  get end(): number {
    return this.edges[this.length] + this.beyond;
  }

  template(): TemplateResult {
    return html`<div class="rv-drift-plot">${[this.axis(), this.picture()]}</div>`;
  }

  private get words(): number {
    return this.found.tokens.length;
  }
  private get height(): number {
    return STATES + this.found.units.length * ROW;
  }
  private middle(t: number): number {
    return (this.edges[t] + this.edges[t + 1]) / 2;
  }
  private unitOf(unit: number): string {
    return this.page.say("unit", { unit });
  }
  /** A class and its share at the end of the padding. */
  private named(place: number): string {
    const { labels, verdicts } = this.found;
    return `${this.page.classOf(labels[place])} ${this.page.share(verdicts[this.length - 1][place])}`;
  }

  private axis(): TemplateResult {
    const { page, found, height } = this;
    const [gutter] = this.edges;
    const shares = SHARES.map((share) => text("rv-drift-end", gutter - 10, y(share), page.share(share)));
    const units = found.units.map((unit, place) =>
      text("rv-drift-end", gutter - 10, STATES + place * ROW + CELL / 2, this.unitOf(unit)),
    );
    return html`<svg class="rv-drift-axis" width=${gutter - 2} height=${height} aria-hidden="true">${[
      text("rv-drift-title", gutter, BAND - 9, page.say("drift_answers")),
      text("rv-drift-title", gutter, STATES - 14, page.say("drift_states")),
      shares,
      units,
    ]}</svg>`;
  }

  private picture(): TemplateResult {
    const { edges, beyond, height, words, length, found } = this;
    const [gutter, end] = [edges[0], edges[length]];
    const guides = SHARES.map((share) => lineAt("rv-drift-guide", gutter, y(share), end, y(share)));
    return html`<svg
      class="rv-drift-picture"
      width=${edges[found.padded_to] + beyond}
      height=${height}
      role="img"
      aria-label=${this.page.say("drift_picture", { words, count: length - words })}
    ><defs><pattern
      id="rv-hatch"
      width="6"
      height="6"
      patternUnits="userSpaceOnUse"
      patternTransform="rotate(45)"
    ><line class="rv-drift-hatch" x1="0" y1="0" x2="0" y2="6" /></pattern></defs>${[
      guides,
      this.cells(),
      this.band(),
      this.textEnd(),
      found.labels.map((_, place) => this.lines(place)),
      this.names(),
      found.states.map((values, place) => this.unit(values, place)),
      this.touch(),
    ]}</svg>`;
  }

  // --- the cells -----------------------------------------------------------------------------------------------------

  /** A tile with a gap beside it, from one edge to another. */
  private tile(from: number, to: number, top: number, tall: number, name: string, fill: string): Svg {
    const [left, right] = [this.edges[from], this.edges[to]];
    return svg`<rect
      class=${name}
      x=${left + 1}
      y=${top}
      width=${right - left - 2}
      height=${tall}
      rx="3"
      fill=${fill}
    />`;
  }
  /** A word is a tile of its own; padding, one cell like the other, is one band without gaps. */
  private block(t: number, top: number, tall: number, name: string, fill: string): Svg {
    if (t < this.words) return this.tile(t, t + 1, top, tall, name, fill);
    return rect(`${name} rv-drift-band`, this.edges[t], top, this.edges[t + 1] - this.edges[t], tall, fill);
  }
  private cells(): unknown[] {
    const { edges, words, length, tint, found } = this;
    const written = found.tokens.map((token, t) => {
      const word = fitted(visible(token), edges[t + 1] - edges[t] - 10, FONT);
      const tile = this.tile(t, t + 1, 0, CELL, "", tint);
      return svg`<g>${tile}${text("rv-drift-word", this.middle(t), CELL / 2, word)}</g>`;
    });
    const hatched = (from: number, to: number, name: string) =>
      from < to ? this.tile(from, to, 0, CELL, name, "url(#rv-hatch)") : nothing;
    return [
      written,
      hatched(words, length, "rv-drift-filled"),
      hatched(length, found.padded_to, "rv-drift-filled rv-drift-beyond"),
      edges.slice(words + 1, -1).map((x) => lineAt("rv-drift-tick", x, CELL - 5, x, CELL)),
    ];
  }
  /** Where a cell is pointed at, its answer is said; where it is pressed, the padding ends. */
  private touch(): Svg[] {
    const { edges, words, found, height } = this;
    return counting(found.padded_to - words + 1).map((n) => {
      const t = words - 1 + n;
      return svg`<rect
        class="rv-drift-touch"
        data-token=${t}
        x=${edges[t]}
        y="0"
        width=${edges[t + 1] - edges[t]}
        height=${height}
      ><title>${this.answerAt(t)}</title></rect>`;
    });
  }
  private answerAt(t: number): string {
    const { page, words } = this;
    const { tokens, labels, winners, verdicts } = this.found;
    const word = t < words ? isolated(tokens[t]) : page.say("drift_cell", { number: t - words + 1 });
    const [label, share] = [page.classOf(labels[winners[t]]), page.share(verdicts[t][winners[t]])];
    return page.say("word_says", { word, label, share });
  }
  /** A line through all parts where the text ends. */
  private textEnd(): Svg[] {
    const ended = this.edges[this.words];
    const parts = [
      [0, CELL + 8],
      [BAND - 3, CHART + TALL + 8],
      [STATES - 6, this.height],
    ];
    return parts.map(([top, foot]) => lineAt("rv-drift-ended", ended, top, ended, foot));
  }

  // --- the answers ---------------------------------------------------------------------------------------------------

  private band(): Svg[] {
    const { found, edges, words, classes } = this;
    return found.winners.slice(0, this.length).map((winner, t) => {
      const inset = t < words ? 1 : 0;
      return svg`<rect
        class=${inset ? "rv-drift-won" : "rv-drift-won rv-drift-band"}
        data-won=${found.labels[winner]}
        x=${edges[t] + inset}
        y=${BAND}
        width=${edges[t + 1] - edges[t] - 2 * inset}
        height="6"
        rx=${inset ? 3 : nothing}
        fill=${classes.colour(winner)}
      />`;
    });
  }
  /** A class: how its share drifts, and where it stands still. */
  private lines(place: number): Svg[] {
    const { found, classes, words, length } = this;
    const [colour, still, ended] = [classes.colour(place), y(found.alone.verdict[place]), this.middle(words - 1)];
    const path = line<number[]>(
      (_, t) => this.middle(t),
      (shares) => y(shares[place]),
    );
    const drifting = path(found.verdicts.slice(0, length)) ?? "";
    return [
      lineAt("rv-drift-still", ended, still, Math.max(this.edges[length], ended), still, colour),
      svg`<path class="rv-drift-line" d=${drifting} stroke=${colour} />`,
    ];
  }
  /** The names of the likeliest classes where their lines end, between the top of the chart and its foot. */
  private names(): Svg[] {
    const { found, classes, length } = this;
    const end = this.edges[length];
    const now = found.verdicts[length - 1];
    const likeliest = [...now.keys()].sort((one, other) => now[other] - now[one]).slice(0, NAMED);
    const wanted = likeliest.map((place) => y(now[place]));
    const places = spread(wanted, APART, CHART + APART / 2, CHART + TALL - APART / 2);
    return likeliest.map(
      (place, n) => svg`<circle
        class="rv-drift-won"
        cx=${end + 9}
        cy=${places[n]}
        r="4"
        fill=${classes.colour(place)}
      />${text("rv-drift-end", end + 17, places[n], this.named(place))}`,
    );
  }

  // --- the units -----------------------------------------------------------------------------------------------------

  /** A unit: one colour a word, which both readings have in common; then what drifts above what stands still. */
  private unit(values: number[], place: number): unknown[] {
    const { page, words, length, found } = this;
    const top = STATES + place * ROW;
    const end = this.edges[length] + 6;
    const colour = (value: number) => css(colourOf(value, found.low, found.high));
    const drifting = values
      .slice(0, length)
      .map((value, t) => this.block(t, top, t < words ? CELL : CELL / 2 - 2, "rv-drift-state", colour(value)));
    const number = page.signed(values[length - 1]);
    if (length === words) return [drifting, text("rv-drift-end", end, top + CELL / 2, number)];
    const [still, ended] = [found.alone.states[place], this.edges[words]];
    const width = this.edges[length] - ended;
    return [
      drifting,
      rect("rv-drift-state", ended, top, width, CELL / 2 - 2, "none"),
      rect("rv-drift-rest", ended, top + CELL / 2 + 1, width, CELL / 2 - 2, colour(still)),
      text("rv-drift-end", end, top + 7, number),
      text("rv-drift-end rv-drift-quiet", end, top + CELL - 6, page.signed(still)),
    ];
  }
}

export const paddingPlot = (page: Page, found: Moved, length: number, room: number, tint: string): PaddingPlot =>
  new PaddingPlot(page, found, length, room, tint);
