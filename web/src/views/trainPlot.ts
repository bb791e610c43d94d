// One picture of the view Train: the loss or the accuracy of some runs, over the texts that they have learned from.

import { scaleLinear } from "d3-scale";
import { line } from "d3-shape";
import { html, nothing, svg, type TemplateResult } from "lit-html";
import { type Figure, namePlace, type Point, type ValueAxis } from "../model/curves";
import { last } from "../model/numbers";
import type { CurveRun } from "../model/run";
import type { Page } from "../state/page";
import { widthOf } from "../ui/textWidth";

const TALL = 206;
const LEFT = 46;
const RIGHT = 10;
const TOP = 10;
const FOOT = TALL - 38;
const SPARE = 3; // so much of a line at an edge is still in the picture
const FONT = "13px system-ui, 'Segoe UI', 'Noto Sans', sans-serif";

const pathOf = line<Point>(
  ({ x }) => x,
  ({ y }) => y,
).digits(1);
const lineOf = (curve: Point[], place: number): TemplateResult<2> =>
  svg`<path class=${`rv-run rv-run-${place}`} d=${pathOf(curve)} />`;

class TrainPlot {
  private readonly page: Page;
  private readonly figure: Figure;
  private readonly axis: ValueAxis;
  private readonly width: number;
  private readonly x: (fraction: number) => number;
  private readonly y: (value: number) => number;
  private readonly ticks: number[];
  /** The curves of the runs, of which the first is under way or has just ended. */
  private readonly curves: Point[][];

  constructor(page: Page, figure: Figure, axis: ValueAxis, runs: CurveRun[], width: number) {
    this.page = page;
    this.figure = figure;
    this.axis = axis;
    this.width = width;
    const y = scaleLinear([0, axis.top], [FOOT, TOP]);
    this.ticks = y.ticks(axis.ticks);
    this.x = scaleLinear([0, 1], [LEFT, width - RIGHT]);
    this.y = y;
    const most = 1.1 * axis.top; // out of the picture
    this.curves = runs.map(({ curve }) =>
      curve[figure].map((value, n) => ({ x: this.x(curve.fraction[n]), y: y(Math.min(value, most)) })),
    );
  }

  template(): TemplateResult {
    const { page, width, x, ticks, curves } = this;
    const { guess } = this.axis;
    const [top, tall] = [TOP - SPARE, FOOT - TOP + 2 * SPARE];
    const end = curves.length ? last(curves[0]) : null;
    return html`<svg width=${width} height=${TALL} role="img" aria-label=${page.say(`train_${this.figure}`)}
      >${ticks.map((value) => this.across(value, "rv-train-tick"))}${ticks.map((value) => this.number(value))}${
        guess ? this.across(guess, "rv-train-guess") : nothing
      }<text class="rv-train-first" x=${x(0)} y=${TALL - 21}>${page.share(0)}</text
      ><text class="rv-train-axis" x=${x(0.5)} y=${TALL - 5}>${page.say("train_axis")}</text
      ><text class="rv-train-last" x=${x(1)} y=${TALL - 21}>${page.share(1)}</text
      >${guess ? this.guessing(guess) : nothing}<svg
        x="0" y=${top} width=${width} height=${tall} viewBox=${`0 ${top} ${width} ${tall}`}
        >${curves.map(lineOf).reverse()}${
          end ? svg`<circle class="rv-run-end" r="4" cx=${end.x} cy=${Math.max(TOP, end.y)} />` : nothing
        }</svg
    ></svg>`;
  }

  private across(value: number, kind: string): TemplateResult<2> {
    const y = this.y(value);
    return svg`<line class=${kind} x1=${LEFT} x2=${this.width - RIGHT} y1=${y} y2=${y} />`;
  }
  private number(value: number): TemplateResult<2> {
    const { page } = this;
    const written = this.figure === "loss" ? page.written(value, { maximumFractionDigits: 1 }) : page.share(value);
    return svg`<text class="rv-train-number" x=${LEFT - 8} y=${this.y(value)}>${written}</text>`;
  }
  /** The name of the line at what guessing gives. */
  private guessing(guess: number): TemplateResult<2> {
    const { width, ticks, curves } = this;
    const name = this.page.say("train_guessing");
    const grid = ticks.map((value) => [0, width].map((x) => ({ x, y: this.y(value) })));
    const room = { left: LEFT, right: width - RIGHT, foot: FOOT };
    const { x, y } = namePlace(widthOf(name, FONT), this.y(guess), room, [...grid, ...curves]);
    return svg`<text class="rv-train-last rv-train-guessing" x=${x} y=${y}>${name}</text>`;
  }
}

export const trainPlot = (
  page: Page,
  figure: Figure,
  axis: ValueAxis,
  runs: CurveRun[],
  width: number,
): TemplateResult => new TrainPlot(page, figure, axis, runs, width).template();
