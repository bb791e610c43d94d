// The comparison as one drawing, for a paper or a slide: A, B and how far B is from A, and the same of some units.

import { svg, type TemplateResult } from "lit-html";
import { colourOf, css, OTHER } from "../model/colours";
import { last } from "../model/numbers";
import type { Block } from "../model/place";
import type { Reading } from "../model/reading";
import { visible } from "../model/text";
import type { Page } from "../state/page";
import { FONT, onWhite, rectangle, text } from "../ui/drawing";
import { widthOf } from "../ui/textWidth";
import type { ComparePlot } from "./comparePlot";

const MARGIN = 12;
const LEAST_HEAD = 110; // the heads of the rows, at least
const [ROW, BAR] = [92, 44]; // of a sentence: its words, their bars and the shares
const [CHANGE, HALF] = [72, 24];
const STRIPE = 15;
const NONE = "#dbe1e9"; // where one side has no word

class ComparePicture {
  private readonly page: Page;
  private readonly plot: ComparePlot;
  /** How wide the heads of the rows are. */
  private readonly head: number;

  constructor(page: Page, plot: ComparePlot) {
    this.page = page;
    this.plot = plot;
    const { left, right, apart } = plot.found;
    const answers = [left, right].map(({ labels, answer, model }) => page.classOf(labels[answer], model));
    const parted = apart ? [page.classOf(left.labels[apart.label], left.model)] : [];
    const heads = [...answers, ...parted, page.say("compare_points")];
    this.head = Math.max(LEAST_HEAD, MARGIN + 14 + Math.max(...heads.map((said) => widthOf(said, `12px ${FONT}`))));
  }

  drawing(): SVGSVGElement {
    const { page, plot } = this;
    const { left, right, pairs, apart } = plot.found;
    const rows = [
      this.sentence(
        "A",
        left,
        pairs.map(([l]) => l),
        MARGIN,
      ),
      this.sentence(
        "B",
        right,
        pairs.map(([, r]) => r),
        MARGIN + ROW,
      ),
    ];
    let bottom = MARGIN + 2 * ROW;
    if (apart) {
      rows.push(this.change(page.classOf(left.labels[apart.label], left.model), bottom));
      bottom += CHANGE;
    }
    for (const { units, place } of plot.groups) {
      const title = page.blockOf(place, left);
      const name = [page.nameOf({ name: plot.signal }), title].filter(Boolean).join(" · ");
      rows.push(text(MARGIN, bottom + 22, name, { anchor: "start", weight: 600 }));
      bottom += 30;
      for (const unit of units) {
        rows.push(this.unit(unit, place, bottom));
        bottom += 3 * STRIPE + 8;
      }
    }
    const legend = this.legend(bottom + 14);
    const width = Math.max(this.x(pairs.length), legend.right) + MARGIN;
    return onWhite(Math.ceil(width), bottom + legend.tall + MARGIN, [rows, legend.parts]);
  }

  private x(column: number): number {
    const { edges } = this.plot;
    return this.head + edges[column] - edges[0];
  }
  private columns(draw: (at: number, from: number, wide: number) => unknown): unknown[] {
    return this.plot.found.pairs.map((_, at) => draw(at, this.x(at), this.x(at + 1) - this.x(at)));
  }

