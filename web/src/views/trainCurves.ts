// Loss and accuracy while a network learns; earlier runs of the same subject stay in the picture.

import type { Curve } from "../client/contract";
import type { Run } from "../model/run";
import type { Page } from "../state/page";
import { make, svgMake } from "../ui/dom";
import { type TableContent, tableDetails } from "../ui/table";
import { widthOf } from "../ui/textWidth";

type Figure = "loss" | "accuracy";
interface Point {
  x: number;
  y: number;
}
interface Room {
  left: number;
  right: number;
  top: number;
  bottom: number;
}
/** A value axis: its end, its ticks, the largest value, and the value that guessing among the classes gives. */
interface Axis {
  top: number;
  guess: number | null;
  ticks: number[];
  most: number;
  write(value: number): string;
}
/** A run that has a curve. */
export type Drawn = Run & { curve: Curve };

export const trainCurves = (page: Page) => {
  const TALL = 206;
  const PAD = { left: 46, right: 10, top: 10, bottom: 38 };
  const DASHES = [null, "7 4", "2 4", "9 3 2 3"]; // with their colours, runs are told apart
  const FONT = "13px system-ui, 'Segoe UI', 'Noto Sans', sans-serif";
  const MOST = 2.5; // times the loss of guessing: beyond, a line leaves the picture
  let shown: { runs: Drawn[]; classes: number } = { runs: [], classes: 0 };

  const legend = make("ul", { class: "rv-train-legend" });
  const figures = (["loss", "accuracy"] as const).map((name) => {
    const plot = make("div", { class: "rv-train-plot" });
    const beyond = make("p", { class: "rv-note" });
    return {
      name,
      plot,
      beyond,
      node: make("figure", {}, make("figcaption", { "data-say": `train_${name}` }), plot, beyond),
    };
  });
  const details = tableDetails(() => tableContent());
  const node = make(
    "div",
    { class: "rv-train-curves", hidden: "" },
    legend,
    make("div", { class: "rv-train-pair" }, ...figures.map((one) => one.node)),
    details.node,
  );

  const nameOf = ({ question: { cell, units, learning_rate } }: Run) =>
    page.say("train_run", { cell: page.say(`cell_${cell}`), count: units, rate: learning_rate });
  const resultOf = ({ state, answer: { held_out: kept, error } }: Run) => {
    if (error) return page.say("train_result_failed");
    if (state === "running") return page.say("train_result_running");
    return kept ? page.say("train_result", { right: percent(kept.accuracy) }) : page.say("train_result_none");
  };
  const percent = (value: number) => page.share(value, { maximumFractionDigits: 1 });

  const items = () =>
    shown.runs.map((run, place) => {
      const sample = svgMake(
        "svg",
        { width: 34, height: 10, "aria-hidden": "true" },
        svgMake("line", { class: `rv-run-${place}`, x1: 0, x2: 34, y1: 5, y2: 5, "stroke-dasharray": DASHES[place] }),
      );
      return make("li", {}, sample, make("span", {}, nameOf(run)), make("b", {}, resultOf(run)));
    });

  // The ends of the axis, and the value that guessing among the classes gives.
  const axisOf = (name: Figure): Axis => {
    const { runs, classes } = shown;
    if (name === "accuracy")
      return {
        top: 1,
        guess: classes ? 1 / classes : null,
        ticks: [0, 0.5, 1],
        write: (value) => page.share(value),
        most: 1,
      };
    const most = Math.max(...runs.flatMap((run) => run.curve.loss));
    const guess = classes ? Math.log(classes) : null;
    const wanted = guess ? Math.min(most, MOST * guess) : most;
    const step = [0.1, 0.2, 0.5, 1, 2, 5, 10].find((one) => wanted / one <= 4) ?? wanted / 4;
    const top = Math.max(step, guess ? guess * 1.15 : 0, wanted);
    const ticks = Array.from({ length: Math.floor(top / step) + 1 }, (_, place) => place * step);
    return { top, guess, ticks, write: (value: number) => page.written(value, { maximumFractionDigits: 1 }), most };
  };
  const crosses = (one: Point, next: Point, { left, right, top, bottom }: Room) => {
    const [from, to] = [Math.max(one.x, left), Math.min(next.x, right)];
    const y = (x: number) => (next.x > one.x ? one.y + ((next.y - one.y) * (x - one.x)) / (next.x - one.x) : one.y);
    return from <= to && Math.min(y(from), y(to)) < bottom && Math.max(y(from), y(to)) > top;
  };
  // Where a name lies at a height: of the places above and below, the one where the fewest of some lines pass.
  const placeOf = (words: string, height: number, width: number, lines: Point[][]): Point => {
    const long = widthOf(words, FONT);
    const [last, first] = [width - PAD.right, PAD.left + 4 + long];
    const places = [last, (first + last) / 2, first]
      .flatMap((x) => [height - 7, height + 17].map((y) => ({ x, y })))
      .filter(({ y }) => y < TALL - PAD.bottom);
    const passing = ({ x, y }: Point) => {
      const room = { left: x - long - 4, right: x + 4, top: y - 14, bottom: y + 6 };
      return lines.reduce((sum, line) => sum + line.filter((one, n) => n && crosses(line[n - 1], one, room)).length, 0);
    };
    const counts = places.map(passing);
    return places[counts.indexOf(Math.min(...counts))];
  };
  const picture = (name: Figure, width: number) => {
    const axis = axisOf(name);
    const x = (fraction: number) => PAD.left + fraction * (width - PAD.left - PAD.right);
    const y = (value: number) => PAD.top + (1 - value / axis.top) * (TALL - PAD.top - PAD.bottom);
    const across = (value: number, kind: string) =>
      svgMake("line", { class: kind, x1: PAD.left, x2: width - PAD.right, y1: y(value), y2: y(value) });
    const pointsOf = ({ curve }: Drawn) =>
      curve[name].map((value, n) => ({ x: x(curve.fraction[n]), y: y(Math.min(value, axis.top * 1.1)) }));
    const line = (run: Drawn, place: number) => {
      const points = pointsOf(run).map((one) => `${one.x.toFixed(1)} ${one.y.toFixed(1)}`);
      return svgMake("path", {
        class: `rv-run rv-run-${place}`,
        d: `M${points.join("L")}`,
        "stroke-dasharray": DASHES[place],
      });
    };
    const guessing = (guess: number) => {
      const grid = axis.ticks.map((value) => [
        { x: 0, y: y(value) },
        { x: width, y: y(value) },
      ]);
      const place = placeOf(page.say("train_guessing"), y(guess), width, [...grid, ...shown.runs.map(pointsOf)]);
      return svgMake("text", { class: "rv-train-last rv-train-guessing", ...place }, page.say("train_guessing"));
    };
    const end = ({ curve }: Drawn) => {
      const n = curve[name].length - 1;
      return svgMake("circle", {
        class: "rv-run-end",
        r: 4,
        cx: x(curve.fraction[n]),
        cy: y(Math.min(curve[name][n], axis.top)),
      });
    };
    const inner = svgMake("svg", {
      x: 0,
      y: PAD.top - 3,
      width,
      height: TALL - PAD.top - PAD.bottom + 6,
      viewBox: `0 ${PAD.top - 3} ${width} ${TALL - PAD.top - PAD.bottom + 6}`,
    });
    inner.append(...shown.runs.map(line).reverse(), end(shown.runs[0]));
    return svgMake(
      "svg",
      { width, height: TALL, role: "img", "aria-label": page.say(`train_${name}`) },
      ...axis.ticks.map((value) => across(value, "rv-train-tick")),
      ...axis.ticks.map((value) =>
        svgMake("text", { class: "rv-train-number", x: PAD.left - 8, y: y(value) }, axis.write(value)),
      ),
      axis.guess ? across(axis.guess, "rv-train-guess") : "",
      svgMake("text", { class: "rv-train-first", x: x(0), y: TALL - 21 }, page.share(0)),
      svgMake("text", { class: "rv-train-axis", x: x(0.5), y: TALL - 5 }, page.say("train_axis")),
      svgMake("text", { class: "rv-train-last", x: x(1), y: TALL - 21 }, page.share(1)),
      axis.guess ? guessing(axis.guess) : "",
      inner,
    );
  };
  const fill = () => {
    for (const { name, plot, beyond } of figures) {
      if (!plot.clientWidth) continue;
      plot.replaceChildren(picture(name, plot.clientWidth));
      const { top, most } = axisOf(name);
      beyond.textContent =
        most > top ? page.say("train_beyond", { most: most > 1e6 ? page.small(most) : page.signed(most) }) : "";
    }
  };
  const tableContent = (): TableContent | null => {
    if (!shown.runs.length) return null;
    const [run] = shown.runs;
    const { loss, accuracy, fraction } = run.curve;
    const every = Math.ceil(loss.length / 20);
    const rows = loss.map((one, n) => [percent(fraction[n]), page.signed(one), percent(accuracy[n])]);
    return {
      caption: nameOf(run),
      heads: ["train_axis", "train_loss", "train_accuracy"].map((key) => page.say(key)),
      rows: rows.filter((_, n) => n % every === 0 || n === rows.length - 1),
    };
  };

  // The runs, of which the first is under way or has just ended; the number of classes, 0 if it is unknown.
  const draw = (runs: Drawn[], classes: number) => {
    shown = { runs, classes };
    node.hidden = !runs.length;
    if (!runs.length) return;
    node.dataset.points = String(runs[0].curve.loss.length);
    node.dataset.runs = String(runs.length);
    legend.replaceChildren(...items());
    fill();
    details.draw();
  };
  return { node, draw };
};
