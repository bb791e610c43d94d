// Two readings side by side, drawn: A's words and answers, B's, and how far B is from A; of some units, the same three.

import { html, nothing, type TemplateResult } from "lit-html";
import { classMap } from "lit-html/directives/class-map.js";
import { guard } from "lit-html/directives/guard.js";
import { live } from "lit-html/directives/live.js";
import { colourOf, css, OTHER } from "../model/colours";
import { columnsOf } from "../model/columns";
import type { Comparison, Limits, Pair, UnitGroup } from "../model/comparison";
import { apart, last } from "../model/numbers";
import { type Block, sameBlock, type Unit } from "../model/place";
import type { Reading } from "../model/reading";
import type { ViewData } from "../model/viewData";
import type { Page } from "../state/page";
import { placeBetween } from "../ui/dom";
import type { TableContent } from "../ui/table";
import { widthOf } from "../ui/textWidth";
import { classEntries, legendEntry, sharesBar, wordName } from "../ui/word";
import { compareSentences } from "./compareSentences";

const MOST_UNITS = 4;
const NARROW = 560; // a room in which heads are short
const HEAD = "13px system-ui, -apple-system, 'Segoe UI', 'Noto Sans', sans-serif";
const PALEST = 0.45; // no change is paler

type Names = ReturnType<typeof compareSentences>;

class ComparePlot {
  readonly says: Names;
  readonly found: Comparison;
  readonly room: number;
  /** Where the columns begin and end. */
  readonly edges: readonly number[];
  /** The signal that is shown, and the units by layer and direction. */
  readonly signal: string;
  readonly groups: UnitGroup[];
  /** The unit that was pinned when the units were chosen. */
  readonly pinned: number | null;
  /** How far the scale of B − A reaches. */
  readonly far: number;
  /** How far that of the signal reaches, for all units that are shown. */
  readonly limits: Limits;
  private readonly page: Page;

  constructor(page: Page, found: Comparison, room: number) {
    this.page = page;
    this.found = found;
    this.room = room;
    this.says = compareSentences(page, found);
    const { left, right, pairs } = found;
    const words = pairs.map(([l, r]) => [l === null ? "" : left.tokens[l], r === null ? "" : right.tokens[r]]);
    this.edges = columnsOf({ words, gutter: this.gutter(), room: room - 2, measure: widthOf });
    this.signal = found.signalOf(page.view.signal).name;
    this.pinned = page.pinned.unit;
    this.groups = this.hasUnits ? this.chooseUnits() : [];
    this.far = Math.max(...this.groups.map(({ units, place }) => found.furthest(units, this.signal, place)));
    this.limits = this.hasUnits ? found.limits(this.signal, this.groups) : NO_UNITS;
  }

  /** Units are compared where one network, the page's own, has read two texts that differ. */
  get hasUnits(): boolean {
    const { sameNetwork, first, left } = this.found;
    return sameNetwork && first !== null && left.model === this.page.reading.model;
  }
  private chooseUnits(): UnitGroup[] {
    const { page, found } = this;
    return found.groupsOf(this.signal, found.within(page.blocks()), MOST_UNITS, page.pinned);
  }
  /** The heads are as wide as their widest word, within limits. */
  private gutter(): number {
    const { page, room } = this;
    const { left, right, apart } = this.found;
    const named = ({ labels, model }: Reading, place: number) => page.classOf(labels[place], model);
    const heads = [named(left, left.answer), named(right, right.answer), ...(apart ? [named(left, apart.label)] : [])];
    const words = [...heads, page.say("compare_points")].join(" ").split(/\s+/);
    const [least, most] = room < NARROW ? [74, 110] : [100, 150];
    return Math.min(most, Math.max(least, ...words.map((word) => Math.ceil(widthOf(word, HEAD)) + 10)));
  }
  /** The width of all columns, for `.style=`. */
  private get width(): string {
    return `width: ${last(this.edges) + 1}px; --rv-gutter: ${this.edges[0]}px`;
  }

  // --- words and answers ---------------------------------------------------------------------------------------------

