// The lines of the view How far back: the gradient at every word on an axis of powers of ten, with the words under it.

import { type ScaleLogarithmic, scaleLog } from "d3-scale";
import { line } from "d3-shape";
import { html, nothing, svg, type TemplateResult } from "lit-html";
import { classMap } from "lit-html/directives/class-map.js";
import { live } from "lit-html/directives/live.js";
import type { NetworkReach, Reach } from "../client/contract";
import { columnsOf } from "../model/columns";
import { counting, last } from "../model/numbers";
import { type Powers, powersOf } from "../model/reach";
import { spread } from "../model/spread";
import { visible } from "../model/text";
import type { Page } from "../state/page";
import { placeBetween } from "../ui/dom";
import { FONT, onWhite, rectangle, text } from "../ui/drawing";
import { MARKS, markAt, SHAPES } from "../ui/marks";
import { widthOf } from "../ui/textWidth";

const TALL = 260;
const TOP = 14;
const GUTTER = 48; // the axis
const FOOT = 40; // the words
const UPRIGHT = 92; // the words, where they stand upright
const NARROW = 18; // the narrowest column, and
const LEVEL = 44; // the narrowest in which a word lies
const NAMED = 560; // the narrowest room in which the lines are named at their ends, as they are in the legend anyway
const NAME_FONT = "600 14px system-ui, sans-serif";
const APART = 17; // from one name to the next
const RAISED = "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"; // a minus and the digits, as exponents
const ZERO = 30; // below the lowest power of ten, for what is exactly zero

const raised = (exponent: number): string =>
  String(exponent).replace(/./g, (sign) => RAISED["-0123456789".indexOf(sign)]);

/** The picture of one answer, in a room so wide. */
class ReachPlot {
  /** Where the words' columns begin and end. */
  readonly edges: readonly number[];
  private readonly page: Page;
  private readonly reach: Reach;
  private readonly powers: Powers;
  private readonly scale: ScaleLogarithmic<number, number>;
  /** The room beside the last word, for the names of the lines where there are any. */
  private readonly beyond: number;
  private readonly named: boolean;
  private readonly upright: boolean;
  /** The lines of the networks, as paths. */
  private readonly paths: (string | null)[];

  constructor(page: Page, reach: Reach, room: number) {
    const { tokens, networks } = reach;
    this.page = page;
    this.reach = reach;
    this.named = room >= NAMED;
    const names = networks.map((network) => widthOf(this.nameOf(network), NAME_FONT));
    this.beyond = 12 + (this.named ? Math.max(...names) : 0);
    const words = tokens.map((token) => [token]);
    const whole = room - this.beyond - 4;
    this.edges = columnsOf({ words, gutter: GUTTER, room: whole, narrow: NARROW, measure: widthOf });
    this.upright = this.edges[1] - this.edges[0] < LEVEL;
    this.powers = powersOf(networks);
    const { low, high, zeros } = this.powers;
    this.scale = scaleLog([10 ** low, 10 ** high], [TALL - (zeros ? ZERO : 0), TOP]);
    const path = line<number>((_, t) => this.middle(t), this.scale).defined((norm) => norm > 0);
    this.paths = networks.map(({ norms }) => path(norms));
  }

  /** The picture with a word marked, and with one word as the stop of the Tab key. */
  template(at: number | null, stop: number): TemplateResult {
    const { edges, upright, page } = this;
    const { tokens, networks } = this.reach;
    const stopAt = Math.min(stop, tokens.length - 1);
    const [end, height] = [last(edges), TALL + (upright ? UPRIGHT : FOOT)];
    const width = end + this.beyond;
    const [left, right] = at === null ? [0, 0] : [edges[at], edges[at + 1]];
    return html`<div
      class=${upright ? "rv-reach-plot rv-upright" : "rv-reach-plot"}
      .style=${`width: ${width}px; height: ${height}px;`}
    ><svg
        class="rv-reach-lines"
        width=${width}
        height=${TALL}
        role="img"
        aria-label=${page.say("reach_picture", { count: tokens.length })}
      ><rect class="rv-column" x=${left} y="0" width=${right - left} height=${TALL} />${[
        this.decades(end),
        networks.map((network, place) => this.lineOf(network, place, at)),
        this.named ? this.ends() : nothing,
      ]}</svg>${this.axis(height)}${tokens.map((token, t) => this.wordButton(token, t, t === at, t === stopAt))}</div>`;
  }

