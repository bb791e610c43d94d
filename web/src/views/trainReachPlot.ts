// How long the gradient is at each word of the texts, on an axis of powers of ten, with the cuts between the words.

import { scaleLinear, scaleLog } from "d3-scale";
import { html, svg, type TemplateResult } from "lit-html";
import { counting } from "../model/numbers";
import { powersOf } from "../model/reach";
import type { Page } from "../state/page";

const TALL = 150;
const [LEFT, RIGHT, TOP, FOOT] = [46, 10, 10, 22]; // the axis, the edges, and the words' numbers
const FLOOR = TALL - FOOT;
const ZERO = 22; // below the lowest power of ten, for what is exactly zero
const POWERS = 5; // at most so many are written
const NUMBERED = 34; // the least room for a word's number

export const trainReachPlot = (page: Page, lengths: number[], detach: number, width: number): TemplateResult => {
  const { low, high } = powersOf([{ norms: lengths }]);
  const y = scaleLog([10 ** low, 10 ** high], [FLOOR - ZERO, TOP]);
  const x = scaleLinear([0, lengths.length], [LEFT, Math.max(LEFT + 1, width - RIGHT)]);
  const wide = x(1) - x(0);
  const every = Math.max(1, Math.ceil((high - low) / POWERS));
  const powers = counting(Math.floor((high - low) / every) + 1).map((step) => high - step * every);
  const cuts = detach ? counting(Math.floor((lengths.length - 1) / detach)).map((n) => (n + 1) * detach) : [];
  const numbered = counting(lengths.length).filter((word) => isNumbered(word, lengths.length, wide));
  return html`<svg width=${width} height=${TALL} role="img" aria-label=${page.say("train_reach")}
    >${powers.map((power) => decade(page, power, y(10 ** power), width))}${[
      svg`<text class="rv-train-number" x=${LEFT - 8} y=${FLOOR - 6}>${page.count(0)}</text>`,
      svg`<line class="rv-lab-floor" x1=${LEFT} x2=${width - RIGHT} y1=${FLOOR} y2=${FLOOR} />`,
    ]}${lengths.map((length, word) =>
      length > 0
        ? svg`<rect class="rv-lab-bar" x=${x(word) + wide / 8} width=${(wide * 3) / 4} y=${y(length)} height=${FLOOR - y(length)} />`
        : svg`<circle class="rv-lab-zero" cx=${x(word + 0.5)} cy=${FLOOR - 6} r=${Math.min(3.5, wide / 3)} />`,
    )}${cuts.map((cut) => svg`<line class="rv-lab-cut" x1=${x(cut)} x2=${x(cut)} y1=${TOP} y2=${FLOOR} />`)}${numbered.map(
      (word) => svg`<text class="rv-train-axis" x=${x(word + 0.5)} y=${TALL - 6}>${page.count(word + 1)}</text>`,
    )}</svg>`;
};

const decade = (page: Page, power: number, y: number, width: number): TemplateResult<2> =>
  svg`<line class="rv-train-tick" x1=${LEFT} x2=${width - RIGHT} y1=${y} y2=${y} /><text class="rv-train-number"
    x=${LEFT - 8} y=${y}>${page.count(10)}<tspan class="rv-raised" dy="-6">${power < 0 ? "−" : ""}${page.count(Math.abs(power))}</tspan></text>`;

/** The first word, the last, and every fifth or tenth that has room between them. */
const isNumbered = (word: number, words: number, wide: number): boolean => {
  const every = 5 * wide >= NUMBERED ? 5 : 10;
  const isClose = (words - 1 - word) * wide < NUMBERED;
  return word === 0 || word === words - 1 || ((word + 1) % every === 0 && !isClose);
};