  /** All columns, with one marked, and with one as the stop of the Tab key. */
  answers(at: number | null, stop: number): TemplateResult {
    const { pairs, sameClasses } = this.found;
    const stopAt = Math.min(stop, pairs.length - 1);
    const columns = pairs.map((pair, place) => this.column(pair, place, place === at, place === stopAt));
    return html`<div
      class=${sameClasses ? "rv-compare-rows" : "rv-compare-rows rv-apart"}
      .style=${this.width}
    >${guard([this], () => this.heads())}${columns}</div>`;
  }
  private heads(): TemplateResult {
    const { page } = this;
    const { left, right, apart } = this.found;
    const head = (name: string, lines: string[], classes = "rv-compare-head") =>
      html`<span class=${classes}><b>${name}</b>${lines.map((line) => html`<span>${line}</span>`)}</span>`;
    const answer = ({ model, labels, answer, final }: Reading) => [
      page.classOf(labels[answer], model),
      page.share(final[answer]),
    ];
    const change = apart ? [page.classOf(left.labels[apart.label], left.model), page.say("compare_points")] : [];
    return html`<div class="rv-compare-heads">${[
      head("A", answer(left)),
      head("B", answer(right)),
      head("B − A", change, "rv-compare-head rv-change"),
    ]}</div>`;
  }
  private column(pair: Pair, place: number, isHere: boolean, isStop: boolean): TemplateResult {
    const { left, right } = this.found;
    const inside = () => [this.cell(left, pair[0]), this.cell(right, pair[1]), this.change(pair)];
    const said = guard([this], () => this.says.column(pair));
    return html`<button
      type="button"
      class=${classMap({ "rv-compare-column": true, "rv-at": isHere })}
      data-column=${place}
      tabindex=${live(isStop ? 0 : -1)}
      aria-label=${said}
      title=${said}
      .style=${placeBetween(this.edges[place], this.edges[place + 1])}
    >${guard([this], inside)}</button>`;
  }
  private cell(reading: Reading, t: number | null): TemplateResult {
    if (t === null) return html`<span class="rv-compare-cell rv-gap"></span>`;
    const share = this.page.share(reading.verdicts[t][reading.winners[t]]);
    return html`<span class="rv-compare-cell">${wordName(reading, t)}${sharesBar(reading, t)}<span
      class="rv-share"
    >${share}</span></span>`;
  }
  changeColour(change: number, dark?: boolean): string {
    return css(colourOf(Math.sign(change) * (PALEST + (1 - PALEST) * Math.abs(change)), -1, 1, dark));
  }
  private change(pair: Pair): TemplateResult {
    const change = this.found.change(pair);
    if (change === null) return html`<span class="rv-compare-cell rv-change rv-gap"></span>`;
    const size = Math.abs(change);
    const colour = this.changeColour(change);
    const style = `height: ${50 * size}%; ${change < 0 ? "top" : "bottom"}: 50%; background: ${colour}`;
    return html`<span class="rv-compare-cell rv-change"><span class="rv-change-box"><span
      class="rv-change-bar"
      .style=${style}
    ></span></span><span class="rv-share">${this.says.points(pair)}</span></span>`;
  }

  legend({ labels, classes, model }: Reading): TemplateResult[] {
    const { page } = this;
    const others = labels.length - classes.shown.length;
    const shown = classEntries(classes, page.classesOf(labels, model));
    return others ? [...shown, legendEntry(page.say("other_classes", { count: others }), OTHER)] : shown;
  }

  // --- units ---------------------------------------------------------------------------------------------------------