  /** The same as one drawing, with the answers of the networks above it. */
  picture(answers: string[]): SVGSVGElement {
    const { edges, upright } = this;
    const { tokens, networks } = this.reach;
    const end = last(edges);
    const top = 12 + 20 * answers.length;
    const foot = top + TALL + (upright ? 10 : 22);
    const written = (norm: number, name: string) => text(GUTTER - 8, this.y(norm) + top + 4, name, { anchor: "end" });
    const powers = this.written().map((exponent) => written(10 ** exponent, `10${raised(exponent)}`));
    const lines = networks.map(({ norms }, place) => [
      svg`<path d=${this.paths[place] ?? ""} fill="none" stroke=${MARKS[place]} stroke-width="2"></path>`,
      norms.map(
        (norm, t) => svg`<path d=${SHAPES[place]} transform=${`translate(${this.middle(t)} ${this.y(norm)})`}
          fill=${norm > 0 ? MARKS[place] : "#ffffff"} stroke=${norm > 0 ? "#ffffff" : MARKS[place]}></path>`,
      ),
    ]);
    const decades = this.norms().map((norm) => rectangle(GUTTER, this.y(norm), end - GUTTER, 1, "#dbe1e9"));
    const words = tokens.map((token, t) =>
      upright
        ? text(this.middle(t) + 4, foot, visible(token), { anchor: "end", upright })
        : text(this.middle(t), foot, visible(token)),
    );
    const legend = answers.map((answer, place) => [
      svg`<path d=${SHAPES[place]} transform=${`translate(${GUTTER + 8} ${16 + 20 * place})`} fill=${MARKS[place]}></path>`,
      text(GUTTER + 22, 20 + 20 * place, answer, { anchor: "start" }),
    ]);
    const zero = this.powers.zeros ? written(0, "0") : nothing;
    const width = Math.max(
      end + 12,
      GUTTER + 34 + Math.max(...answers.map((answer) => widthOf(answer, `12px ${FONT}`))),
    );
    const height =
      foot + (upright ? 8 + Math.max(...tokens.map((token) => widthOf(visible(token), `12px ${FONT}`))) : 12);
    const plot = svg`<g transform=${`translate(0 ${top})`}>${decades}${lines}</g>`;
    return onWhite(Math.ceil(width), Math.ceil(height), [legend, plot, powers, zero, words]);
  }

  private nameOf({ cell }: NetworkReach): string {
    return this.page.say(`cell_${cell}`);
  }
  private middle(t: number): number {
    return (this.edges[t] + this.edges[t + 1]) / 2;
  }
  private y(norm: number): number {
    return norm === 0 ? TALL - 8 : this.scale(norm);
  }

  /** Of many powers of ten, not all are written. */
  private written(): number[] {
    const { high, low } = this.powers;
    const every = Math.max(1, Math.ceil((high - low) / 8));
    return counting(Math.floor((high - low) / every) + 1).map((step) => high - step * every);
  }
  private axis(height: number): TemplateResult {
    const { page } = this;
    const { zeros } = this.powers;
    const power = (exponent: number) => (exponent < 0 ? "−" : "") + page.count(Math.abs(exponent));
    const names = this.written().map(
      (exponent) => svg`<text x=${GUTTER - 8} y=${this.y(10 ** exponent)}
        >${page.count(10)}<tspan class="rv-raised" dy="-6">${power(exponent)}</tspan></text>`,
    );
    const zero = svg`<text x=${GUTTER - 8} y=${this.y(0)}>${page.count(0)}</text>`;
    return html`<svg class="rv-reach-axis" width=${GUTTER} height=${height} aria-hidden="true">${[
      names,
      zeros ? zero : nothing,
    ]}</svg>`;
  }
  /** Where a line goes across: each power of ten, and zero. */
  private norms(): number[] {
    const { high, low, zeros } = this.powers;
    const norms = counting(high - low + 1).map((step) => 10 ** (high - step));
    return zeros ? [...norms, 0] : norms;
  }
  private decades(end: number): TemplateResult<2>[] {
    return this.norms().map((norm) => {
      const [name, y] = [norm === 0 ? "rv-decade rv-zero" : "rv-decade", this.y(norm)];
      return svg`<line class=${name} x1=${GUTTER} x2=${end} y1=${y} y2=${y} />`;
    });
  }
  /** One network: its line, broken where the gradient is zero, and a mark at each word. */
  private lineOf({ norms }: NetworkReach, place: number, at: number | null): TemplateResult<2> {
    const marks = norms.map((norm, token) => {
      const classes = `${norm > 0 ? "" : "rv-hollow"} ${token === at ? "rv-at" : ""}`;
      return markAt({ place, x: this.middle(token), y: this.y(norm), classes, token });
    });
    const path = svg`<path class=${`rv-reach-line rv-line-${place}`} d=${this.paths[place] ?? ""} />`;
    return svg`<g data-cell=${place}>${path}${marks}</g>`;
  }
  /** The names at the ends of the lines. */
  private ends(): TemplateResult<2>[] {
    const { networks } = this.reach;
    const x = this.middle(this.reach.tokens.length - 1) + 14;
    const ends = networks.map(({ norms }, place) => ({ place, y: this.y(last(norms)) })).sort((a, b) => a.y - b.y);
    const places = spread(
      ends.map(({ y }) => y),
      APART,
      TOP,
      TALL - 6,
    );
    return ends.map(({ place }, n) => {
      const name = this.nameOf(networks[place]);
      return svg`<text class=${`rv-reach-end rv-mark-${place}`} x=${x} y=${places[n]}>${name}</text>`;
    });
  }
  private wordButton(token: string, t: number, isHere: boolean, isStop: boolean): TemplateResult {
    return html`<button
      type="button"
      class=${classMap({ "rv-reach-word": true, "rv-at": isHere })}
      data-token=${t}
      tabindex=${live(isStop ? 0 : -1)}
      title=${visible(token)}
      .style=${placeBetween(this.edges[t], this.edges[t + 1])}
    ><bdi>${visible(token)}</bdi></button>`;
  }
}

export const reachPlot = (page: Page, reach: Reach, room: number): ReachPlot => new ReachPlot(page, reach, room);
