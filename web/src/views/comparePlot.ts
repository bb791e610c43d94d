// Two readings side by side, drawn: A's words and answers, B's, and how far B is from A; of some units, the same three.

import type { ReadSignal } from "../client/contract";
import { colourOf, css, OTHER } from "../model/colours";
import { columnsOf } from "../model/columns";
import { type Comparison, isWhole, type Pair } from "../model/comparison";
import { apart } from "../model/numbers";
import type { Block } from "../model/place";
import type { Reading } from "../model/reading";
import { isolated } from "../model/text";
import type { Page } from "../state/page";
import { make, span } from "../ui/dom";
import type { TableContent } from "../ui/table";
import { widthOf } from "../ui/textWidth";
import { classEntries, legendEntry, sharesBar, wordName } from "../ui/word";

/** The units of a layer and direction that are shown: those that differ most, and the pinned one. */
export interface UnitGroup {
  place: Block;
  most: number[];
  units: number[];
}

export const comparePlot = (page: Page) => {
  const NARROW = 560;
  const HEAD = "13px system-ui, -apple-system, 'Segoe UI', 'Noto Sans', sans-serif";

  // --- words and answers ---------------------------------------------------------------------------------------------

  const bars = (reading: Reading, t: number | null) => {
    if (t === null) return make("span", { class: "rv-compare-cell rv-gap" });
    const share = make("span", { class: "rv-share" }, page.share(reading.verdicts[t][reading.winners[t]]));
    return make("span", { class: "rv-compare-cell" }, wordName(reading, t), sharesBar(reading, t), share);
  };
  /** The change in points: in whole per cent, with its sign. */
  const points = (found: Comparison, pair: Pair) => {
    const label = found.apart?.label;
    if (label === undefined || !isWhole(pair)) return "";
    const [before, after] = [found.left.verdicts[pair[0]][label], found.right.verdicts[pair[1]][label]];
    const whole = Math.round(100 * apart(before, after));
    return `${whole > 0 ? "+" : whole < 0 ? "−" : ""}${page.count(Math.abs(whole))}`;
  };
  const change = (found: Comparison, pair: Pair) => {
    const difference = found.change(pair);
    if (difference === null) return make("span", { class: "rv-compare-cell rv-change rv-gap" });
    const bar = make("span", { class: "rv-change-bar" });
    bar.style.height = `${50 * Math.abs(difference)}%`;
    bar.style[difference < 0 ? "top" : "bottom"] = "50%";
    // Never too pale.
    bar.style.background = css(colourOf(Math.sign(difference) * (0.45 + 0.55 * Math.abs(difference)), -1, 1));
    const box = make("span", { class: "rv-change-box" }, bar);
    return make(
      "span",
      { class: "rv-compare-cell rv-change" },
      box,
      make("span", { class: "rv-share" }, points(found, pair)),
    );
  };
  // A column in words, for who points at it or hears it.
  const says = (found: Comparison, pair: Pair) => {
    const part = (reading: Reading, t: number | null) => {
      if (t === null) return page.say("compare_gap");
      const winner = reading.winners[t];
      return page.say("word_says", {
        word: isolated(reading.tokens[t]),
        label: page.classOf(reading.labels[winner]),
        share: page.share(reading.verdicts[t][winner]),
      });
    };
    const values = { one: part(found.left, pair[0]), other: part(found.right, pair[1]) };
    if (found.apart === null || found.change(pair) === null) return page.say("compare_column", values);
    return page.say("compare_column_change", {
      ...values,
      label: page.classOf(found.left.labels[found.apart.label]),
      points: points(found, pair),
    });
  };
  const column = (found: Comparison, pair: Pair, place: number, edges: readonly number[]) => {
    const said = says(found, pair);
    const node = make(
      "button",
      {
        type: "button",
        class: "rv-compare-column",
        "data-column": place,
        tabindex: place ? -1 : 0,
        "aria-label": said,
        title: said,
      },
      bars(found.left, pair[0]),
      bars(found.right, pair[1]),
      change(found, pair),
    );
    span(node, edges[place], edges[place + 1]);
    return node;
  };
  const heads = ({ left, right, apart }: Comparison) => {
    const head = (name: string, ...lines: string[]) =>
      make("span", { class: "rv-compare-head" }, make("b", {}, name), ...lines.map((line) => make("span", {}, line)));
    const answer = (name: string, reading: Reading) =>
      head(name, page.classOf(reading.labels[reading.answer]), page.share(reading.final[reading.answer]));
    const last = head("B − A", ...(apart ? [page.classOf(left.labels[apart.label]), page.say("compare_points")] : []));
    last.classList.add("rv-change");
    return make("div", { class: "rv-compare-heads" }, answer("A", left), answer("B", right), last);
  };
  const wide = (name: string, edges: readonly number[], ...inside: (Node | string | null)[]) => {
    const box = make("div", { class: name }, ...inside);
    box.style.width = `${edges[edges.length - 1] + 1}px`;
    box.style.setProperty("--rv-gutter", `${edges[0]}px`);
    return box;
  };
  // The heads are as wide as their widest word, within limits.
  const gutterOf = ({ left, right, apart }: Comparison, room: number) => {
    const labels = [left.labels[left.answer], right.labels[right.answer], ...(apart ? [left.labels[apart.label]] : [])];
    const words = [...labels.map(page.classOf), page.say("compare_points")].join(" ").split(/\s+/);
    const [least, most] = room < NARROW ? [74, 110] : [100, 150];
    return Math.min(most, Math.max(least, ...words.map((word) => Math.ceil(widthOf(word, HEAD)) + 10)));
  };
  const edgesOf = (found: Comparison, room: number) => {
    const { left, right, pairs } = found;
    const words = pairs.map(([l, r]) => [l === null ? "" : left.tokens[l], r === null ? "" : right.tokens[r]]);
    return columnsOf({ words, gutter: gutterOf(found, room), room: room - 2, measure: widthOf });
  };
  const answers = (found: Comparison, edges: readonly number[]) => {
    const name = found.sameClasses ? "rv-compare-rows" : "rv-compare-rows rv-apart";
    return wide(name, edges, heads(found), ...found.pairs.map((pair, place) => column(found, pair, place, edges)));
  };

  const legend = ({ labels, classes }: Reading) => {
    const others = labels.length - classes.shown.length;
    const shown = classEntries(classes, labels, page.classOf);
    return others ? [...shown, legendEntry(page.say("other_classes", { count: others }), OTHER)] : shown;
  };

  // --- units ---------------------------------------------------------------------------------------------------------

  // One row of one unit: a cell a column, as the stops of one gradient; where there is no word, the hatching behind it.
  const stripe = (values: (number | null)[], low: number, high: number, edges: readonly number[]) => {
    const stops = values.flatMap((value, place) => {
      const colour = value === null ? "transparent" : css(colourOf(value, low, high));
      const [from, to] = [edges[place] - edges[0] + 1, edges[place + 1] - edges[0] - 1];
      return [`var(--rv-surface) ${from}px`, `${colour} ${from}px`, `${colour} ${to}px`, `var(--rv-surface) ${to}px`];
    });
    const gap = values.includes(null);
    const row = make("span", { class: gap ? "rv-stripe rv-gap" : "rv-stripe" });
    row.style.backgroundImage = `linear-gradient(to right, ${stops.join(", ")})${gap ? ", var(--rv-hatch)" : ""}`;
    return row;
  };
  const unitRows = (
    found: Comparison,
    unit: number,
    far: number,
    signal: string,
    place: Block,
    edges: readonly number[],
    room: number,
  ) => {
    const { low, high } = found.limits(signal);
    const values = found.pairs.map((_, at) => found.values(at, unit, signal, place));
    const between = found.pairs.map((_, at) => found.difference(at, unit, signal, place));
    const name = make("span", { class: "rv-heat-unit" }, room < NARROW ? page.count(unit) : page.say("unit", { unit }));
    const letters = make(
      "span",
      { class: "rv-heat-letters", "aria-hidden": "true" },
      ...["A", "B", "B−A"].map((letter) => make("span", {}, letter)),
    );
    const stripes = [
      stripe(
        values.map(([before]) => before),
        low,
        high,
        edges,
      ),
      stripe(
        values.map(([, after]) => after),
        low,
        high,
        edges,
      ),
      stripe(between, -far, far, edges),
    ];
    return make(
      "div",
      { class: "rv-heat-row", "data-unit": unit, "data-layer": place.layer, "data-direction": place.direction },
      make("div", { class: "rv-heat-head" }, name, letters),
      make("span", { class: "rv-stripes" }, ...stripes),
    );
  };
  // Of one layer and direction, which are named where the network has several.
  const units = (
    found: Comparison,
    { units: list, place }: UnitGroup,
    far: number,
    signal: string,
    edges: readonly number[],
    room: number,
  ) => {
    const title = page.blockOf(place, found.left);
    const rows = list.map((unit) => unitRows(found, unit, far, signal, place, edges, room));
    return wide(
      "rv-heat-rows",
      edges,
      title ? make("b", { class: "rv-heat-block" }, title) : null,
      make("span", { class: "rv-heat-here" }),
      ...rows,
    );
  };

  // The same units as numbers: A, B and B − A of each, a line a column of words.
  const table = (found: Comparison, groups: UnitGroup[], signal: ReadSignal): TableContent => {
    const list = groups.flatMap(({ units: some, place }) => some.map((unit) => ({ unit, place })));
    const number = (value: number | null) => (value === null ? "" : page.signed(value));
    const trio = (at: number, { unit, place }: { unit: number; place: Block }) => {
      const [before, after] = found.values(at, unit, signal.name, place);
      return [before, after, before === null || after === null ? null : apart(before, after)].map(number);
    };
    const heads = list.flatMap(({ unit, place }) =>
      ["A", "B", "B − A"].map((side) => `${page.say("unit", { unit: page.unitOf({ unit, ...place }) })} ${side}`),
    );
    const rows = found.pairs.map((pair, at) => [found.word(pair), ...list.flatMap((one) => trio(at, one))]);
    const caption = page.say("heatmap", {
      signal: page.nameOf(signal),
      rows: list.length,
      columns: found.pairs.length,
    });
    return { caption, heads: [page.say("word"), ...heads], rows };
  };

  return { edgesOf, answers, legend, units, says, table };
};