  /** The unit of a row, if it is shown. */
  row({ unit, layer, direction }: Unit): Unit | null {
    const own = this.groups.find(({ place, units }) => sameBlock(place, { layer, direction }) && units.includes(unit));
    return own ? { unit, ...own.place } : null;
  }
  /** The rows of all layers and directions, with a column and a row marked. */
  units(at: number | null, row: Unit | null): TemplateResult[] {
    return this.groups.map((group) => this.group(group, at, row));
  }
  /** Those of one layer and direction, which are named where the network has several. */
  private group({ place, units }: UnitGroup, at: number | null, row: Unit | null): TemplateResult {
    const title = this.page.blockOf(place, this.found.left);
    const [left, right] = at === null ? [0, 0] : [this.edges[at], this.edges[at + 1]];
    const isHere = (unit: number) => row !== null && row.unit === unit && sameBlock(row, place);
    return html`<div class="rv-heat-rows" .style=${this.width}>${
      title ? html`<b class="rv-heat-block">${title}</b>` : nothing
    }<span class="rv-heat-here" ?hidden=${at === null} .style=${placeBetween(left, right)}></span>${units.map((unit) =>
      this.unit(unit, place, isHere(unit)),
    )}</div>`;
  }
  private unit(unit: number, place: Block, isHere: boolean): TemplateResult {
    const { page, room } = this;
    const name = room < NARROW ? page.count(unit) : page.say("unit", { unit });
    return html`<div
      class=${classMap({ "rv-heat-row": true, "rv-at": isHere })}
      data-unit=${unit}
      data-layer=${place.layer}
      data-direction=${place.direction}
    ><div class="rv-heat-head"><span class="rv-heat-unit">${name}</span><span
      class="rv-heat-letters"
      aria-hidden="true"
    ><span>A</span><span>B</span><span>B−A</span></span></div><span class="rv-stripes">${guard([this, unit], () =>
      this.stripes(unit, place),
    )}</span></div>`;
  }
  private stripes(unit: number, place: Block): TemplateResult[] {
    const { found, signal, far, limits } = this;
    const { low, high } = limits;
    const values = found.pairs.map((_, at) => found.values(at, unit, signal, place));
    const between = found.pairs.map((_, at) => found.difference(at, unit, signal, place));
    return [
      this.stripe(
        values.map(([before]) => before),
        low,
        high,
      ),
      this.stripe(
        values.map(([, after]) => after),
        low,
        high,
      ),
      this.stripe(between, -far, far),
    ];
  }
  /** A cell a column, as the stops of one gradient; where there is no word, the hatching behind it. */
  private stripe(values: (number | null)[], low: number, high: number): TemplateResult {
    const { edges } = this;
    const stops = values.flatMap((value, place) => {
      const colour = value === null ? "transparent" : css(colourOf(value, low, high));
      const [from, to] = [edges[place] - edges[0] + 1, edges[place + 1] - edges[0] - 1];
      return [`var(--rv-surface) ${from}px`, `${colour} ${from}px`, `${colour} ${to}px`, `var(--rv-surface) ${to}px`];
    });
    const hasGap = values.includes(null);
    const image = `linear-gradient(to right, ${stops.join(", ")})${hasGap ? ", var(--rv-hatch)" : ""}`;
    return html`<span
      class=${hasGap ? "rv-stripe rv-gap" : "rv-stripe"}
      .style=${`background-image: ${image}`}
    ></span>`;
  }

  /** A row a column of words: both words, the answers there, and the signal in the units that are shown. */
  numbers(): Pick<ViewData, "columns" | "rows"> {
    const { found, signal } = this;
    const { left, right, pairs } = found;
    const list = this.groups.flatMap(({ units, place }) => units.map((unit) => ({ unit, ...place })));
    const columns = [
      "word_a",
      "word_b",
      ...left.labels.map((label) => `p_a(${label})`),
      ...right.labels.map((label) => `p_b(${label})`),
      ...list.flatMap(({ unit, layer, direction }) =>
        ["a", "b"].map((side) => `${signal}_${side}_layer_${layer}_${direction ? "backward" : "forward"}_unit_${unit}`),
      ),
    ];
    const shares = ({ verdicts, labels }: Reading, t: number | null) =>
      t === null ? labels.map(() => null) : verdicts[t];
    const rows = pairs.map(([l, r], at) => [
      l === null ? null : left.tokens[l],
      r === null ? null : right.tokens[r],
      ...shares(left, l),
      ...shares(right, r),
      ...list.flatMap(({ unit, ...place }) => found.values(at, unit, signal, place)),
    ]);
    return { columns, rows };
  }
  /** The same units as numbers: A, B and B − A of each, a line a column of words. */
  table(): TableContent {
    const { page, found, signal } = this;
    const list = this.groups.flatMap(({ units, place }) => units.map((unit) => ({ unit, ...place })));
    const number = (value: number | null) => (value === null ? "" : page.signed(value));
    const trio = (at: number, { unit, ...place }: Unit) => {
      const [before, after] = found.values(at, unit, signal, place);
      return [before, after, before === null || after === null ? null : apart(before, after)].map(number);
    };
    const headsOf = (unit: Unit) =>
      ["A", "B", "B − A"].map((side) => `${page.say("unit", { unit: page.unitOf(unit) })} ${side}`);
    const name = page.nameOf({ name: signal });
    return {
      caption: page.say("heatmap", { signal: name, rows: list.length, columns: found.pairs.length }),
      heads: [page.say("word"), ...list.flatMap(headsOf)],
      rows: found.pairs.map((pair, at) => [found.word(pair), ...list.flatMap((unit) => trio(at, unit))]),
    };
  }
}

const NO_UNITS: Limits = { low: 0, high: 0, beyond: false };

export type { ComparePlot };
export const comparePlot = (page: Page, found: Comparison, room: number): ComparePlot =>
  new ComparePlot(page, found, room);