  private sentence(name: string, reading: Reading, words: (number | null)[], top: number): unknown {
    const { page } = this;
    const { classes, verdicts, winners, labels, answer, final, model } = reading;
    const told = [name, page.classOf(labels[answer], model), page.share(final[answer])];
    const heads = told.map((line, n) =>
      text(MARGIN, top + 34 + 16 * n, line, { anchor: "start", weight: n ? 400 : 700 }),
    );
    const bars = (t: number, from: number, wide: number) => {
      let bottom = top + 20 + BAR;
      return classes.stacking.map((place) => {
        const tall = BAR * verdicts[t][place];
        bottom -= tall;
        return rectangle(from + 4, bottom, wide - 8, tall, classes.colour(place, false));
      });
    };
    return [
      heads,
      this.columns((at, from, wide) => {
        const t = words[at];
        const middle = from + wide / 2;
        if (t === null) return text(middle, top + 44, "…");
        return [
          text(middle, top + 14, visible(reading.tokens[t]), { unknown: reading.unknown[t] }),
          bars(t, from, wide),
          text(middle, top + 20 + BAR + 14, page.share(verdicts[t][winners[t]]), { size: 11 }),
        ];
      }),
    ];
  }
  /** How far B is from A, in points of one class. */
  private change(label: string, top: number): unknown {
    const { page, plot } = this;
    const heads = ["B − A", label, page.say("compare_points")].map((line, n) =>
      text(MARGIN, top + 18 + 16 * n, line, { anchor: "start", weight: n ? 400 : 700 }),
    );
    const zero = top + 4 + HALF;
    return [
      heads,
      rectangle(this.head, zero, last(plot.edges) - plot.edges[0], 1, NONE),
      this.columns((at, from, wide) => {
        const pair = plot.found.pairs[at];
        const change = plot.found.change(pair);
        if (change === null) return text(from + wide / 2, zero + 4, "…");
        const tall = HALF * Math.abs(change);
        return [
          rectangle(from + 8, change < 0 ? zero : zero - tall, wide - 16, tall, plot.changeColour(change, false)),
          text(from + wide / 2, top + 2 * HALF + 18, plot.says.points(pair), { size: 11 }),
        ];
      }),
    ];
  }
  private unit(unit: number, place: Block, top: number): unknown {
    const { page, plot } = this;
    const { found, signal, far, limits } = plot;
    const { low, high } = limits;
    const cell = (value: number | null, line: number, from: number, wide: number, ends: [number, number]) =>
      value === null
        ? text(from + wide / 2, top + STRIPE * line + 11, "…", { size: 11 })
        : svg`<rect x=${from} y=${top + STRIPE * line} width=${wide - 1} height=${STRIPE - 1} stroke=${NONE}
            stroke-width="0.5" fill=${css(colourOf(value, ...ends, false))}></rect>`;
    return [
      text(this.head - 40, top + STRIPE + 11, page.say("unit", { unit }), { anchor: "end", size: 11 }),
      ["A", "B", "B − A"].map((name, n) =>
        text(this.head - 6, top + STRIPE * n + 11, name, { anchor: "end", size: 10 }),
      ),
      this.columns((at, from, wide) => [
        ...found.values(at, unit, signal, place).map((value, line) => cell(value, line, from, wide, [low, high])),
        cell(found.difference(at, unit, signal, place), 2, from, wide, [-far, far]),
      ]),
    ];
  }

  /** The classes' colours, and what those of the units reach to. */
  private legend(top: number): { parts: TemplateResult<2>[]; tall: number; right: number } {
    const { page, plot } = this;
    const { left, right, sameClasses } = plot.found;
    const sides = sameClasses ? [left] : [left, right];
    let x = MARGIN;
    const entry = (name: string, colour: string) => {
      const drawn = [rectangle(x, top, 11, 11, colour), text(x + 16, top + 10, name, { anchor: "start" })];
      x += 34 + widthOf(name, `12px ${FONT}`);
      return drawn;
    };
    const parts = sides.flatMap(({ classes, labels, model }) => {
      const others = labels.length - classes.shown.length;
      const shown = classes.shown.flatMap((place) =>
        entry(page.classOf(labels[place], model), classes.colour(place, false)),
      );
      return others ? [...shown, ...entry(page.say("other_classes", { count: others }), OTHER)] : shown;
    });
    if (!plot.groups.length) return { parts, tall: 30, right: x };
    const said = plot.says.aboutUnits(plot.groups, plot.far, plot.limits);
    const note = text(MARGIN, top + 30, said, { anchor: "start" });
    return { parts: [...parts, note], tall: 50, right: Math.max(x, MARGIN + widthOf(said, `12px ${FONT}`)) };
  }
}

export const comparePicture = (page: Page, plot: ComparePlot): SVGSVGElement =>
  new ComparePicture(page, plot).drawing();
